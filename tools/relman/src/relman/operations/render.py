"""`relman render`: full manifests, and whether what is generated is current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from relman.adapters import charts, commits, rendering
from relman.core import hashes
from relman.core.applications import Delivery
from relman.core.errors import Invalid
from relman.core.installations import Contents
from relman.core.models.base import Model
from relman.operations import desired, rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.core.generated import Generated
    from relman.core.models.environment import Environment
    from relman.operations.repository import Repository

DRAFT = "0.0.0-draft"


class Manifests(Model):
    """What one Application renders; `why` says why there is no text."""

    cluster: str
    component: str
    text: str
    why: str = ""


class Staleness(Model):
    """A generated file that isn't what it should be: edited by hand, or waiting for a refresh."""

    environment: str
    path: str
    state: Literal["edited", "pending"]


def manifests(
    repository: Repository,
    environment: str,
    version: str | None,
    component: str | None = None,
    cluster: str | None = None,
    *,
    pull: bool = False,
) -> Iterator[Manifests]:
    """Renders an environment at a release, or (without one) as the repository's files are now,
    with image tags instead of digests. Raises Invalid for names that don't exist."""
    chosen = repository.environment(environment)
    wanted, commit = _contents(repository, chosen, version)
    renderer = rendered.Renderer(repository.snapshot, pull)
    items = [
        item
        for item in wanted.installations.values()
        if component in (None, item.name) and cluster in (None, item.cluster)
    ]
    if not items:
        raise Invalid(
            f"{environment} has nothing like that",
            hint="it has: "
            + (
                ", ".join(f"{i.name} on {i.cluster}" for i in wanted.installations.values())
                or "nothing"
            ),
        )
    for item in items:
        request = renderer.request(rendered.of_installation(item, commit))
        if isinstance(request, str):
            yield Manifests(cluster=item.cluster, component=item.name, text="", why=request)
        else:
            text = rendering.render(request)
            yield Manifests(cluster=item.cluster, component=item.name, text=text)


def _contents(
    repository: Repository, environment: Environment, version: str | None
) -> tuple[Generated, str]:
    if version is not None:
        release = repository.release(version)
        return desired.for_release(repository, environment, release), release.charts.commit
    return draft(repository, environment), repository.snapshot.revision


def draft(repository: Repository, environment: Environment) -> Generated:
    """The environment with the repository's own charts and declared images, before any cut."""
    project = repository.project
    images: dict[str, tuple[str, str | None]] = {
        name: (service.image, None) for name, service in project.services.items()
    }
    contents = Contents(project.components, project.services, images)
    delivery = Delivery(project, environment.name, DRAFT, repository.snapshot.revision)
    found = desired.build(repository, environment, contents, delivery)
    ours = {
        one.component.chart for one in found.installations.values() if not one.component.upstream
    }
    for chart in sorted(ours):
        charts.closure(repository.snapshot, chart)  # says what is missing before any is rendered
    return found


def check(repository: Repository, environment: str | None = None) -> list[Staleness]:
    """Every generated file that differs from what would be generated now.

    A file is `pending` where the environment's own files changed since, which `relman refresh`
    applies; it is `edited` where somebody changed what only relman writes.
    """
    names = [environment] if environment else list(repository.environments)
    return [stale for name in names for stale in _check(repository, name)]


def _check(repository: Repository, name: str) -> Iterator[Staleness]:
    environment = repository.environment(name)
    here = desired.present(repository.snapshot, name)
    last = repository.chain(name).last
    if last is None:
        for path in here.ids:
            yield Staleness(environment=name, path=path, state="edited")
        return
    release = repository.release(last.release)
    wanted = desired.for_release(repository, environment, release)
    live = desired.live_digest(repository.snapshot, name)
    edited = live != last.files
    pending = hashes.of_files(wanted.files) != last.files
    for path in _differing(repository, here.ids, wanted.files, here.live):
        yield Staleness(
            environment=name, path=path, state="edited" if edited or not pending else "pending"
        )


def _differing(
    repository: Repository, ids: dict[str, str], wanted: dict[str, bytes], live: list[str]
) -> list[str]:
    git = repository.snapshot.git
    expected = {path: commits.blob_id(git, content) for path, content in wanted.items()}
    paths = sorted({*expected, *live})
    return [path for path in paths if ids.get(path) != expected.get(path)]
