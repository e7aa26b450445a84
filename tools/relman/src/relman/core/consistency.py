"""What must hold between files of releases/; each rule raises Invalid with the place to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.errors import Invalid, Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from relman.core.models.environment import Environment
    from relman.core.models.project import Component, Project

PROJECT_FILE = "releases/relman.yaml"
# A component's name is its Helm release's, and Helm takes no longer one (helm's pkg/chart/
# common/util/validate_name.go).
RELEASE_NAME = 53


def refuse_unknown_services(project: Project, components: Mapping[str, Component]) -> None:
    """Every service must belong to a component."""
    for name, service in project.services.items():
        if service.component not in components:
            raise Invalid(
                f"there is no component {service.component!r}",
                place=Place(PROJECT_FILE, key=f"services.{name}.component"),
                hint=f"the components are {', '.join(sorted(components))}",
            )


def refuse_unknown_components(components: Collection[str], environment: Environment) -> None:
    """Raises Invalid when the environment speaks of a component that doesn't exist."""
    named = {f"components.{name}": name for name in environment.components}
    named |= {f"values.{name}": name for name in environment.values}
    for index, cluster in enumerate(environment.clusters):
        named |= {f"clusters.{index}.values.{name}": name for name in cluster.values}
    for key, name in named.items():
        if name not in components:
            raise Invalid(
                f"there is no component {name!r}",
                place=Place(environment.file, key=key),
                hint=f"the components are {', '.join(sorted(components))}",
            )


def refuse_long_names(components: Iterable[str], project: Project) -> None:
    """What Helm refuses as a release's name is no component's."""
    for name in components:
        if len(name) > RELEASE_NAME:
            ours = name in project.components
            raise Invalid(
                f"{name} is longer than the {RELEASE_NAME} characters of a Helm release's name",
                place=Place(PROJECT_FILE, key=f"components.{name}")
                if ours
                else Place(f"releases/components/{name}.yaml"),
                hint="give the component a shorter name",
            )


def refuse_shared_clusters(environments: Mapping[str, Environment]) -> None:
    """Applications are named CLUSTER-COMPONENT: two environments can't share a cluster's name."""
    owner: dict[str, str] = {}
    for name, environment in environments.items():
        for cluster in environment.clusters:
            if cluster.name in owner:
                raise Invalid(
                    f"the cluster {cluster.name} belongs to {owner[cluster.name]} too",
                    place=Place(environment.file, key="clusters"),
                    hint="name each environment's use of it, with the same server:",
                )
            owner[cluster.name] = name


def refuse_twins(environments: Mapping[str, Environment], project: Project) -> None:
    """CLUSTER-COMPONENT can be the same name for two pairs: eu + web-api, eu-web + api."""
    seen: dict[str, str] = {}
    for environment in environments.values():
        for cluster in environment.clusters:
            for component in project.components:
                name, pair = f"{cluster.name}-{component}", f"{component} on {cluster.name}"
                if name in seen:
                    raise Invalid(
                        f"{seen[name]} and {pair} would both be the Application {name}",
                        place=Place(environment.file, key="clusters"),
                        hint="rename the cluster or the component",
                    )
                seen[name] = pair
