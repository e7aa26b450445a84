"""Asks the gates: of a plan now, and of a record once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import emergency, gates
from relman.operations import gate_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relman.core.models.plan import Plan
    from relman.core.models.record import GateResult, Record
    from relman.core.models.release import Release
    from relman.operations.circumstances import Circumstances
    from relman.operations.comparison import Difference
    from relman.operations.planning import Intent
    from relman.operations.repository import Repository


def judged(
    repository: Repository,
    plan: Plan,
    intent: Intent,
    found: Sequence[Difference],
    around: Circumstances,
) -> tuple[GateResult, ...]:
    """The gates' answers to a plan, with those skipped that an emergency names."""
    answers = gates.judge(gate_input.of_plan(repository, plan, intent, found, around))
    return emergency.skipping(answers, plan.action, around.emergency, around.reason)


def again(base: Repository, release: Release, record: Record) -> tuple[GateResult, ...]:
    """The verdicts that a record's gates should have had at its base, of those that git alone can
    answer: for the windows at the time that the record says, for soak as if all had been well."""
    return gates.judge_again(gate_input.of_record(base, release, record))
