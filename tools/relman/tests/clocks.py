"""A clock that stands where a test puts it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from relman.operations import workspace


@dataclass
class Clock:
    """What relman takes for the time."""

    now: str = "2026-01-01T10:00:00Z"


def standing(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """relman's clock, stopped for one test."""
    clock = Clock()
    monkeypatch.setattr(workspace, "_now", lambda: clock.now)
    return clock
