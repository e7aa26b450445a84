"""Instants as text: RFC 3339 in UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def read(text: str) -> datetime:
    """The instant, in UTC. Raises ValueError for what is no time with a zone."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError(f"{text!r} names no zone")
        return found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of the calendar") from error


def written(instant: datetime) -> str:
    """2026-12-20T09:00:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(instant: datetime, zone: str) -> str:
    """The same as clocks there show it, for people: Mon 2026-12-21 09:00 CET."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M %Z")
