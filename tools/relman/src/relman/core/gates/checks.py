"""The gate `checks`: what the project checks by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.outside import answer
from relman.core.gates.results import passed

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def checks(given: GateInput) -> GateResult:
    """Every declared command and request gives what is expected; a rollback isn't held up."""
    if given.action == "rollback":
        return passed("checks", "not asked of a rollback")
    found = {one.name: one for one in given.evidence.checks}
    names = [check.name for check in given.environment.gates.checks]
    ran = [found[name] for name in names if name in found]
    return answer(
        given,
        "checks",
        wrong=[f"{one.name}: {one.said}" for one in ran if one.outcome == "fail"],
        open_=[f"{one.name}: {one.said}" for one in ran if one.outcome == "unknown"]
        + [f"{name} was not run" for name in names if name not in found],
        right=f"{', '.join(names)} as expected",
        next_step="look at its output: relman plan -o json",
        evidence={"checks": [one.stated() for one in ran]},
    )
