"""What an environment installs: each component on each cluster, with its merged values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.core import filled_values, merge
from relman.core.errors import Invalid, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from relman.core.models.environment import Cluster, Environment, Facts
    from relman.core.models.project import Component, Service
    from relman.core.models.release import Release


@dataclass(frozen=True)
class Installation:
    """One component on one cluster."""

    cluster: str
    name: str
    component: Component
    namespace: str
    values: dict[str, Any]
    server: str | None
    kubernetes_version: str | None
    api_versions: tuple[str, ...]

    @property
    def application(self) -> str:
        """The Argo CD Application's name."""
        return f"{self.cluster}-{self.name}"


@dataclass(frozen=True)
class Contents:
    """What is to be installed, from a release or from a draft without digests."""

    components: Mapping[str, Component]
    services: Mapping[str, Service]
    images: Mapping[str, tuple[str, str | None]]


def contents_of(release: Release) -> Contents:
    """A release's contents."""
    pinned = {name: (image.reference, image.digest) for name, image in release.images.items()}
    return Contents(release.components, release.services, pinned)


def installations(
    contents: Contents, environment: Environment, facts: Mapping[str, Facts]
) -> Iterator[Installation]:
    """Every component that the environment runs, cluster by cluster, in the order of waves.

    What the environment says of a component that this release lacks has nothing to act on: a
    rollback may go behind a component's first release. Raises Invalid for a fact that is
    missing, an image or a fact that the environment also sets, or an add-on that a chart owns too.
    """
    ordered = sorted(contents.components.items(), key=lambda item: (item[1].wave, item[0]))
    for cluster in environment.clusters:
        known = facts.get(cluster.name)
        for name, component in ordered:
            if _is_installed(name, component, environment, known):
                yield _installation(contents, environment, cluster, known, name)


def _is_installed(
    name: str, component: Component, environment: Environment, facts: Facts | None
) -> bool:
    choice = environment.components.get(name)
    enabled = component.enabled if choice is None or choice.enabled is None else choice.enabled
    owner = (choice and choice.owner) or component.owner
    if not enabled or owner == "addon":
        return False
    if facts and component.addon and component.addon in facts.addons:
        raise Invalid(
            f"the cluster {facts.cluster} already has {name} as the EKS add-on {component.addon}",
            place=Place(environment.file, key=f"components.{name}.owner"),
            hint="set owner: addon, or switch the add-on off in Terraform",
        )
    return True


def _installation(
    contents: Contents,
    environment: Environment,
    cluster: Cluster,
    facts: Facts | None,
    name: str,
) -> Installation:
    component = contents.components[name]
    choice = environment.components.get(name)
    layers = (environment.values.get(name, {}), cluster.values.get(name, {}))
    chosen = merge.merge(*layers)
    filled = filled_values.from_facts(component, environment, cluster, facts, name, chosen)
    pinned = filled_values.from_images(contents, environment, name, chosen)
    version = cluster.kubernetes_version or (facts.kubernetes_version if facts else None)
    return Installation(
        cluster=cluster.name,
        name=name,
        component=component,
        namespace=(choice and choice.namespace) or component.namespace,
        # One after the other, as Helm does: what a null has removed must not come back.
        values=merge.merge(component.values, *layers, filled, pinned),
        server=cluster.server,
        kubernetes_version=version.removeprefix("v") if version else None,
        api_versions=cluster.api_versions,
    )
