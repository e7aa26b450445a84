"""A slow and obvious reference for windows: it looks at the clock on the wall, minute by minute,
and knows nothing of offsets and spans. And random rules to try it on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from relman.core.models.windows import Window, WindowsGate

MINUTE = timedelta(minutes=1)
# When clocks jump, in UTC: by an hour and by half an hour, forward and back, at midnight and in
# the small hours, in both halves of the world; a day that was left out; Ramadan.
TURNS = (
    ("Europe/Berlin", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:00"),
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("America/Havana", "2026-03-08T05:00"),
    ("America/Havana", "2026-11-01T05:00"),
    ("America/St_Johns", "2010-03-14T03:31"),
    ("America/St_Johns", "2010-11-07T02:31"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("Pacific/Chatham", "2026-09-26T14:00"),
    ("Africa/Casablanca", "2026-02-15T02:00"),
    ("Africa/Casablanca", "2026-03-22T02:00"),
)
# And zones whose clocks go evenly, by odd offsets too.
EVEN = ("Asia/Kathmandu", "UTC", "Europe/Berlin", "Australia/Lord_Howe")
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
NEAR = st.tuples(
    st.sampled_from(TURNS), st.one_of(st.integers(-180, 60), st.integers(-2 * 1440, 2 * 1440))
).map(lambda two: (two[0][0], read(two[0][1]) + two[1] * MINUTE))
ANYWHERE = st.tuples(
    st.sampled_from(EVEN),
    st.dates(date(2024, 1, 1), date(2032, 1, 1)),
    st.integers(0, 1439),
).map(lambda three: (three[0], read(str(three[1])) + three[2] * MINUTE))
# A zone, and an instant to ask about; mostly near a jump.
MOMENTS = st.one_of(NEAR, NEAR, ANYWHERE)


def read(text: str) -> datetime:
    """An instant of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


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
    minute = draw(st.sampled_from(["0", "15", "30", "15,45", "0-59/7", "*"]))
    # Most clocks jump between two and three.
    hour = draw(st.one_of(st.just("2"), st.sampled_from(["0", "1", "2", "3"]), fields(0, 23)))
    every = draw(st.sampled_from([True, True, False]))
    days = ("*", "*") if every else (draw(fields(1, 28)), draw(fields(0, 6)))
    text = f"{minute} {hour} {days[0]} * {days[1]}"
    length = draw(st.sampled_from(["1m", "30m", "45m", "2h", "8h", "26h"]))
    rule: dict[str, Any] = {"cron": text, "duration": length}
    return rule | ({"dates": draw(dates(near))} if draw(st.booleans()) else {})


@st.composite
def cases(draw: st.DrawFn) -> tuple[WindowsGate, datetime]:
    """Rules, and an instant to ask about."""
    zone, instant = draw(MOMENTS)
    window = st.one_of(ranges(instant.date()), crons(instant.date()))
    rules = WindowsGate.model_validate(
        {
            "timeZone": zone,
            "allow": draw(st.lists(window, max_size=3)),
            "deny": draw(st.lists(window, max_size=2)),
        }
    )
    return rules, instant
