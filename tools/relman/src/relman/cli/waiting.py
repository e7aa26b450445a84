"""How long to wait: the lengths of time that options give, and what waiting needs of a machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relman.operations.wait import Time
    from relman.operations.watching import Watch


def seconds(option: str, text: str) -> int:
    """An option's length of time, in seconds. Raises Invalid for what isn't one."""
    from relman.core import durations
    from relman.core.errors import Invalid

    try:
        return durations.parse(text)
    except ValueError as error:
        raise Invalid(f"{option}: {error}", hint="as in 90s, 10m, 1h30m or 0") from error


def real() -> Time:
    """Time as it passes."""
    from relman.operations.wait import Time

    return Time(time.sleep, time.monotonic)


def limits(wait: bool, timeout: str, *, rollback: bool = False, watch: str = "0s") -> Watch | None:
    """How to wait after a change, and to watch; None where neither is asked for."""
    from relman.operations.watching import Watch

    limit, watched = seconds("--timeout", timeout), seconds("--watch", watch)
    if not wait and not rollback:
        return None
    return Watch(real(), limit, watched if rollback else 0, rollback)
