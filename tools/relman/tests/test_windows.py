"""Windows: against the slow reference, and the days on which clocks do something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from relman.core import windows
from relman.core.models.windows import WindowsGate

from . import calendars
from .calendars import MINUTE, cases


@settings(max_examples=150, deadline=None)
@given(cases())
def test_open_is_what_the_clock_on_the_wall_says(case: tuple[WindowsGate, datetime]) -> None:
    rules, instant = case
    wanted = calendars.scan(rules, instant, 1500)
    for step in [*range(0, 130, 5), 59, 61, 119, 121, *range(130, 1500, 60), 1439, 1499]:
        assert windows.is_open(rules, instant + step * MINUTE) == wanted[step], step


@settings(max_examples=100, deadline=None)
@given(cases())
def test_the_next_opening_is_the_first_open_minute(case: tuple[WindowsGate, datetime]) -> None:
    rules, instant = case
    found = windows.next_open(rules, instant)
    scanned = calendars.scan(rules, instant, 3 * 1440)
    if True in scanned:
        assert found == instant + scanned.index(True) * MINUTE
    elif found is not None:
        assert found > instant + (len(scanned) - 1) * MINUTE
        assert calendars.scan(rules, found - MINUTE, 2) == [False, True]


def rules(zone: str, *allow: dict[str, Any], deny: tuple[dict[str, Any], ...] = ()) -> WindowsGate:
    return WindowsGate.model_validate({"timeZone": zone, "allow": allow, "deny": deny})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NIGHT = {"from": "02:15", "to": "02:45"}
CRON = {"cron": "15 2 * * *", "duration": "30m"}


@pytest.mark.parametrize(
    ("zone", "window", "since", "opens"),
    [
        # Berlin goes from 02:00 to 03:00 on 29 March: the range is not there, cron at the jump.
        ("Europe/Berlin", NIGHT, "2026-03-28T12:00", "2026-03-30T00:15"),
        ("Europe/Berlin", CRON, "2026-03-28T12:00", "2026-03-29T01:00"),
        # and from 03:00 to 02:00 on 25 October: both are there twice.
        ("Europe/Berlin", NIGHT, "2026-10-24T12:00", "2026-10-25T00:15"),
        ("Europe/Berlin", NIGHT, "2026-10-25T00:45", "2026-10-25T01:15"),
        ("Europe/Berlin", CRON, "2026-10-25T00:45", "2026-10-25T01:15"),
        # Lord Howe goes from 02:00 to 02:30 on 4 October: half of the range is left.
        ("Australia/Lord_Howe", NIGHT, "2026-10-03T12:00", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", CRON, "2026-10-03T12:00", "2026-10-03T15:30"),
        # and from 02:00 to 01:30 on 5 April.
        ("Australia/Lord_Howe", NIGHT, "2026-04-04T12:00", "2026-04-04T15:45"),
        # Apia had no 30 December 2011.
        ("Pacific/Apia", {"dates": {"from": "2011-12-30", "to": "2011-12-31"}},
         "2011-12-29T12:00", "2011-12-30T10:00"),
        ("Pacific/Apia", {"cron": "0 9 30 12 *", "duration": "1h"},
         "2011-12-29T12:00", "2011-12-30T10:00"),
    ],
)  # fmt: skip
def test_days_on_which_clocks_jump(
    zone: str, window: dict[str, Any], since: str, opens: str
) -> None:
    asked = rules(zone, window)
    assert windows.next_open(asked, at(since)) == at(opens)
    assert windows.is_open(asked, at(opens))
    assert not windows.is_open(asked, at(opens) - timedelta(seconds=1))


def test_denied_beats_allowed() -> None:
    asked = rules(
        "UTC",
        {"days": ["mon"]},
        deny=({"dates": {"from": "2026-12-20", "to": "2027-01-06"}},),
    )
    assert windows.next_open(asked, at("2026-12-15T00:00")) == at("2027-01-11T00:00")


def test_nothing_opens_within_two_years() -> None:
    allowed = {"cron": "*/5 * * * *", "duration": "5m"}
    ages = {"dates": {"from": "2020-01-01", "to": "2099-12-31"}}
    assert (
        windows.next_open(rules("Europe/Berlin", allowed, deny=(ages,)), at("2026-01-01T00:00"))
        is None
    )
    past = {"dates": {"from": "2020-01-01", "to": "2020-12-31"}}
    assert windows.next_open(rules("Europe/Berlin", past), at("2026-01-01T00:00")) is None


def test_an_opening_a_year_away_is_found() -> None:
    leap = {"cron": "0 12 29 2 *", "duration": "1h"}
    assert windows.next_open(rules("UTC", leap), at("2026-06-01T00:00")) == at("2028-02-29T12:00")
