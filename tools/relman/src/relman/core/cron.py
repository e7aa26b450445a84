"""Cron expressions: minute, hour, day of the month, month, day of the week.

As in Vixie's cron: `*`, numbers, names, ranges, steps and lists; Sunday is 0 or 7; when both
kinds of day are restricted, either is enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
DAYS = {
    name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))
}
FIELDS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 7, DAYS),
)
ITEM = re.compile(r"(\*|[0-9a-z]+(?:-[0-9a-z]+)?)(?:/(\d+))?")


@dataclass(frozen=True)
class Cron:
    """An expression that has been read. `minutes` are those of a day, from midnight."""

    minutes: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def on(self, day: date) -> bool:
        """Whether it names times on a day of the calendar."""
        if day.month not in self.months:
            return False
        by_date, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_week if self.either else by_date and by_week


def parse(text: str) -> Cron:
    """Reads an expression. Raises ValueError with what is wrong with it."""
    fields = text.lower().split()
    if len(fields) != len(FIELDS):
        raise ValueError(
            f"{text!r} has {len(fields)} fields, not five: minute, hour, day of the month, month, "
            'day of the week, as in "0 9 * * 1-5"'
        )
    minutes, hours, days, months, weekdays = (
        _numbers(field, *rules) for field, rules in zip(fields, FIELDS, strict=True)
    )
    return Cron(
        minutes=tuple(sorted(hour * 60 + minute for hour in hours for minute in minutes)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(day % 7 for day in weekdays),
        either=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )


def _numbers(field: str, name: str, low: int, high: int, names: Mapping[str, int]) -> set[int]:
    found: set[int] = set()
    for item in field.split(","):
        match = ITEM.fullmatch(item)
        if not match:
            raise ValueError(f"{item!r} is no {name}")
        first, last = _range(match[1], name, low, high, names)
        step = int(match[2] or 1)
        if step == 0:
            raise ValueError(f"{item!r}: a step of 0 leads nowhere")
        # A single number with a step goes on to the end, as in cron.
        end = high if match[2] and "-" not in match[1] else last
        found.update(range(first, end + 1, step))
    return found


def _range(text: str, name: str, low: int, high: int, names: Mapping[str, int]) -> tuple[int, int]:
    if text == "*":
        return low, high
    ends = [names.get(part, int(part) if part.isdecimal() else -1) for part in text.split("-")]
    first, last = ends[0], ends[-1]
    if not low <= first <= last <= high:
        raise ValueError(f"{text!r} is no {name}: it must be within {low} and {high}")
    return first, last
