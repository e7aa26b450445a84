"""`relman releases` and `relman show`: releases, and where each runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import versions
from relman.core.models.base import Model
from relman.core.models.release import Release

if TYPE_CHECKING:
    from relman.operations.repository import Repository


class ReleaseSummary(Model):
    """A release in a list."""

    version: str
    digest: str
    created: str
    author: str
    note: str
    runs_in: tuple[str, ...]
    ran_in: tuple[str, ...]


class ReleaseDetails(Model):
    """A whole release, and where it runs, ran or is blocked."""

    release: Release
    runs_in: tuple[str, ...]
    ran_in: tuple[str, ...]
    blocked_in: tuple[str, ...]


def releases(repository: Repository) -> list[ReleaseSummary]:
    """Every release, highest version first."""
    running = repository.running_everywhere()
    chains = {name: repository.chain(name) for name in repository.environments}
    found = []
    for version in versions.ordered(repository.versions):
        release = repository.release(version)
        found.append(
            ReleaseSummary(
                version=version,
                digest=release.digest,
                created=release.created,
                author=release.author,
                note=release.note,
                runs_in=tuple(name for name, runs in running.items() if runs == version),
                ran_in=tuple(name for name, chain in chains.items() if version in chain.versions),
            )
        )
    return found


def show(repository: Repository, version: str) -> ReleaseDetails:
    """One release. Raises Invalid when there is none."""
    chains = {name: repository.chain(name) for name in repository.environments}
    return ReleaseDetails(
        release=repository.release(version),
        runs_in=tuple(name for name, chain in chains.items() if chain.current == version),
        ran_in=tuple(name for name, chain in chains.items() if version in chain.versions),
        blocked_in=tuple(name for name, chain in chains.items() if version in chain.blocked),
    )
