"""`relman why`."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
)

if TYPE_CHECKING:
    from relman.operations.why import Why


def why(
    environment: EnvironmentArgument,
    version: VersionArgument = None,
    folder: Folder = HERE,
    base: Base = None,
    pull: Pull = False,
    offline: Offline = False,
    output: OutputOption = Output.text,
) -> None:
    """Show what keeps a release out of an environment, and when it could go in.

    Every gate with its verdict, what to do, and the earliest time at which the gates that wait
    for one pass together. Without VERSION: the release that comes next, as for plan. Ends with 1
    unless every gate passes.

    Example: relman why prod 1.4.0
    """
    from relman.cli import console
    from relman.cli.reading import looking
    from relman.core.errors import ExitCode
    from relman.operations import circumstances, evidence
    from relman.operations.why import why as run

    gather = evidence.looking(offline=offline, base=base)
    with looking(folder, base) as (here, repository):
        around = circumstances.of(here, gather=gather)
        found = run(repository, environment, version, around, pull=pull)
    console.emit(found, output, lambda: _show(found))
    if not found.passes:
        raise typer.Exit(ExitCode.REFUSED)


def _show(found: Why) -> None:
    from relman.cli import console

    now = found.from_release or "nothing"
    console.line(f"{found.action} {found.environment}: {found.release} (now {now})", "bold")
    rows = [
        (one.gate, one.verdict, one.summary, one.next_step or "-", one.earliest or "-")
        for one in found.gates
    ]
    console.table(("gate", "verdict", "why", "what to do", "earliest"), rows)
    console.line()
    console.line(_ending(found))


def _never(found: Why) -> bool:
    """Whether it is the windows that name no time: what soaks does, or is done."""
    soaking = [one for one in found.gates if one.gate == "soak" and not one.opens]
    return all(one.earliest for one in soaking) and any(
        one.gate == "windows" for one in found.gates
    )


def _ending(found: Why) -> str:
    """The answer in one line."""
    closed = [one.gate for one in found.gates if not one.opens]
    if not closed:
        return "every gate passes now"
    timed = [one.gate for one in found.gates if one.gate in ("soak", "windows")]
    others = ", ".join(gate for gate in closed if gate not in timed)
    if not set(timed) & set(closed):
        return f"no gate waits for a time; what must pass: {others}"
    if found.earliest is None and _never(found):
        return f"windows opens no more within two years; what must pass: {', '.join(closed)}"
    if found.earliest is None:
        return f"no time can be named yet; what must pass: {', '.join(closed)}"
    also = f"; what must pass too: {others}" if others else ""
    verb = "pass together" if timed[1:] else "passes"
    return f"{' and '.join(timed)} {verb} from {found.earliest}{also}"
