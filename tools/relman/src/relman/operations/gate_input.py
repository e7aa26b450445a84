"""What the gates look at, put together: of git, of what was rendered, of what was asked outside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from relman.core import times, versions
from relman.core.gates import GateInput, Rendered
from relman.core.models.evidence import Evidence
from relman.core.models.live import EnvironmentHealth
from relman.operations import decisions, desired, record_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from relman.core.history import Chain
    from relman.core.models.environment import Environment
    from relman.core.models.plan import Plan
    from relman.core.models.record import Action, Record
    from relman.core.models.release import Release
    from relman.operations.circumstances import Circumstances
    from relman.operations.comparison import Difference
    from relman.operations.planning import Intent
    from relman.operations.repository import Repository


def of_plan(
    repository: Repository,
    plan: Plan,
    intent: Intent,
    found: Sequence[Difference],
    around: Circumstances,
) -> GateInput:
    """What there is to know of a plan; `found` is what its renderings differ in."""
    environment = repository.environment(plan.environment)
    release = repository.release(plan.release)
    known = _of_git(repository, environment, release, plan.action, plan.hash, around.person)
    return replace(
        _only(repository, known, plan.only),
        running={**known.running, **intent.assumed},
        rendered=_rendered(found),
        entered=_entered(repository, environment.after, intent.assumed),
        now=around.now,
        reason=around.reason,
        hotfix=around.hotfix,
        evidence=around.gather(repository, environment, release, plan),
    )


def of_record(base: Repository, release: Release, record: Record) -> GateInput:
    """What git alone knew at a record's base, and that all was well before this environment; the
    time is the one that the record says."""
    environment = base.environment(record.environment)
    known = _of_git(base, environment, release, record.action, record.plan or "", record.author)
    known = _only(base, known, record.only)
    said = next((gate.evidence for gate in record.gates if gate.gate == "windows"), {})
    now, hotfix = _time(str(said.get("at", record.time))), bool(said.get("exempt"))
    if environment.gates.soak:
        known = _as_if_well(base, known)
    return replace(known, now=now, reason=record.reason, hotfix=hotfix)


def _as_if_well(base: Repository, known: GateInput) -> GateInput:
    """The same with every environment before this one well since its release came in."""
    entered = _entered(base, known.environment.after, {})
    well = {
        name: EnvironmentHealth(environment=name, release=known.running.get(name), since=time)
        for name, time in entered.items()
    }
    return replace(known, entered=entered, evidence=Evidence(health=well))


def _time(text: str) -> datetime | None:
    try:
        return times.read(text)
    except ValueError:
        return None


def _of_git(
    repository: Repository,
    environment: Environment,
    release: Release,
    action: Action,
    plan_hash: str,
    person: str,
) -> GateInput:
    """What git alone knows."""
    chain = repository.chain(environment.name)
    rules = environment.gates.approvals
    signed = rules is not None and rules.signed
    return GateInput(
        environment=environment,
        action=action,
        release=release,
        running=repository.running_everywhere(),
        untrue=_untrue(repository, environment),
        ran_here=chain.versions,
        blocked=chain.blocked,
        floors=_floors(repository, chain, action, release.version),
        current=repository.release(chain.current) if chain.current else None,
        plan_hash=plan_hash,
        decisions=decisions.about(repository, environment.name, release.version, signed),
        teams=repository.project.teams,
        person=person,
    )


def _only(repository: Repository, known: GateInput, service: str | None) -> GateInput:
    """The same with what the environments before run, where one service is moved."""
    if service is None:
        return known
    upstream = {
        name: repository.release(runs)
        for name in known.environment.after
        if (runs := known.running.get(name))
    }
    return replace(known, only=service, upstream=upstream)


def _rendered(found: Sequence[Difference]) -> Rendered:
    return Rendered(
        unpinned=sorted({image for difference in found for image in difference.unpinned}),
        invalid=[problem for difference in found for problem in difference.invalid],
        checked=sum(difference.checked for difference in found),
        unchecked=[kind for difference in found for kind in difference.unchecked],
    )


def _untrue(repository: Repository, environment: Environment) -> list[str]:
    """Environments before this one whose files aren't what their last record says."""
    return [
        name
        for name in environment.after
        if name in repository.environments and not desired.is_recorded(repository, name)
    ]


def _floors(repository: Repository, chain: Chain, action: Action, release: str) -> dict[str, str]:
    """Releases above this one that have run here and can't be undone. Most changes go forward:
    then none is read. A refresh changes no release."""
    above = [
        version
        for version in dict.fromkeys(chain.versions)
        if action != "refresh" and versions.parse(version) > versions.parse(release)
    ]
    found = {version: repository.release(version).floor for version in above}
    return {version: floor for version, floor in found.items() if floor}


def _entered(
    repository: Repository, environments: Sequence[str], assumed: Mapping[str, str]
) -> dict[str, str]:
    """When the release that an environment runs came in, for those that run one by the records.
    What a dry run only assumes has not come in."""
    return {
        name: time
        for name in environments
        if name not in assumed and (time := _came(repository, repository.chain(name)))
    }


def _came(repository: Repository, chain: Chain) -> str | None:
    """The time of the first of the last records that name the same release: refreshing an
    environment doesn't bring in another one."""
    count = 0
    for version in reversed(chain.versions):
        if version != chain.current:
            break
        count += 1
    if not count:
        return None
    entries = record_files.entries(repository.snapshot, chain.environment)
    return record_files.read(repository.snapshot, entries[-count])[1].time
