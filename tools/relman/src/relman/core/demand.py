"""What the pods of workloads ask of their namespace together: requests, limits, storage.

Counted are the pods that must start: a workload's replicas, or the least that its autoscaler
keeps; a DaemonSet and a CronJob count as one pod.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from relman.core import quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from relman.core.manifests import Manifest

Amounts = dict[str, Decimal]
Document = dict[str, Any]

COUNTED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
ONCE = ("DaemonSet", "Job", "CronJob", "Pod")
SCALER = "HorizontalPodAutoscaler"


def namespaces(manifests: Iterable[Manifest]) -> list[str]:
    """The namespaces in which pods will run."""
    return sorted({one.namespace for one in manifests if one.kind in (*COUNTED, *ONCE)})


def total_of(here: Sequence[Manifest], defaults: Document) -> tuple[Amounts, dict[str, str]]:
    """What all pods ask for, and for each of the compute resources a workload that is silent.
    `defaults` is what a LimitRange gives to containers: default, and defaultRequest."""
    least = {
        _scaled(one): int((one.document.get("spec") or {}).get("minReplicas") or 1)
        for one in here
        if one.kind == SCALER
    }
    total: Amounts = defaultdict(Decimal)
    silent: dict[str, str] = {}
    for one in here:
        if one.kind not in (*COUNTED, *ONCE):
            continue
        count = least.get((one.kind, one.name), _replicas(one))
        pod, quiet = _pod(_pod_spec(one.document), defaults)
        for key, amount in {**pod, "pods": Decimal(1)}.items():
            total[key] += amount * count
        silent |= {key: f"{one.kind}/{one.name}" for key in quiet if count}
    for claim, count in _claims(here):
        total["persistentvolumeclaims"] += count
        total["requests.storage"] += count * (quantities.parse(claim) or Decimal(0))
    return dict(total), silent


def _scaled(scaler: Manifest) -> tuple[str, str]:
    target = (scaler.document.get("spec") or {}).get("scaleTargetRef") or {}
    return str(target.get("kind")), str(target.get("name"))


def _replicas(one: Manifest) -> int:
    spec = one.document.get("spec") or {}
    key = "replicas" if one.kind in COUNTED else "parallelism"
    count = spec.get(key) if one.kind in (*COUNTED, "Job") else None
    return 1 if count is None else int(count)


def _pod_spec(document: Document) -> Document:
    spec: Document = document.get("spec") or {}
    if document.get("kind") == "Pod":
        return spec
    job: Document = (spec.get("jobTemplate") or {}).get("spec") or spec
    return (job.get("template") or {}).get("spec") or {}


def _pod(spec: Document, defaults: Document) -> tuple[Amounts, set[str]]:
    """As the scheduler counts: all containers together, or the greediest that runs before."""
    quiet: set[str] = set()
    running: Amounts = defaultdict(Decimal)
    before: Amounts = defaultdict(Decimal)
    for container in spec.get("initContainers") or ():
        asked = _container(container, defaults, quiet)
        for key, amount in asked.items():
            if container.get("restartPolicy") == "Always":
                running[key] += amount
            else:
                before[key] = max(before[key], running[key] + amount)
    for container in spec.get("containers") or ():
        for key, amount in _container(container, defaults, quiet).items():
            running[key] += amount
    keys = {*running, *before}
    return {key: max(running[key], before[key]) for key in keys}, quiet


def _container(container: Document, defaults: Document, quiet: set[str]) -> Amounts:
    """Limits stand in for requests that are left out, and the LimitRange for both."""
    resources = container.get("resources") or {}
    own = {part: resources.get(part) or {} for part in ("limits", "requests")}
    limits = {**defaults.get("default", {}), **own["limits"]}
    requests = {**limits, **defaults.get("defaultRequest", {}), **own["limits"], **own["requests"]}
    found: Amounts = {}
    for part, given in (("limits", limits), ("requests", requests)):
        for resource, text in given.items():
            found[f"{part}.{resource}"] = quantities.parse(text) or Decimal(0)
        quiet |= {
            f"{part}.{resource}"
            for resource in ("cpu", "memory")
            if quantities.parse(given.get(resource)) is None
        }
    return found


def _claims(here: Iterable[Manifest]) -> Iterator[tuple[Any, int]]:
    """The storage of each claim, and how many there are of it."""
    for one in here:
        spec = one.document.get("spec") or {}
        if one.kind == "PersistentVolumeClaim":
            yield _storage(spec), 1
        for template in spec.get("volumeClaimTemplates") or () if one.kind == "StatefulSet" else ():
            yield _storage(template.get("spec") or {}), _replicas(one)


def _storage(spec: Document) -> Any:
    return ((spec.get("resources") or {}).get("requests") or {}).get("storage", 0)
