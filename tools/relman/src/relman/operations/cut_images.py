"""Which image each service gets in a new release, and its digest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.adapters import registry
from relman.core import images, versions
from relman.core.errors import Invalid, RelmanError
from relman.core.models.release import Image

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from relman.core.models.project import Project
    from relman.core.models.release import Release
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace


@dataclass(frozen=True)
class Wanted:
    """An image before it is resolved."""

    declared: str
    reference: str


def frozen(
    workspace: Workspace, repository: Repository, given: Mapping[str, str]
) -> dict[str, Image]:
    """Every service's image with its digest; `given` are references by service.

    Raises Invalid for a service that doesn't exist or a reference that can't be one, Invalid or
    Unavailable when an image can't be resolved.
    """
    wanted = _references(repository.project, _newest(repository), given)
    workspace.progress(f"resolving {len(wanted)} images")
    digests = _resolved({item.reference for item in wanted.values()})
    return {
        name: Image(
            declared=item.declared, reference=item.reference, digest=digests[item.reference]
        )
        for name, item in wanted.items()
    }


def _references(
    project: Project, before: Release | None, given: Mapping[str, str]
) -> dict[str, Wanted]:
    """Which image each service gets: the one given now; else, while relman.yaml says what it
    said at the newest release, the one frozen there; else what relman.yaml says.

    So an image given once stays until somebody gives or declares another one.
    """
    for name in given:
        if name not in project.services:
            raise Invalid(
                f"there is no service {name!r}",
                hint=f"the services are {', '.join(project.services) or 'none yet'}",
            )
    found = {}
    for name, service in project.services.items():
        last = before.images.get(name) if before else None
        kept = last.reference if last and last.declared == service.image else service.image
        reference = given.get(name, kept)
        images.parse(reference)
        found[name] = Wanted(service.image, reference)
    return found


def _newest(repository: Repository) -> Release | None:
    newest = versions.newest(repository.versions)
    return repository.release(newest) if newest else None


def _resolved(references: Collection[str]) -> dict[str, str]:
    """Each reference's digest, asked for once and side by side. Raises the first error, with
    all references that failed in it."""
    found: dict[str, str] = {}
    failed: dict[str, RelmanError] = {}

    def resolve(reference: str) -> None:
        try:
            found[reference] = registry.digest(reference)
        except RelmanError as error:
            failed[reference] = error

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(resolve, sorted(references)))
    if failed:
        first, *others = [failed[reference] for reference in sorted(failed)]
        also = "".join(f"; {error.message}" for error in others)
        raise type(first)(f"{first.message}{also}", place=first.place, hint=first.hint)
    return found
