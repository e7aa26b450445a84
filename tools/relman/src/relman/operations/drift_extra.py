"""Objects in a cluster that belong to an environment's Applications and are in git no more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from relman.adapters.api_answers import Away, Forbidden
from relman.adapters.api_server import METADATA
from relman.core import live_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.adapters.api_server import Api, Resource
    from relman.core.live_objects import Tracked

AT_ONCE = 8
# Many, and never part of an Application.
LEFT_OUT = ("Event", "Lease", "Node", "Pod", "ReplicaSet", "EndpointSlice", "Endpoints")


def tracked_objects(api: Api) -> Iterator[tuple[dict[str, Any], Tracked]]:
    """Every object in the cluster that Argo CD says belongs to an Application. Kinds that may
    not be listed are left out."""
    kinds = [one for one in _kinds(api) if one.kind not in LEFT_OUT]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for resource, found in zip(
            kinds, pool.map(lambda one: _listed(api, one), kinds), strict=True
        ):
            for item in found:
                # The items of a list don't say what they are.
                document = {**item, "apiVersion": resource.api_version, "kind": resource.kind}
                mark = live_objects.tracked(document)
                if mark and _means(mark, document) and not live_objects.is_kept(document):
                    yield document, mark


def _kinds(api: Api) -> list[Resource]:
    groups = (api.get("/apis") or {}).get("groups") or []
    versions = ["v1", *(one["preferredVersion"]["groupVersion"] for one in groups)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        served = pool.map(lambda version: _served(api, version), versions)
        return [kind for kinds in served for kind in kinds]


def _served(api: Api, version: str) -> list[Resource]:
    """None of a group whose own server is away (metrics, for example): no Application has
    objects there."""
    try:
        return list(api.resources(version).values())
    except Away:
        return []


def _listed(api: Api, resource: Resource) -> list[dict[str, Any]]:
    try:
        return api.items(resource.path(), accept=METADATA)
    except Forbidden:
        return []


def _means(mark: Tracked, document: dict[str, Any]) -> bool:
    """Whether the mark is this object's own; copies of it say that they mean another."""
    metadata = document["metadata"]
    group = str(document["apiVersion"]).rpartition("/")[0]
    same = (mark.group, mark.kind, mark.name) == (group, document["kind"], metadata["name"])
    return same and metadata.get("namespace", mark.namespace) == mark.namespace
