"""What was gathered outside of git for the gates. What nobody asked for is empty."""

from __future__ import annotations

from pydantic import Field

from relman.core.models.base import Model, Name
from relman.core.models.live import EnvironmentHealth


class Evidence(Model):
    """Answers from outside. `health` is by environment. `unasked` says why nothing was gathered,
    where that was so."""

    health: dict[Name, EnvironmentHealth] = Field(default_factory=dict)
    unasked: str = ""
