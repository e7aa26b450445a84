"""The gate `soak`: the release has proved itself upstream for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.results import unknown

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def soak(given: GateInput) -> GateResult:
    """The release has run upstream for the duration, without interruption."""
    name = given.environment.name
    return unknown("soak", "can't be judged yet", f"leave it out of the gates of {name}")
