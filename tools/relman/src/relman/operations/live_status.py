"""`relman status --live`: what Argo CD and the clusters really run, beside what git says."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from relman.core import images
from relman.core.errors import RelmanError, Unavailable
from relman.core.models.live import LiveStatus
from relman.operations import live

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relman.adapters.api_server import Api
    from relman.adapters.argocd import Delivered
    from relman.core.models.live import ApplicationState, EnvironmentHealth
    from relman.core.models.release import Release
    from relman.operations.repository import Repository
    from relman.operations.status import EnvironmentStatus, Status

AT_ONCE = 4


def with_live(repository: Repository, status: Status) -> Status:
    """The status with what Argo CD has of each environment; where it can't be asked, with the
    reason."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda one: _environment(repository, one), status.environments)
        return status.model_copy(update={"environments": tuple(found)})


def _environment(repository: Repository, status: EnvironmentStatus) -> EnvironmentStatus:
    if status.release is None:
        return status
    return status.model_copy(update={"live": _live(repository, status.environment, status.release)})


def _live(repository: Repository, name: str, version: str) -> LiveStatus:
    try:
        environment = repository.environment(name)
        with contextlib.closing(live.argocd_of(repository, environment)) as api:
            there, health, doubt = _compared(repository, name, api)
    except Unavailable as error:
        return LiveStatus(state="unknown", why=str(error))
    states = list(there.applications.values())
    release = repository.release(version)
    running = _running(release, states)
    return LiveStatus(
        state=("unknown" if doubt else "ready") if health.ready else "not ready",
        releases=tuple(sorted({one.release for one in states if one.release})),
        since=health.since,
        why=_why(health) or doubt,
        images=running,
        others=tuple(name for name, found in running.items() if _others(release, name, found)),
    )


def _compared(
    repository: Repository, name: str, api: Api
) -> tuple[Delivered, EnvironmentHealth, str]:
    """What Argo CD has, how that is judged, and why it may be wrong about it: who may only read
    can't ask it to compare once more what is Synced without a sync of its own."""
    there = live.found(repository, name, api)
    health = live.judged(repository, name, there)
    try:
        return (*live.believed(repository, name, api, there, health), "")
    except Unavailable as error:
        return there, health, f"Synced without a sync, and not compared again: {error}"


def _why(health: EnvironmentHealth) -> str:
    late = [one for one in health.applications if one.state != "ready"]
    if not late:
        return ""
    first = next((one for one in late if one.state == "failed"), late[0])
    more = f" (and {len(late) - 1} more)" if len(late) > 1 else ""
    return f"{first.application}: {first.reason}{more}"


def _running(release: Release, states: Iterable[ApplicationState]) -> dict[str, tuple[str, ...]]:
    """The images that run, by service: those of the same repository, or where an environment
    pulls from another one, of the same digest."""
    there = sorted({image for one in states for image in one.images})
    found = {}
    for service, image in release.images.items():
        name = images.parse(image.reference).name
        same = [one for one in there if _name(one) == name]
        found[service] = same or [one for one in there if one.endswith(f"@{image.digest}")]
    return {service: tuple(running) for service, running in found.items() if running}


def _name(image: str) -> str:
    try:
        return images.parse(image).name
    except RelmanError:
        return ""


def _others(release: Release, service: str, running: Iterable[str]) -> bool:
    digest = release.images[service].digest
    return any(not one.endswith(f"@{digest}") for one in running)
