"""`relman cut`: freezes a release."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.adapters import charts, documents, registry
from relman.core import commit_messages, hashes, images, versions
from relman.core.errors import Invalid, Refused, RelmanError
from relman.core.models.base import API_VERSION, Model
from relman.core.models.release import Charts, Image, Release
from relman.operations import applying
from relman.operations.repository import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from relman.core.models.project import Component, Project
    from relman.core.versions import Bump
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace

COMMENT = "Written by `relman cut` and never changed."


@dataclass(frozen=True)
class Request:
    """What to cut: a version or a bump, and images by service that replace what is declared.
    `floor` says what the release does that can't be undone."""

    version: str | None = None
    bump: Bump = "patch"
    images: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    floor: str = ""


class Cut(Model):
    """The release, and whether it is a new one or was there before."""

    release: Release
    new: bool
    commit: str | None = None


def cut(workspace: Workspace, request: Request) -> Cut:
    """Writes releases/versions/VERSION.yaml from the branch that Argo CD reads.

    The same content again is not cut twice: the version that has it is given back. Raises
    Refused when the version exists with other content, Invalid or Unavailable when an image
    can't be resolved to a digest.
    """
    return applying.with_retries(lambda: _attempt(workspace, workspace.fresh(), request))


def _attempt(workspace: Workspace, repository: Repository, request: Request) -> Cut:
    if request.version is not None:
        versions.parse(request.version)
    version = request.version or versions.following(repository.versions, request.bump)
    release = _freeze(workspace, repository, request, version)
    for known in versions.ordered(repository.versions):
        existing = repository.release(known)
        if existing.digest == release.digest and request.version in (None, known):
            return Cut(release=existing, new=False)
        if existing.digest == release.digest:
            raise Refused(f"{known} already has exactly this content", hint=f"use {known}")
        if known == version:
            raise Refused(
                f"{version} exists with other content, and a release is never changed",
                hint="relman cut without a version takes the next one",
            )
    message = f"cut {version}\n\n{request.note}\n\n" if request.note else f"cut {version}\n\n"
    message += commit_messages.trailers({"Relman-Release": version})
    files: dict[str, bytes | None] = {
        f"{VERSIONS}/{version}.yaml": documents.dump(release, COMMENT)
    }
    commit = applying.commit(workspace, repository, files, commit_messages.sealed(message, files))
    return Cut(release=release, new=True, commit=commit)


def _freeze(
    workspace: Workspace, repository: Repository, request: Request, version: str
) -> Release:
    project = repository.project
    draft = Release(
        api_version=API_VERSION,
        kind="Release",
        version=version,
        digest="sha256:" + "0" * 64,
        created=workspace.clock(),
        author=workspace.git.identity(),
        note=request.note,
        floor=request.floor,
        charts=_charts(repository, project.components),
        images=_images(workspace, repository, request),
        services=project.services,
        components=project.components,
    )
    return draft.model_copy(update={"digest": hashes.of_release(draft)})


def _charts(repository: Repository, components: Mapping[str, Component]) -> Charts:
    snapshot = repository.snapshot
    return Charts(commit=snapshot.revision, digest=charts.digest(snapshot, components.values()))


def _images(workspace: Workspace, repository: Repository, request: Request) -> dict[str, Image]:
    wanted = references(repository.project, _newest(repository), request.images)
    workspace.progress(f"resolving {len(wanted)} images")
    digests = _resolved({item.reference for item in wanted.values()})
    return {
        name: Image(
            declared=item.declared, reference=item.reference, digest=digests[item.reference]
        )
        for name, item in wanted.items()
    }


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


@dataclass(frozen=True)
class Wanted:
    """An image before it is resolved."""

    declared: str
    reference: str


def references(
    project: Project, before: Release | None, given: Mapping[str, str]
) -> dict[str, Wanted]:
    """Which image each service gets: the one given now; else, while relman.yaml says what it
    said at the newest release, the one frozen there; else what relman.yaml says.

    So an image given once stays until somebody gives or declares another one. Raises Invalid
    for a service that doesn't exist or a reference that can't be one.
    """
    for name in given:
        if name not in project.services:
            raise Invalid(
                f"there is no service {name!r}",
                hint=f"the services are {', '.join(project.services) or 'none yet'}",
            )
    found = {}
    for name, service in project.services.items():
        frozen = before.images.get(name) if before else None
        kept = frozen.reference if frozen and frozen.declared == service.image else service.image
        reference = given.get(name, kept)
        images.parse(reference)
        found[name] = Wanted(service.image, reference)
    return found


def _newest(repository: Repository) -> Release | None:
    newest = versions.newest(repository.versions)
    return repository.release(newest) if newest else None
