"""The gate `target`: the clusters can take what is coming."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.results import unknown

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def target(given: GateInput) -> GateResult:
    """The target's clusters serve and hold what the plan's objects need."""
    name = given.environment.name
    return unknown("target", "can't be judged yet", f"leave it out of the gates of {name}")
