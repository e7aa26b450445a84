"""What differs between a repository and the sandbox's copy of it: where git, charts and images
are, and, where all environments share one cluster, their namespaces. Nothing has run in the copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relman.core import images, merge, versions
from relman.core.applications import IN_CLUSTER
from relman.core.models.environment import ComponentChoice
from relman.core.models.sandbox import Shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relman.core.models.environment import Environment
    from relman.core.models.project import Project

PROJECT = "releases/relman.yaml"
BOOTSTRAP = "argocd/bootstrap/"
# Written by relman when something is released.
RELEASED = ("releases/versions/", "releases/records/", "releases/decisions/")
ACCOUNT, REGION = "123456789012", "us-east-1"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"


@dataclass(frozen=True)
class Copy:
    """How the copy is made. `charts` is the chart repository's URL, None to keep the real ones;
    `shared` are the environments' changes for one cluster, None where each has its own."""

    project: Project
    environments: Iterable[str]
    remote: str
    charts: str | None
    shared: Mapping[str, Shared] | None = field(default=None)


def is_kept(copy: Copy, path: str) -> bool:
    """Whether a file of the repository is in the copy."""
    generated = tuple(f"argocd/{name}/" for name in copy.environments)
    return not path.startswith(RELEASED + generated)


def is_rewritten(path: str) -> bool:
    """Whether a file names where something is."""
    return path == PROJECT or path.startswith((BOOTSTRAP, "releases/components/"))


def rewritten(copy: Copy, text: str) -> str:
    """A file with the sandbox's addresses in place of the real ones, its comments kept."""
    addresses = _addresses(copy)
    # In one go and as whole words: one address may be a part of another, before or after.
    words = "|".join(map(re.escape, addresses))
    return re.sub(rf"(?<![\w./-])(?:{words})(?![\w.-])", lambda one: addresses[one[0]], text)


def _addresses(copy: Copy) -> dict[str, str]:
    found = {copy.project.repository.url: copy.remote}
    found |= {
        str(service.image): simulated(str(service.image))
        for service in copy.project.services.values()
    }
    if copy.charts:
        repos = {one.repo: copy.charts for one in copy.project.components.values() if one.repo}
        found |= repos
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))  # the longest first


def simulated(image: str) -> str:
    """The same image in the simulated registry."""
    reference = images.parse(image)
    return f"{REGISTRY}/{reference.name}:{reference.tag or 'latest'}"


def tags(image: str) -> tuple[str, str]:
    """The tag that the repository names, and a newer one, to have something to change to."""
    tag = images.parse(image).tag or "latest"
    newer = versions.following([tag], "minor") if versions.is_version(tag) else f"{tag}-next"
    return tag, newer


def environment(document: Mapping[str, Any], name: str, shared: Mapping[str, Shared] | None) -> Any:
    """An environment's file in the copy: clusters are found in the sandbox."""
    changed = {key: value for key, value in document.items() if key != "argocdContext"}
    changed["clusters"] = [_cluster(one, shared is not None) for one in document["clusters"]]
    if shared is None or name not in shared:
        return changed
    stated = shared[name].stated()
    for key in ("components", "values"):
        if key in stated:
            changed[key] = merge.merge(changed.get(key) or {}, stated[key])
    return changed


def own_namespaces(
    project: Project, environments: Mapping[str, Environment], shared: Mapping[str, Shared]
) -> dict[str, Shared]:
    """What `shared` says; and where it doesn't speak of one of several environments, a namespace
    of its own for each component: otherwise they would fight for the same objects."""
    found = {}
    for name, one in environments.items() if len(environments) > 1 else ():
        chosen = {key: choice.namespace for key, choice in one.components.items()}
        own = {
            key: ComponentChoice(namespace=f"{chosen.get(key) or component.namespace}-{name}")
            for key, component in project.components.items()
        }
        found[name] = Shared(components=own)
    return {**found, **shared}


def _cluster(document: Mapping[str, Any], is_shared: bool) -> dict[str, Any]:
    kept = {key: value for key, value in document.items() if key not in ("server", "context")}
    return {**kept, "server": IN_CLUSTER} if is_shared else kept
