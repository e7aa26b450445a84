"""`relman hold` and `relman resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relman.cli.options import HERE, EnvironmentArgument, Folder, Output, OutputOption

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from relman.core.models.decision import Decision
    from relman.operations.workspace import Workspace

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
    from relman.operations.hold import hold as run

    _decide(run, "is on hold", environment, service, reason, folder, output)


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
    from relman.operations.hold import resume as run

    _decide(run, "is no longer on hold", environment, service, reason, folder, output)


def _decide(
    run: Callable[[Workspace, str, str | None, str], Decision],
    outcome: str,
    environment: str,
    service: str | None,
    reason: str,
    folder: Path,
    output: Output,
) -> None:
    """Makes the decision and says in a sentence what it has come to."""
    from relman.cli import console
    from relman.operations import workspace

    with workspace.opened(folder, progress=console.say) as here:
        made = run(here, environment, service, reason)
    what = f"{service} in {environment}" if service else environment
    said = f"{what} {outcome} since {made.time}, by {made.by}: {made.reason}"
    console.emit(made, output, lambda: console.say(said))
