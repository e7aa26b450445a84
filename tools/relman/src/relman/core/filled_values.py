"""Values that aren't set by hand: facts of the cluster, images of the release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relman.core import images, merge
from relman.core.errors import Invalid, Place
from relman.core.models.base import split_path

if TYPE_CHECKING:
    from relman.core.installations import Contents
    from relman.core.models.environment import Cluster, Environment, Facts
    from relman.core.models.project import Component


def from_facts(
    component: Component,
    environment: Environment,
    cluster: Cluster,
    facts: Facts | None,
    name: str,
    chosen: dict[str, Any],
) -> dict[str, Any]:
    """A component's values from its cluster's facts. Raises Invalid for one that is missing, or
    that is `chosen` by hand as well."""
    filled: dict[str, Any] = {}
    for path, fact in component.facts.items():
        keys = split_path(path)
        if merge.has(chosen, keys):
            raise Invalid(
                f"comes from the cluster's fact {fact!r} and can't be set by hand",
                place=Place(environment.file, key=f"values.{name}.{path}"),
                hint="remove it here; `relman facts` imports it from Terraform",
            )
        try:
            merge.put(filled, keys, merge.get(facts.values if facts else {}, split_path(fact)))
        except KeyError as error:
            raise Invalid(
                f"the component {name} needs the fact {fact!r}, which is missing",
                place=Place(f"releases/facts/{cluster.name}.yaml", key=f"values.{fact}"),
                hint=f"relman facts {cluster.name} imports Terraform's outputs",
            ) from error
    return filled


def from_images(
    contents: Contents, environment: Environment, name: str, chosen: dict[str, Any]
) -> dict[str, Any]:
    """A component's values that are images of its services. Raises Invalid for one that is
    `chosen` by hand as well."""
    pinned: dict[str, Any] = {}
    for service_name, service in contents.services.items():
        if service.component != name:
            continue
        reference, digest = contents.images[service_name]
        for path in service.paths or (f"{service_name}.image",):
            keys = split_path(path)
            for key in ("",) if service.format == "string" else ("tag", "digest"):
                if merge.has(chosen, (*keys, key) if key else keys):
                    raise Invalid(
                        f"the {key or 'image'} of {service_name} comes from the release",
                        place=Place(
                            environment.file, key=f"values.{name}.{path}.{key}".rstrip(".")
                        ),
                        hint="remove it here; `relman cut --image` freezes another image",
                    )
            value = images.chart_values(reference, digest, service.format)
            merge.put(pinned, keys, _keep_registry(value, chosen, keys))
    return pinned


def _keep_registry(value: Any, chosen: dict[str, Any], keys: tuple[str, ...]) -> Any:
    """An environment may pull the same digest from a registry of its own."""
    if isinstance(value, dict) and merge.has(chosen, (*keys, "repository")):
        return {key: part for key, part in value.items() if key != "repository"}
    return value
