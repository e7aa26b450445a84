"""What `relman doctor` finds."""

from __future__ import annotations

from typing import Literal

from relman.core.models.base import Model

State = Literal["ok", "missing", "broken", "optional"]


class Check(Model):
    """One thing that relman uses: where it comes from, and what to do when it isn't there."""

    name: str
    state: State
    found: str
    purpose: str
    fix: str = ""
