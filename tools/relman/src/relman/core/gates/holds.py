"""The gate `hold`: nobody has asked to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.results import unknown

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def holds(given: GateInput) -> GateResult:
    """Neither the environment nor a service that would change is held."""
    name = given.environment.name
    return unknown("hold", "can't be judged yet", f"leave it out of the gates of {name}")
