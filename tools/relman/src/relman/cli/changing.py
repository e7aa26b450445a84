"""What the commands that change an environment share: the terms, and how they report."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from relman.cli import console, plans
from relman.cli.options import Output
from relman.operations import workspace
from relman.operations.applying import Decision
from relman.operations.change import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from relman.operations.change import Outcome
    from relman.operations.workspace import Workspace


@contextlib.contextmanager
def changing(
    folder: Path,
    reason: str,
    accept: Sequence[str] | None,
    dry_run: bool,
    yes: bool,
    pull: bool,
    output: Output,
) -> Iterator[tuple[Workspace, Terms, Callable[[Outcome], None]]]:
    """The workspace, the terms of the change, and a function that reports an outcome.

    With -o json the outcomes are printed at the end, also when a later one was refused.
    """
    done: list[Outcome] = []

    def report(outcome: Outcome) -> None:
        done.append(outcome)
        plans.report(outcome)

    terms = Terms(
        agree=plans.agreement(yes=yes, dry_run=dry_run, quiet=output is Output.json),
        decision=Decision(reason, tuple(accept or ())),
        dry_run=dry_run,
        pull=pull,
    )
    with workspace.opened(folder, progress=console.say) as here:
        try:
            yield here, terms, report
        finally:
            if output is Output.json:
                console.print_json(done)
