"""`relman hold` and `relman resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import HERE, EnvironmentArgument, Folder, Output, OutputOption

Service = Annotated[
    str | None,
    typer.Option(metavar="SERVICE", help="This service only; the environment without it."),
]


def hold(
    environment: EnvironmentArgument,
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why; recorded.")],
    service: Service = None,
    folder: Folder = HERE,
    output: OutputOption = Output.text,
) -> None:
    """Keep an environment, or one service in it, as it is.

    Until `relman resume` nothing is deployed, promoted or refreshed there; with --service,
    nothing that changes its image. A rollback passes.

    Example: relman hold prod --reason "the spring sale runs until Sunday"
    """
    from relman.cli import console
    from relman.operations import workspace
    from relman.operations.hold import hold as run

    with workspace.opened(folder, progress=console.say) as here:
        made = run(here, environment, service, reason)
    what = f"{service} in {environment}" if service else environment
    said = f"{what} is on hold since {made.time}, by {made.by}: {made.reason}"
    console.emit(made, output, lambda: console.say(said))


def resume(
    environment: EnvironmentArgument,
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why; recorded.")],
    service: Service = None,
    folder: Folder = HERE,
    output: OutputOption = Output.text,
) -> None:
    """End a hold of an environment, or of one service in it.

    Example: relman resume prod --reason "the sale is over"
    """
    from relman.cli import console
    from relman.operations import workspace
    from relman.operations.hold import resume as run

    with workspace.opened(folder, progress=console.say) as here:
        made = run(here, environment, service, reason)
    what = f"{service} in {environment}" if service else environment
    said = f"{what} is no longer on hold since {made.time}, by {made.by}: {made.reason}"
    console.emit(made, output, lambda: console.say(said))
