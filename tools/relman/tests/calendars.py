"""A slow and obvious reference for windows: it looks at the clock on the wall, minute by minute,
and knows nothing of offsets and spans. And random rules to try it on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from relman.core.models.windows import Window, WindowsGate

MINUTE = timedelta(minutes=1)
# Daylight saving by an hour and by half an hour, at midnight and in the small hours, of both
# halves of the world; a zone that left out a day; one that sets its clocks back for Ramadan;
# offsets of quarters of an hour; and none of all that.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "UTC",
)
# A UTC day near which some zone of these does something.
TURNS = (
    date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5),
    date(2026, 10, 4), date(2011, 12, 30), date(2026, 2, 15), date(2026, 3, 22), date(2010, 3, 14),
    date(2010, 11, 7), date(2026, 9, 27), date(2026, 4, 4),
)  # fmt: skip
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def scan(rules: WindowsGate, start: datetime, minutes: int) -> list[bool]:
    """Whether it is open, minute by minute."""
    instants = [start + step * MINUTE for step in range(minutes)]
    allowed = [inside(window, rules.time_zone, instants) for window in rules.allow]
    denied = [inside(window, rules.time_zone, instants) for window in rules.deny]
    return [
        (not allowed or any(one[index] for one in allowed))
        and not any(one[index] for one in denied)
        for index in range(minutes)
    ]


def inside(window: Window, zone: str, instants: list[datetime]) -> list[bool]:
    """Whether minutes that follow each other lie in a window."""
    if window.cron is None:
        return [in_range(window, wall(zone, instant)) for instant in instants]
    units = {"m": 1, "h": 60}
    length = int((window.duration or "")[:-1]) * units[(window.duration or "")[-1]]
    left, found = 0, []
    for step in range(-length, len(instants)):
        left -= 1
        if begins(window, zone, instants[0] + step * MINUTE):
            left = length
        found.append(left > 0)
    return found[length:]


def in_range(window: Window, clock: datetime) -> bool:
    """Whether a time on the wall is one of a range's."""
    now = clock.strftime("%H:%M")
    first, last = window.from_ or "00:00", window.to or "24:00"
    if first < last:
        return first <= now < last and named(window, clock.date())
    late = first <= now and named(window, clock.date())
    return late or (now < last and named(window, clock.date() - timedelta(days=1)))


def named(window: Window, day: date) -> bool:
    """Whether a range begins on a day."""
    on = not window.days or DAYS[day.weekday()] in window.days
    return on and (window.dates is None or window.dates.from_ <= str(day) <= window.dates.to)


def begins(window: Window, zone: str, instant: datetime) -> bool:
    """Whether a cron expression names a minute, or one that the clocks jump over to reach it."""
    clock, before = wall(zone, instant), wall(zone, instant - MINUTE) + MINUTE
    named_now = [clock]
    while before < clock:
        named_now.append(before)
        before += MINUTE
    return any(matches(window, time) for time in named_now)


def matches(window: Window, clock: datetime) -> bool:
    """A cron expression, field by field."""
    minute, hour, day, month, weekday = (window.cron or "").split()
    if not (fits(minute, clock.minute) and fits(hour, clock.hour) and fits(month, clock.month)):
        return False
    if window.dates and not window.dates.from_ <= str(clock.date()) <= window.dates.to:
        return False
    by_date = fits(day, clock.day)
    by_week = fits(weekday, clock.isoweekday() % 7)
    if "*" in (day[0], weekday[0]):
        return by_date and by_week
    return by_date or by_week


def fits(field: str, value: int) -> bool:
    """One field against one value; of the forms that `crons` makes."""
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        low, high = (0, 99) if span == "*" else (int(first), int(last or first))
        if low <= value <= high and (value - low) % int(step or 1) == 0:
            return True
    return False


def wall(zone: str, instant: datetime) -> datetime:
    """What clocks show there."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


CLOCKS = st.builds(
    lambda hour, minute: f"{hour:02d}:{minute:02d}",
    st.one_of(st.integers(0, 4), st.integers(0, 23)),
    st.sampled_from([0, 0, 1, 15, 30, 45, 59]),
)
INSTANTS = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + minutes * MINUTE,
    st.one_of(st.sampled_from(TURNS), st.dates(date(2024, 1, 1), date(2032, 1, 1))),
    st.integers(-2 * 1440, 2 * 1440),
)


@st.composite
def ranges(draw: st.DrawFn, near: date) -> dict[str, Any]:
    """A range of days, of dates or of times of day, or of several of these."""
    days = draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=5))
    first, last = draw(CLOCKS), draw(st.one_of(CLOCKS, st.just("24:00")))
    rule: dict[str, Any] = {"days": days} if days else {}
    if not days or draw(st.booleans()):
        rule |= {} if first == last else {"from": first, "to": last}
    if not rule or draw(st.booleans()):
        rule["dates"] = draw(dates(near))
    return rule


@st.composite
def dates(draw: st.DrawFn, near: date) -> dict[str, str]:
    """Days of the calendar near one."""
    first = near + timedelta(days=draw(st.integers(-4, 4)))
    return {"from": str(first), "to": str(first + timedelta(days=draw(st.integers(0, 6))))}


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    """A field of cron."""
    number = st.integers(low, high)
    spans = st.tuples(number, number).map(lambda two: f"{min(two)}-{max(two)}")
    return st.one_of(
        st.just("*"),
        number.map(str),
        spans,
        st.tuples(spans, st.integers(1, 9)).map(lambda two: f"{two[0]}/{two[1]}"),
        st.lists(number.map(str), min_size=2, max_size=3).map(",".join),
    )


@st.composite
def crons(draw: st.DrawFn, near: date) -> dict[str, Any]:
    """A cron expression with a duration."""
    minute = draw(st.sampled_from(["0", "30", "15,45", "0-59/7", "*"]))
    hour = draw(st.one_of(st.sampled_from(["0", "1", "2", "3"]), fields(0, 23)))
    text = f"{minute} {hour} {draw(fields(1, 28))} * {draw(fields(0, 6))}"
    length = draw(st.sampled_from(["1m", "30m", "45m", "2h", "8h", "26h"]))
    rule: dict[str, Any] = {"cron": text, "duration": length}
    return rule | ({"dates": draw(dates(near))} if draw(st.booleans()) else {})


@st.composite
def cases(draw: st.DrawFn) -> tuple[WindowsGate, datetime]:
    """Rules, and an instant to ask about."""
    instant = draw(INSTANTS)
    window = st.one_of(ranges(instant.date()), crons(instant.date()))
    rules = WindowsGate.model_validate(
        {
            "timeZone": draw(st.sampled_from(ZONES)),
            "allow": draw(st.lists(window, max_size=3)),
            "deny": draw(st.lists(window, max_size=2)),
        }
    )
    return rules, instant
