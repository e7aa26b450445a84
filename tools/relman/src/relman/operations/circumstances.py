"""What gates are told that is neither in the repository nor in the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core import times
from relman.core.errors import Invalid
from relman.core.models.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from relman.core.models.environment import Environment
    from relman.core.models.plan import Plan
    from relman.core.models.release import Release
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace

    # Asks the outside world what the declared gates of an environment need for a plan.
    Gather = Callable[[Repository, Environment, Release, Plan], Evidence]


def _nothing(
    _repository: Repository, _environment: Environment, _release: Release, _plan: Plan
) -> Evidence:
    return Evidence(unasked="nothing outside of git was asked")


@dataclass(frozen=True)
class Circumstances:
    """What gates are to know that is not in the repository: the time (UTC), who asks and why,
    whether it is a hotfix, gates to pass over in an emergency, and how to ask outside of git."""

    now: datetime | None = None
    person: str = ""
    reason: str = ""
    hotfix: bool = False
    emergency: Sequence[str] = ()
    gather: Gather = _nothing


NOWHERE = Circumstances()


def of(
    workspace: Workspace,
    *,
    reason: str = "",
    hotfix: bool = False,
    emergency: Sequence[str] = (),
    gather: Gather = _nothing,
) -> Circumstances:
    """Those of a command that is run in a clone now."""
    return Circumstances(
        now=times.read(workspace.clock()),
        person=_person(workspace),
        reason=reason,
        hotfix=hotfix,
        emergency=emergency,
        gather=gather,
    )


def _person(workspace: Workspace) -> str:
    """Empty where git doesn't know: a plan can be looked at by anybody."""
    try:
        return workspace.git.identity()
    except Invalid:
        return ""
