"""argocd/bootstrap/: what people write about Argo CD itself, and which of it a cluster gets."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from relman.adapters import yaml
from relman.core import generated
from relman.core.errors import Invalid, Place, Refused
from relman.operations import contexts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.operations.repository import Repository

FOLDER = "argocd/bootstrap"
VALUES, PROJECTS, ROOTS = (
    f"{FOLDER}/values.yaml",
    f"{FOLDER}/projects.yaml",
    f"{FOLDER}/applications",
)


def context_of(repository: Repository, cluster: str) -> str:
    """The kubeconfig's context of a cluster of some environment; anything else is a context."""
    for environment in repository.environments.values():
        for one in environment.clusters:
            if one.name == cluster:
                return contexts.of_cluster(repository, environment, cluster)
    return cluster


def served(repository: Repository, cluster: str, context: str) -> list[str]:
    """The environments that the Argo CD on a cluster delivers: those that name it, and, where
    nothing is named, all."""
    default = repository.project.argocd.context
    named = {
        name: environment.argocd_context or default
        for name, environment in repository.environments.items()
    }
    found = [name for name, where in named.items() if where in (None, cluster, context)]
    if not found:
        said = ", ".join(f"{name}: {where}" for name, where in named.items())
        raise Refused(
            f"no environment is delivered from {cluster} ({said})",
            hint="argocdContext of the environment, or argocd.context in releases/relman.yaml",
        )
    return found


def values(repository: Repository) -> dict[str, Any]:
    """Argo CD's own values; none where there is no such file."""
    content = repository.snapshot.read(VALUES)
    found = yaml.load(content, VALUES) if content else None
    if found is not None and not isinstance(found, dict):
        raise Invalid("must be a map of values", place=Place(VALUES))
    return found or {}


def objects(repository: Repository, environments: list[str]) -> Iterator[dict[str, Any]]:
    """The AppProjects, then the root Application of each environment.

    Raises Invalid where one is missing, or reads another repository or branch than relman
    writes to.
    """
    content = repository.snapshot.read(PROJECTS)
    for document in _documents(content, PROJECTS) if content else ():
        yield _object(document, PROJECTS)
    for name in environments:
        path = posixpath.join(ROOTS, f"{name}.yaml")
        content = repository.snapshot.read(path)
        if content is None:
            raise Invalid(
                f"there is no root Application for {name}",
                place=Place(path),
                hint="docs/argocd.md shows one; commit and push it",
            )
        for document in _documents(content, path):
            _refuse_elsewhere(repository, name, document, path)
            yield _object(document, path)


def _documents(content: bytes, path: str) -> list[Any]:
    try:
        return yaml.load_all(content)
    except ValueError as error:
        raise Invalid(f"isn't valid YAML: {error}", place=Place(path)) from error


def _object(document: Any, path: str) -> dict[str, Any]:
    metadata = document.get("metadata") if isinstance(document, dict) else None
    whole = isinstance(metadata, dict) and metadata.get("name") and metadata.get("namespace")
    if not whole or not document.get("apiVersion") or not document.get("kind"):
        raise Invalid(
            "isn't an object with apiVersion, kind, metadata.name and metadata.namespace",
            place=Place(path),
        )
    return dict(document)


def _refuse_elsewhere(repository: Repository, name: str, document: Any, path: str) -> None:
    if not isinstance(document, dict) or document.get("kind") != "Application":
        return
    source = (document.get("spec") or {}).get("source") or {}
    ours = repository.project.repository
    wanted = {
        "repoURL": ours.url,
        "targetRevision": ours.branch,
        "path": generated.applications_folder(name),
    }
    for key, value in wanted.items():
        if str(source.get(key, "")).strip("/") != value.strip("/"):
            raise Invalid(
                f"is {source.get(key)!r}, but relman writes to {value!r}",
                place=Place(path, key=f"spec.source.{key}"),
                hint="this file and releases/relman.yaml must agree",
            )
