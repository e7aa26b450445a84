"""Which Applications of an environment are compared with clusters, and what git has of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.adapters import rendering, yaml
from relman.core import generated, manifests
from relman.core.errors import Invalid, Place
from relman.operations import desired, rendered

if TYPE_CHECKING:
    from relman.core.manifests import Manifest
    from relman.core.models.environment import Environment
    from relman.operations.rendered import Renderer, Target
    from relman.operations.repository import Repository


@dataclass(frozen=True)
class Chosen:
    """Which part of an environment to look at. `context` is the kubeconfig's, where it isn't
    the cluster's own."""

    cluster: str | None = None
    component: str | None = None
    context: str | None = None


@dataclass(frozen=True)
class Part:
    """One Application in git: what it installs, and its objects or why there are none."""

    name: str
    target: Target
    objects: tuple[Manifest, ...] = ()
    problem: str = ""


def targets(repository: Repository, environment: Environment, chosen: Chosen) -> dict[str, Target]:
    """What the Applications in git install, by their names. Raises Invalid when nothing there
    is what was chosen."""
    snapshot = repository.snapshot
    names = sorted(desired.present(snapshot, environment.name).applications)
    paths = {name: generated.application_path(environment.name, name) for name in names}
    every = {name: rendered.of_application(snapshot, path) for name, path in paths.items()}
    found = {
        name: target
        for name, target in every.items()
        if chosen.cluster in (None, target.cluster) and chosen.component in (None, target.component)
    }
    if not found:
        has = ", ".join(f"{one.component} on {one.cluster}" for one in every.values())
        raise Invalid(f"{environment.name} has nothing like that", hint=f"it has: {has or '-'}")
    return found


def known(
    repository: Repository,
    environment: Environment,
    here: dict[str, Target],
    chosen: Chosen,
) -> dict[str, tuple[str, str]]:
    """Cluster and component of every Application that the environment has, or may have had."""
    clusters = {cluster.name for cluster in environment.clusters}
    clusters |= {target.cluster for target in here.values()}
    components = {*repository.project.components}
    components |= {target.component for target in here.values()}
    return {
        f"{cluster}-{component}": (cluster, component)
        for cluster in clusters
        for component in components
        if chosen.component in (None, component)
    }


def part(renderer: Renderer, name: str, target: Target) -> Part:
    """What an Application in git renders."""
    request = renderer.request(target)
    if isinstance(request, str):
        return Part(name, target, problem=f"not rendered: {request}")
    documents = manifests.split(rendering.render(request))
    try:
        found = manifests.parse(documents, yaml.load_all, target.namespace)
    except ValueError as error:
        raise Invalid(f"renders no valid objects: {error}", place=Place(name)) from error
    return Part(name, target, tuple(found))
