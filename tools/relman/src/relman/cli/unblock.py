"""`relman unblock`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import (
    HERE,
    EnvironmentArgument,
    Folder,
    Output,
    OutputOption,
    complete_version,
)


def unblock(
    environment: EnvironmentArgument,
    version: Annotated[
        str,
        typer.Argument(
            metavar="VERSION", help="The blocked release.", autocompletion=complete_version
        ),
    ],
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why it may come back; recorded.")],
    folder: Folder = HERE,
    output: OutputOption = Output.text,
) -> None:
    """Let a release come back that a rollback left behind.

    Example: relman unblock prod 1.4.0 --reason "the payment provider is back"
    """
    from relman.cli import console
    from relman.operations import workspace
    from relman.operations.unblock import unblock as run

    with workspace.opened(folder, progress=console.say) as here:
        record = run(here, environment, version, reason)
    console.emit(record, output, lambda: console.say(f"{version} may enter {environment} again"))
