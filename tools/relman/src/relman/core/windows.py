"""Calendar maths of the gate `windows`: whether an instant is open, and when the next one is.

Times of day are what clocks on the wall show. Where clocks are put forward, a range loses what is
left out, and a cron time that is left out counts as the moment of the jump. Where they are put
back, what comes twice is open twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from relman.core import cron, durations
from relman.core.zones import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from relman.core.cron import Cron
    from relman.core.models.windows import Clock, Window, WindowsGate
    from relman.core.zones import Piece

# From `start` until before `end`, in UTC.
Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The answer is looked for nearby first: most rules open within a week.
AHEAD = (8, 64, 732)


def is_open(rules: WindowsGate, instant: datetime) -> bool:
    """Whether changes are allowed at an instant. Denied beats allowed."""
    return denying(rules, instant) is None and (
        not rules.allow or covering(rules.allow, rules.time_zone, instant) is not None
    )


def denying(rules: WindowsGate, instant: datetime) -> Window | None:
    """The first `deny` that an instant lies in."""
    return covering(rules.deny, rules.time_zone, instant)


def covering(windows: Iterable[Window], zone: str, instant: datetime) -> Window | None:
    """The first of the windows that an instant lies in."""
    for window in windows:
        found = _spans(window, ZoneInfo(zone), instant, instant + MINUTE)
        if any(start <= instant < end for start, end in found):
            return window
    return None


def next_open(rules: WindowsGate, instant: datetime) -> datetime | None:
    """The first open instant from this one on; None where there is none for two years."""
    for days in AHEAD:
        until = instant + days * DAY
        denied = _joined(rules.deny, rules.time_zone, instant, until)
        allowed = _joined(rules.allow, rules.time_zone, instant, until)
        found = _first(allowed if rules.allow else [(instant, until)], denied, instant, until)
        if found is not None:
            return found
    return None


def _first(
    allowed: Sequence[Span], denied: Sequence[Span], instant: datetime, until: datetime
) -> datetime | None:
    for start, end in allowed:
        at = max(start, instant)
        index = bisect_right(denied, at, key=lambda span: span[0]) - 1
        if index >= 0:
            at = max(at, denied[index][1])
        if at < min(end, until):
            return at
    return None


def _joined(windows: Iterable[Window], zone: str, since: datetime, until: datetime) -> list[Span]:
    """The spans of all the windows, in order, those that touch made one."""
    found: list[Span] = []
    every = (span for one in windows for span in _spans(one, ZoneInfo(zone), since, until))
    for start, end in sorted(every):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _spans(window: Window, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Span]:
    """Every span of a window that reaches into the time between two instants."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    if window.cron is None or window.duration is None:
        for piece in pieces(zone, since, until):
            yield from _ranges(window, piece)
        return
    length = durations.delta(window.duration)
    for first, last in _starts(window, _parsed(window.cron), zone, since - length, until):
        yield first, last + length


def _ranges(window: Window, piece: Piece) -> Iterator[Span]:
    first, last = piece.wall_start, piece.wall_end
    opens, closes = _minutes(window.from_ or "00:00"), _minutes(window.to or "24:00")
    if closes <= opens:
        closes += 24 * 60
    for day in _days(first.date() - DAY, last.date()):
        midnight = datetime(day.year, day.month, day.day)
        start = max(midnight + opens * MINUTE, first)
        end = min(midnight + closes * MINUTE, last)
        if start < end and _fits(window, day):
            yield piece.utc(start), piece.utc(end)


def _starts(
    window: Window, times: Cron, zone: ZoneInfo, since: datetime, until: datetime
) -> Iterator[Span]:
    """The instants that a cron expression names, those at a jump of the clocks included: the
    first and the last of each run of a day, see _runs."""
    before: Piece | None = None
    for piece in pieces(zone, since, until):
        if before and any(_walls(window, times, before.wall_end, piece.wall_start)):
            yield piece.start, piece.start
        walls = _walls(window, times, piece.wall_start, piece.wall_end)
        yield from ((piece.utc(start), piece.utc(end)) for start, end in walls)
        before = piece


def _walls(window: Window, times: Cron, first: datetime, last: datetime) -> Iterator[Span]:
    """The runs on the wall from `first` until before `last`; none where `last` is the earlier."""
    gap = durations.seconds(window.duration or "1m") // 60
    for day in _days(first.date(), last.date()):
        if times.on(day) and _fits(window, day):
            midnight = datetime(day.year, day.month, day.day)
            since, until = (-((midnight - end) // MINUTE) for end in (first, last))
            within = slice(bisect_left(times.minutes, since), bisect_left(times.minutes, until))
            for start, end in _runs(times.minutes[within], gap):
                yield midnight + start * MINUTE, midnight + end * MINUTE


@lru_cache
def _runs(minutes: tuple[int, ...], gap: int) -> tuple[tuple[int, int], ...]:
    """Minutes of a day, the first and the last of those that follow one another within a gap:
    what opens every minute would be a million spans in two years."""
    found: list[tuple[int, int]] = []
    for minute in minutes:
        if found and minute - found[-1][1] <= gap:
            found[-1] = found[-1][0], minute
        else:
            found.append((minute, minute))
    return tuple(found)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def _fits(window: Window, day: date) -> bool:
    """Whether the window opens on a day of the calendar."""
    if window.days and NAMES[day.weekday()] not in window.days:
        return False
    return window.dates is None or window.dates.from_ <= day.isoformat() <= window.dates.to


def _minutes(clock: Clock) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@lru_cache
def _parsed(text: str) -> Cron:
    return cron.parse(text)
