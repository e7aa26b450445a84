"""Asks the outside world what the declared gates of an environment need to know for a plan.

The sources are asked side by side, each bounded in time; one that fails or is late leaves a
problem, which its gate calls unknown, and hides no other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from relman.core import durations, times
from relman.core.gates import declares
from relman.core.models.evidence import Evidence
from relman.operations.evidence import checks, health, images, secrets, target
from relman.operations.evidence.asked import Asked
from relman.operations.side_by_side import ask

if TYPE_CHECKING:
    from relman.core.models.environment import Environment
    from relman.core.models.plan import Plan
    from relman.core.models.release import Release
    from relman.operations.circumstances import Gather
    from relman.operations.repository import Repository

SECONDS = 10.0
# So long an answer stands for how things are.
MOMENTS = timedelta(minutes=1)
# A source whose own parts are late still says which were not.
GRACE = 1.0
# The commands and addresses of somebody's commit are not to be run by whoever looks at it.
OFFLINE, FOREIGN = "not asked: --offline", "not asked: --base"

Source = Callable[[Asked], tuple[Any, str]]
SOURCES: dict[str, Source] = {
    "health": health.look,
    "images": images.look,
    "secrets": secrets.look,
    "target": target.look,
    "checks": checks.look,
}


def gather(
    repository: Repository, environment: Environment, release: Release, plan: Plan
) -> Evidence:
    """What the declared gates need, and nothing else."""
    asked = Asked(repository, environment, release, plan, SECONDS)
    limits = {name: _limit(environment, name) for name in SOURCES if _wanted(asked, name)}
    if not limits:
        return Evidence()
    jobs = {name: lambda name=name: SOURCES[name](asked.within(limits[name])) for name in limits}
    answers = ask(jobs, max(limits.values()) + GRACE)
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, answer in answers.items():
        value, problem = answer.value or (None, answer.problem)
        found |= {name: value} if value is not None else {}
        problems |= {name: problem} if problem else {}
    return Evidence(**found, problems=problems)


def looking(*, offline: bool, base: str | None) -> Gather:
    """How a command that only looks asks: not at all when it is told so, or when it looks at
    another commit than the branch's."""
    if not offline and not base:
        return gather
    unasked = Evidence(unasked=OFFLINE if offline else FOREIGN)
    return lambda *_: unasked


def is_old(asked: str, now: str) -> bool:
    """Whether an answer says little of what is now. Both are RFC 3339."""
    return abs(times.read(now) - times.read(asked)) > MOMENTS


def remembered(gather: Gather, clock: Callable[[], str]) -> Gather:
    """The same, but asks once for one plan on one state of the environments before it: a change
    that was overtaken by another is planned again within seconds."""
    known: dict[tuple[object, ...], tuple[str, Evidence]] = {}

    def found(
        repository: Repository, environment: Environment, release: Release, plan: Plan
    ) -> Evidence:
        upstream = [repository.chain(name).last for name in environment.after]
        records = tuple((one.environment, one.number) if one else None for one in upstream)
        key = (plan.hash, plan.action, repr(environment.stated()), records)
        if key not in known or is_old(known[key][0], clock()):
            answer = gather(repository, environment, release, plan)
            known[key] = clock(), answer
        return known[key][1]

    return found


def _wanted(asked: Asked, name: str) -> bool:
    """A rollback goes back to what has run there: what is upstream doesn't matter to it."""
    gates = asked.environment.gates
    if name in ("health", "checks") and asked.plan.action == "rollback":
        return False
    if name == "health":
        return bool(asked.environment.after) and (
            declares(gates, "health") or declares(gates, "soak")
        )
    return declares(gates, name)


def _limit(environment: Environment, name: str) -> float:
    """Seconds for all of a source: what is declared for it, else the same for each."""
    gates = environment.gates
    if name == "health" and gates.health:
        return float(durations.seconds(gates.health.within))
    if name == "checks":
        return max(checks.seconds(check) for check in gates.checks)
    return SECONDS
