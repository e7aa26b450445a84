"""All that the gates look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.core.models.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from relman.core.decisions import Made
    from relman.core.models.environment import Environment
    from relman.core.models.record import Action
    from relman.core.models.release import Release


@dataclass(frozen=True)
class Rendered:
    """What the plan found while rendering: images of our own charts that have no digest, objects
    that break their schema, how many objects were checked, and kinds that have no schema."""

    unpinned: Sequence[str] = ()
    invalid: Sequence[str] = ()
    checked: int = 0
    unchecked: Sequence[str] = ()


@dataclass(frozen=True)
class GateInput:
    """`running` is each environment's release, `entered` the time (RFC 3339) at which that came
    in. `ran_here` are the releases that have run here, oldest first; `current` is the one that
    runs now. `only` is the one service that is moved; then `upstream` are the releases that the
    environments before this one run. `now` is UTC; None where no clock applies. `person` is who
    asks for the change, and `reason` why. `floors` are releases that have run here and can't be
    undone, with why. `evidence` is what was gathered outside of git.
    """

    environment: Environment
    action: Action
    release: Release
    running: Mapping[str, str | None]
    ran_here: Sequence[str]
    blocked: Sequence[str]
    untrue: Sequence[str] = ()
    rendered: Rendered = field(default_factory=Rendered)
    current: Release | None = None
    only: str | None = None
    upstream: Mapping[str, Release] = field(default_factory=dict)
    floors: Mapping[str, str] = field(default_factory=dict)
    entered: Mapping[str, str] = field(default_factory=dict)
    plan_hash: str = ""
    decisions: Sequence[Made] = ()
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    now: datetime | None = None
    person: str = ""
    reason: str = ""
    hotfix: bool = False
    evidence: Evidence = field(default_factory=Evidence)

    def runs_it(self, name: str) -> bool:
        """Whether an environment runs the release; or the image, where one service is moved."""
        if self.only is None:
            return self.running.get(name) == self.release.version
        there = self.upstream.get(name)
        image = there.images.get(self.only) if there else None
        wanted = self.release.images.get(self.only)
        return image is not None and wanted is not None and image.digest == wanted.digest

    def expected(self, name: str) -> str | None:
        """The release that an environment before this one is to be well at: the one that it
        runs, where one service of it is moved."""
        return self.running.get(name) if self.only else self.release.version
