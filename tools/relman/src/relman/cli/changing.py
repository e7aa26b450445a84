"""What the commands that change an environment share: the terms, and how they report."""

from __future__ import annotations

import contextlib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from relman.cli import console, plans
from relman.cli.options import Output
from relman.core.errors import Invalid, RelmanError
from relman.operations import workspace
from relman.operations.applying import Decision
from relman.operations.change import Outcome, Terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from relman.core.models.live import EnvironmentHealth
    from relman.core.models.plan import Plan
    from relman.operations.change import Report
    from relman.operations.workspace import Workspace


class _Report:
    """Tells people at once, and keeps what -o json prints at the end."""

    def __init__(self) -> None:
        self.done: list[Outcome] = []

    def __call__(self, outcome: Outcome) -> None:
        self.done.append(outcome)
        plans.report(outcome)

    def health(self, found: EnvironmentHealth) -> None:
        self.done[-1] = self.done[-1].model_copy(update={"health": found})


@contextlib.contextmanager
def changing(
    folder: Path,
    reason: str,
    accept: Sequence[str] | None,
    dry_run: bool,
    yes: bool,
    pull: bool,
    output: Output,
    *,
    hotfix: bool = False,
    emergency: Sequence[str] | None = None,
) -> Iterator[tuple[Workspace, Terms, Report]]:
    """The workspace, the terms of the change, and a function that reports an outcome.

    With -o json the outcomes are printed at the end, a refused one as not done.
    """
    if hotfix and not reason:
        raise Invalid("--hotfix needs a reason", hint="--reason WHY; the record keeps it")
    report = _Report()
    agree = plans.agreement(
        yes=yes, dry_run=dry_run, quiet=output is Output.json, accepted=accept or ()
    )
    shown: list[Plan] = []

    def remember(plan: Plan) -> bool:
        shown.append(plan)
        return agree(plan)

    terms = Terms(
        agree=remember,
        decision=Decision(
            reason, tuple(accept or ()), hotfix=hotfix, emergency=tuple(emergency or ())
        ),
        dry_run=dry_run,
        pull=pull,
    )
    with workspace.opened(folder, progress=console.say) as here:
        try:
            yield here, terms, report
        except RelmanError:
            known = len(report.done)
            report.done += [Outcome(plan=plan, done=False) for plan in shown[known:][-1:]]
            raise
        finally:
            if output is Output.json:
                console.print_json(report.done)
            _note_unused(accept or (), shown)
            workspace.tidy_cache()


def _note_unused(accepted: Sequence[str], plans_shown: Sequence[Plan]) -> None:
    risks = [risk.id for plan in plans_shown for risk in plan.risks]
    for pattern in accepted:
        if not any(fnmatchcase(one, pattern) for one in risks):
            console.say(f"note: no risk is called {pattern}")
