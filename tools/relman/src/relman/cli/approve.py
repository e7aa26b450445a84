"""`relman approve`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import (
    HERE,
    EnvironmentArgument,
    Folder,
    Output,
    OutputOption,
    VersionArgument,
)


def approve(
    environment: EnvironmentArgument,
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why; recorded.")],
    version: VersionArgument = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="SERVICE", help="Of what `relman promote --only SERVICE` would bring."
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(
            metavar="HASH", help="Refuse unless the plan still has this hash, or begins with it."
        ),
    ] = None,
    folder: Folder = HERE,
    output: OutputOption = Output.text,
) -> None:
    """Approve the plan of a release for an environment.

    Without VERSION: what would come next there, as `relman plan` has it. The approval is of
    this very plan: when the release or the environment's own files change, it no longer counts.

    Example: relman approve prod 1.4.0 --reason "tested by the payments team"
    """
    from relman.cli import console
    from relman.operations import workspace
    from relman.operations.approve import Wanted
    from relman.operations.approve import approve as run

    with workspace.opened(folder, progress=console.say) as here:
        made = run(here, environment, version, reason, Wanted(plan, only))
    said = f"{made.by} approved {made.release} for {environment} (plan {made.plan})"
    console.emit(made, output, lambda: console.say(said))
