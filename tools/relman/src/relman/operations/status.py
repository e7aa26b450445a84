"""`relman status`: what runs where, from git alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from relman.core import versions
from relman.core.models.base import Model
from relman.core.models.decision import Decision
from relman.core.models.live import LiveStatus
from relman.operations import decisions

if TYPE_CHECKING:
    from relman.operations.repository import Repository


class EnvironmentStatus(Model):
    """One environment: its release (None before the first deploy), since when, by whom, and
    how each service's image there is called. `live` is null where it wasn't asked for, or
    nothing runs by git."""

    environment: str
    after: tuple[str, ...]
    clusters: tuple[str, ...]
    release: str | None
    since: str | None = None
    by: str | None = None
    action: str | None = None
    blocked: tuple[str, ...] = ()
    images: dict[str, str] = Field(default_factory=dict)
    behind: tuple[str, ...] = ()
    held: tuple[Decision, ...] = ()
    live: LiveStatus | None = None


class Status(Model):
    """Every environment in the order of the path."""

    base: str
    newest_release: str | None
    environments: tuple[EnvironmentStatus, ...]


def status(repository: Repository) -> Status:
    """What each environment runs at this commit."""
    newest = versions.newest(repository.versions)
    return Status(
        base=repository.snapshot.revision,
        newest_release=newest,
        environments=tuple(_environment(repository, name) for name in repository.environments),
    )


def _environment(repository: Repository, name: str) -> EnvironmentStatus:
    environment = repository.environments[name]
    chain = repository.chain(name)
    clusters = tuple(cluster.name for cluster in environment.clusters)
    held = tuple(decisions.holding(repository, name).values())
    if chain.last is None:
        return EnvironmentStatus(
            environment=name, after=environment.after, clusters=clusters, release=None, held=held
        )
    release = repository.release(chain.last.release)
    later = [v for v in versions.ordered(repository.versions) if _is_later(v, release.version)]
    return EnvironmentStatus(
        environment=name,
        after=environment.after,
        clusters=clusters,
        release=release.version,
        since=chain.last.time,
        by=chain.last.author,
        action=chain.last.action,
        blocked=chain.blocked,
        images={service: image.reference for service, image in release.images.items()},
        behind=tuple(later),
        held=held,
    )


def _is_later(version: str, than: str) -> bool:
    return versions.parse(version) > versions.parse(than)
