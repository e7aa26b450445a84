"""`relman promote --only SERVICE`: one service's image, into what the target runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import derived, path
from relman.core.errors import Refused
from relman.operations.planning import Intent

if TYPE_CHECKING:
    from relman.core.models.release import Release
    from relman.operations.repository import Repository


def intent(
    repository: Repository, source: str, target: str, service: str, version: str | None, time: str
) -> Intent:
    """Moves `service` from what `source` runs (`version`, where that is given) to the next
    environment. Raises Refused where `target` isn't the next one."""
    repository.environment(source), repository.environment(target)
    entered = path.between(repository.environments, source, target)
    if entered != [target]:
        raise Refused(
            f"{', '.join(entered[:-1])} lies between {source} and {target}",
            hint=f"relman promote {source} {entered[0]} --only {service} first",
        )
    runs = repository.chain(source).current
    if version not in (None, runs):
        raise Refused(
            f"{source} runs {runs or 'nothing'}, not {version}",
            hint="relman status shows what runs where",
        )
    made = release(repository, source, target, service, time)
    draft = None if made.version in repository.versions else made
    return Intent(target, made.version, "promote", source, only=service, derived=draft)


def release(repository: Repository, source: str, target: str, service: str, time: str) -> Release:
    """What `target` runs, with `service` as `source` has it: a new release, or the one that was
    made for it before. Raises Refused where one of them runs nothing."""
    current, there = (_running(repository, name) for name in (target, source))
    made = derived.derive(current, there, service, time)
    if made.version not in repository.versions:
        return made
    known = repository.release(made.version)
    if known.digest != made.digest:
        raise Refused(
            f"{made.version} exists with other content",
            hint="cut a release of what is wanted, and promote that",
        )
    return known


def _running(repository: Repository, name: str) -> Release:
    current = repository.chain(name).current
    if current is None:
        raise Refused(f"{name} runs nothing yet", hint=path.way_in(repository.environment(name)))
    return repository.release(current)
