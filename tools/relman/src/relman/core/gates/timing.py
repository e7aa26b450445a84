"""When the gates that wait for a time can all pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import times
from relman.core import windows as calendar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from relman.core.models.gates import Gates
    from relman.core.models.record import GateResult


def earliest(results: Sequence[GateResult], gates: Gates, now: datetime) -> datetime | None:
    """The first instant from `now` on at which `soak` and `windows` both pass, if nothing
    interrupts what soaks; None where that can't be said, or is more than two years away.

    A soak that is over stays over, so it is the first open instant from its end on.
    """
    at = _soaked(results, now)
    if at is None or gates.windows is None or _exempt(results):
        return at
    return calendar.next_open(gates.windows, at)


def _soaked(results: Sequence[GateResult], now: datetime) -> datetime | None:
    for result in results:
        if result.gate == "soak" and result.verdict != "pass":
            return max(now, times.read(result.earliest)) if result.earliest else None
    return now


def _exempt(results: Sequence[GateResult]) -> bool:
    return any(result.gate == "windows" and "exempt" in result.evidence for result in results)
