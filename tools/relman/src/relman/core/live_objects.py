"""Objects as API servers have them, made comparable with what charts render."""

from __future__ import annotations

import base64
import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from relman.core import quantities
from relman.core.fields import LIST_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relman.core.manifests import Manifest

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "app.kubernetes.io/instance"
OPTIONS = "argocd.argoproj.io/sync-options"
# What the API server and controllers write into every object.
SERVERS_OWN = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
SCALER = "HorizontalPodAutoscaler"
NOTHING: tuple[Any, ...] = (None, "", 0, False, [], {})


class Tracked(NamedTuple):
    """What Argo CD's tracking annotation says: the Application, and the object that it means."""

    application: str
    group: str
    kind: str
    namespace: str
    name: str


class Scaled(NamedTuple):
    """A workload whose replicas an autoscaler owns."""

    kind: str
    namespace: str
    name: str


def tracked(document: dict[str, Any]) -> Tracked | None:
    """The Application that an object belongs to; None for one that only got the annotation
    copied from its owner (a ReplicaSet from its Deployment). As argo-cd's
    util/argo/resource_tracking.go does it."""
    metadata = document.get("metadata") or {}
    parts = str((metadata.get("annotations") or {}).get(TRACKING, "")).split(":", 2)
    if len(parts) != 3 or metadata.get("ownerReferences"):
        return None
    group, _, kind = parts[1].partition("/")
    namespace, _, name = parts[2].partition("/")
    return Tracked(parts[0], group, kind, namespace, name)


def is_kept(document: dict[str, Any]) -> bool:
    """Whether it says itself that it is not to be pruned."""
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    return "Prune=false" in str(annotations.get(OPTIONS, "")).replace(" ", "")


def as_applied(manifest: Manifest, live: dict[str, Any]) -> dict[str, Any]:
    """What Argo CD would send for a rendered object: with its namespace, and with the mark by
    which Argo CD knows it, which is no difference."""
    document: dict[str, Any] = copy.deepcopy(manifest.document)
    document.pop("status", None)
    metadata = document["metadata"]
    if manifest.namespace:
        metadata["namespace"] = manifest.namespace
    there = live.get("metadata") or {}
    for part, key in (("annotations", TRACKING), ("labels", INSTANCE)):
        marked = (there.get(part) or {}).get(key)
        if marked is not None and (part == "annotations" or TRACKING not in _annotations(there)):
            metadata[part] = {**(metadata.get(part) or {}), key: marked}
    return document


def _annotations(metadata: dict[str, Any]) -> dict[str, Any]:
    return metadata.get("annotations") or {}


def scaled(documents: Iterable[Manifest]) -> set[Scaled]:
    """The workloads that rendered autoscalers own the replicas of."""
    found = set()
    for manifest in documents:
        if manifest.kind == SCALER:
            target = (manifest.document.get("spec") or {}).get("scaleTargetRef") or {}
            found.add(Scaled(str(target.get("kind")), manifest.namespace, str(target.get("name"))))
    return found


def comparable(document: dict[str, Any], owned: set[Scaled]) -> dict[str, Any]:
    """Without status, without what the API server writes, without replicas under an autoscaler."""
    metadata = document.get("metadata") or {}
    kept = {key: value for key, value in document.items() if key != "status"}
    kept["metadata"] = {key: value for key, value in metadata.items() if key not in SERVERS_OWN}
    here = Scaled(
        str(document.get("kind")), str(metadata.get("namespace", "")), str(metadata.get("name"))
    )
    if here in owned and isinstance(kept.get("spec"), dict):
        kept["spec"] = {key: part for key, part in kept["spec"].items() if key != "replicas"}
    return kept


def encoded(document: dict[str, Any]) -> dict[str, Any]:
    """A Secret's stringData as the API server keeps it: in data, encoded."""
    if document.get("kind") != "Secret" or not document.get("stringData"):
        return document
    text = {
        key: base64.b64encode(str(value).encode()).decode()
        for key, value in document["stringData"].items()
    }
    rest = {key: value for key, value in document.items() if key != "stringData"}
    return rest | {"data": {**(document.get("data") or {}), **text}}


def named_by(wanted: Any, live: Any) -> Any:
    """Of what is live, only what git names, written as git writes it where it means the same
    (1000m and 1). Entries of lists are found by the key that the API merges them by."""
    if isinstance(wanted, dict) and isinstance(live, dict):
        return {
            key: named_by(value, live[key]) if key in live else value
            for key, value in wanted.items()
            if key in live or value in NOTHING
        }
    if isinstance(wanted, list) and isinstance(live, list):
        return _entries(wanted, live)
    return wanted if _same(wanted, live) else live


def _entries(wanted: list[Any], live: list[Any]) -> list[Any]:
    key = next((key for key in LIST_KEYS if _all_have(key, wanted) and _all_have(key, live)), None)
    if key is None:
        if len(wanted) != len(live):
            return live
        return [named_by(one, other) for one, other in zip(wanted, live, strict=True)]
    there = {one[key]: one for one in live}
    return [named_by(one, there[one[key]]) for one in wanted if one[key] in there]


def _all_have(key: str, items: list[Any]) -> bool:
    values = [one.get(key) if isinstance(one, dict) else None for one in items]
    return None not in values and len({str(value) for value in values}) == len(values)


def _same(wanted: Any, live: Any) -> bool:
    if wanted == live:
        return type(wanted) is type(live)
    number = quantities.parse(wanted) if isinstance(wanted, int | str) else None
    return number is not None and number == quantities.parse(live)
