"""Durations as people write them: 90s, 30m, 24h, 7d, 1h30m."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

DURATION = r"^(\d{1,6}[dhms]){1,4}$"
SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
NONE = ("0", "0s")
MOST = 3_660 * SECONDS["d"]
PART = re.compile(r"(\d+)([dhms])")


def _ordered(text: str) -> str:
    units = [unit for _, unit in PART.findall(text)]
    if units != sorted(set(units), key=list(SECONDS).index):
        raise ValueError(f"{text!r} must name each unit once, the largest first, as in 1h30m")
    if not 0 < seconds(text) <= MOST:
        raise ValueError(f"{text!r} must be more than nothing and at most ten years")
    return text


Duration = Annotated[str, StringConstraints(pattern=DURATION), AfterValidator(_ordered)]


def parse(text: str) -> int:
    """How many seconds a duration is that somebody has typed; none at all, `0`, is one too.
    Raises ValueError for anything else.

    >>> parse("1h30m"), parse("0")
    (5400, 0)
    """
    if text in NONE:
        return 0
    if not re.fullmatch(DURATION, text):
        raise ValueError(f"{text!r} is not a length of time")
    return seconds(_ordered(text))


def seconds(text: str) -> int:
    """How many seconds a duration is.

    >>> seconds("1h30m")
    5400
    """
    return sum(int(count) * SECONDS[unit] for count, unit in PART.findall(text))


def delta(text: str) -> timedelta:
    """The same as a timedelta."""
    return timedelta(seconds=seconds(text))


def shown(length: timedelta) -> str:
    """A length of time in its two largest units, for people.

    >>> shown(timedelta(hours=23, minutes=59, seconds=59))
    '23h59m'
    """
    left = max(0, int(length.total_seconds()))
    parts = []
    for unit, size in SECONDS.items():
        count, left = divmod(left, size)
        parts.append(f"{count}{unit}" if count else "")
    first = next((index for index, part in enumerate(parts) if part), len(parts))
    return "".join(parts[first : first + 2]) or "0s"
