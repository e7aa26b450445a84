"""`relman cut`: freezes a release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.adapters import charts, documents
from relman.core import commit_messages, hashes, versions
from relman.core.errors import Refused
from relman.core.models.base import API_VERSION, Model
from relman.core.models.release import Charts, Release
from relman.operations import applying, cut_images
from relman.operations.repository import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relman.core.models.project import Component
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
        images=cut_images.frozen(workspace, repository, request.images),
        services=project.services,
        components=project.components,
    )
    return draft.model_copy(update={"digest": hashes.of_release(draft)})


def _charts(repository: Repository, components: Mapping[str, Component]) -> Charts:
    snapshot = repository.snapshot
    return Charts(commit=snapshot.revision, digest=charts.digest(snapshot, components.values()))
