"""A time zone cut into pieces during which its clocks go evenly.

Whatever a zone does (daylight saving, half an hour in Lord Howe, a day left out in Apia), within
a piece the time on the wall is UTC and a fixed offset; between two pieces it jumps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

# No zone has changed twice within so little time.
STEP = timedelta(hours=6)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Piece:
    """From `start` until before `end`, in UTC."""

    start: datetime
    end: datetime
    offset: timedelta

    @property
    def wall_start(self) -> datetime:
        """What clocks show at its start; a time without a zone."""
        return (self.start + self.offset).replace(tzinfo=None)

    @property
    def wall_end(self) -> datetime:
        """What clocks would show at its end, if they went on evenly."""
        return (self.end + self.offset).replace(tzinfo=None)

    def utc(self, wall: datetime) -> datetime:
        """The instant at which clocks show this."""
        return wall.replace(tzinfo=UTC) - self.offset


def pieces(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Piece]:
    """The pieces between two instants of UTC, without gaps."""
    since, here = start, start
    offset = _offset(zone, start)
    while here < end:
        there = min(here + STEP, end)
        if _offset(zone, there) != offset:
            jump = _jump(zone, here, there)
            yield Piece(since, jump, offset)
            since, offset = jump, _offset(zone, jump)
        here = there
    if since < end:
        yield Piece(since, end, offset)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second with the later offset."""
    old = _offset(zone, before)
    while after - before > SECOND:
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after
