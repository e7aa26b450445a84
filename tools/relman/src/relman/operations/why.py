"""`relman why`: what keeps a release out of an environment, and from when on nothing would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import times
from relman.core.gates.timing import earliest
from relman.core.models.base import Digest, Model, Name, Version
from relman.core.models.record import Action, GateResult
from relman.operations.plan import plan

if TYPE_CHECKING:
    from relman.operations.circumstances import Circumstances
    from relman.operations.repository import Repository


class Why(Model):
    """Every gate's answer to a release in an environment now.

    `earliest` is the first time (RFC 3339) at which `soak` and `windows` both pass, if nothing
    interrupts what soaks; null where that can't be said, or is more than two years away.
    """

    environment: Name
    action: Action
    release: Version
    from_release: Version | None
    plan: Digest
    passes: bool
    earliest: str | None
    gates: tuple[GateResult, ...]


def why(
    repository: Repository,
    environment: str,
    version: str | None,
    around: Circumstances,
    *,
    pull: bool = False,
) -> Why:
    """Judges the gates for a release, by default the one that comes next; see `plan`."""
    found = plan(repository, environment, version, around, pull=pull).plan
    rules = repository.environment(environment).gates
    first = earliest(found.gates, rules, around.now) if around.now else None
    return Why(
        environment=found.environment,
        action=found.action,
        release=found.release,
        from_release=found.from_release,
        plan=found.hash,
        passes=found.passes,
        earliest=times.written(first) if first else None,
        gates=found.gates,
    )
