"""`relman plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relman.cli.options import (
    HERE,
    Base,
    EnvironmentArgument,
    Folder,
    Offline,
    Output,
    OutputOption,
    Pull,
    VersionArgument,
    Worktree,
)
from relman.core.errors import ExitCode

if TYPE_CHECKING:
    from relman.operations.planning import Prepared


def plan(
    environment: EnvironmentArgument,
    version: VersionArgument = None,
    folder: Folder = HERE,
    base: Base = None,
    worktree: Worktree = False,
    pull: Pull = False,
    offline: Offline = False,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code",
            help="End with 5 when something would change, with 1 when that would be refused.",
        ),
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Show what would change: objects, fields, restarts, risks, gates. Needs no cluster.

    Without VERSION: what the environment before it runs, or the newest release where there is
    none before. Upstream charts that aren't in the cache are shown by version and values. Gates
    that the environment declares are asked, where what they ask is reached from here.

    Example: relman plan prod 1.4.0 -o json
    """
    from relman.cli import console, plans
    from relman.cli.reading import looking
    from relman.operations import circumstances, evidence
    from relman.operations.plan import plan as run

    gather = evidence.looking(offline=offline, base=base)
    with looking(folder, base, worktree=worktree) as (here, repository):
        around = circumstances.of(here, gather=gather)
        prepared = run(repository, environment, version, around, pull=pull)
    console.emit(prepared.plan, output, lambda: plans.show(prepared.plan))
    if exit_code:
        raise typer.Exit(int(_meaning(prepared)))


def _meaning(prepared: Prepared) -> ExitCode:
    """What applying the plan would do: nothing, a change, or refuse for a gate or a risk."""
    from relman.operations.change import settled

    if settled(prepared):
        return ExitCode.DONE
    refused = prepared.plan.risks or not prepared.plan.passes
    return ExitCode.REFUSED if refused else ExitCode.DIFFERENT
