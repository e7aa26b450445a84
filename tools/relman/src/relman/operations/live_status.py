"""`relman status --live`: what Argo CD and the clusters really run, beside what git says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from relman.core import images
from relman.core.errors import RelmanError, Unavailable
from relman.core.models.live import LiveStatus
from relman.operations import live

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        api = live.argocd_of(repository, environment)
        try:
            there = live.found(repository, name, api)
        finally:
            api.close()
    except Unavailable as error:
        return LiveStatus(state="unknown", why=str(error))
    health = live.judged(repository, name, there)
    states = list(there.applications.values())
    release = repository.release(version)
    running = _running(release, states)
    return LiveStatus(
        state="ready" if health.ready else "not ready",
        releases=tuple(sorted({one.release for one in states if one.release})),
        since=health.since,
        why=_why(health),
        images=running,
        others=tuple(name for name, found in running.items() if _others(release, name, found)),
    )


def _why(health: EnvironmentHealth) -> str:
    late = [one for one in health.applications if one.state != "ready"]
    if not late:
        return ""
    first = next((one for one in late if one.state == "failed"), late[0])
    more = f" (and {len(late) - 1} more)" if len(late) > 1 else ""
    return f"{first.application}: {first.reason}{more}"


def _running(release: Release, states: Iterable[ApplicationState]) -> dict[str, tuple[str, ...]]:
    """The images that run, by service: those of the same repository or of the same digest."""
    there = sorted({image for one in states for image in one.images})
    found = {
        service: tuple(one for one in there if _is_of(one, image.reference, image.digest))
        for service, image in release.images.items()
    }
    return {service: running for service, running in found.items() if running}


def _is_of(running: str, reference: str, digest: str) -> bool:
    if running.endswith(f"@{digest}"):
        return True
    try:
        return images.parse(running).name == images.parse(reference).name
    except RelmanError:
        return False


def _others(release: Release, service: str, running: Iterable[str]) -> bool:
    digest = release.images[service].digest
    return any(not one.endswith(f"@{digest}") for one in running)
