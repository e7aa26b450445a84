"""What a change destroys or interrupts, and which pods it restarts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from relman.core import quantities
from relman.core.models.plan import Restart, Risk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relman.core.models.plan import FieldChange, ObjectChange, Unrendered

WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet"}
# Deleting one of these loses data, or everything inside it.
KEEPERS = {
    "PersistentVolumeClaim": "its data goes with it, unless the volume's reclaim policy keeps it",
    "PersistentVolume": "its data may go with it",
    "StorageClass": "claims that name it can no longer be provisioned or expanded",
    "Namespace": "everything in it goes with it",
    "CustomResourceDefinition": "every object of that kind in the cluster goes with it",
    "StatefulSet": "its pods go, and claims may be left behind or deleted by its policy",
    "Deployment": "its pods go",
    "DaemonSet": "its pods go",
    "Service": "whoever calls it by name gets no answer",
    "Ingress": "its load balancer and its name may go with it",
}
GUARDS = {
    "PodDisruptionBudget": "a node's drain may take all pods at once",
    "HorizontalPodAutoscaler": "the workload no longer grows with its load",
}
# Fields that the API server refuses to change (validation of each kind in kubernetes/kubernetes,
# pkg/apis/*/validation): the object must be deleted and made anew.
IMMUTABLE = {
    "Deployment": r"spec\.selector(\.|$)",
    "DaemonSet": r"spec\.selector(\.|$)",
    "ReplicaSet": r"spec\.selector(\.|$)",
    "StatefulSet": r"spec\.(selector|serviceName|volumeClaimTemplates|podManagementPolicy)",
    "Job": r"spec\.(selector|template|completionMode|podFailurePolicy)",
    "Service": r"spec\.clusterIPs?(\.|\[|$)",
    "PersistentVolumeClaim": r"spec\.(?!resources\.requests\.storage$)",
    "StorageClass": r"(provisioner|parameters|reclaimPolicy|volumeBindingMode)",
    "IngressClass": r"spec\.controller",
    "PriorityClass": r"(value|preemptionPolicy)",
    "RoleBinding": r"roleRef",
    "ClusterRoleBinding": r"roleRef",
    "Secret": r"type$",
    "CSIDriver": r"spec\.(attachRequired|fsGroupPolicy|volumeLifecycleModes)",
}


def risks(changes: list[ObjectChange], unrendered: Sequence[Unrendered] = ()) -> list[Risk]:
    """Every risk, each with the id that --accept must name."""
    found = [risk for change in changes for risk in _risks_of(change)]
    return found + [_unseen(one) for one in unrendered if one.before and one.before != one.after]


def _unseen(one: Unrendered) -> Risk:
    """A chart goes, or another version of it comes, and what that removes can't be seen here."""
    what = f"goes from {one.before} to {one.after}" if one.after else f"({one.before}) is removed"
    return Risk(
        id=f"unseen:{one.cluster}/{one.component}",
        object=None,
        summary=f"{one.component} {what}, and its objects were not rendered: {one.why}",
    )


def _risks_of(change: ObjectChange) -> Iterator[Risk]:
    kind = change.object.kind
    if change.change == "removed":
        if why := KEEPERS.get(kind) or GUARDS.get(kind):
            yield _risk("remove", change, f"is removed: {why}")
        return
    if change.change == "changed":
        yield from _risks_of_fields(change)


def _risks_of_fields(change: ObjectChange) -> Iterator[Risk]:
    pattern = r"(data|stringData|binaryData|immutable)" if change.frozen else None
    pattern = pattern or (None if change.hook else IMMUTABLE.get(change.object.kind))
    frozen = [f.path for f in change.fields if pattern and re.match(pattern, f.path)]
    frozen += [f.path for f in change.fields if _shrinks(change.object.kind, f)]
    selectors = [path for path in frozen if path.startswith("spec.selector")]
    if selectors:
        yield _risk("selector", change, "its selector changes: the API server refuses that")
    elif frozen:
        yield _risk("immutable", change, f"can't be changed in place: {', '.join(frozen)}")
    if change.object.kind == "Service" and any(
        f.path.startswith("spec.selector") for f in change.fields
    ):
        yield _risk("selector", change, "its selector changes: traffic goes to other pods at once")
    if change.object.kind in WORKLOADS:
        yield from _scaled_to_nothing(change)


def _shrinks(kind: str, field: FieldChange) -> bool:
    """Whether a claim asks for less than before, which no volume can do."""
    if kind != "PersistentVolumeClaim" or field.path != "spec.resources.requests.storage":
        return False
    before, after = quantities.parse(field.before), quantities.parse(field.after)
    return before is None or after is None or after < before


def _scaled_to_nothing(change: ObjectChange) -> Iterator[Risk]:
    for field in change.fields:
        if field.path == "spec.replicas" and field.after == 0:
            yield _risk("scale-to-zero", change, f"goes from {field.before} replicas to none")


def _risk(what: str, change: ObjectChange, summary: str) -> Risk:
    where = change.object
    return Risk(id=f"{what}:{where.cluster}/{where}", object=where, summary=f"{where} {summary}")


def restarts(changes: list[ObjectChange], pods: dict[tuple[str, str], int | None]) -> list[Restart]:
    """Workloads whose pod template changes. `pods` holds the replicas by (cluster, object)."""
    found = []
    for change in changes:
        template = [f.path for f in change.fields if f.path.startswith("spec.template.")]
        if change.object.kind in WORKLOADS and change.change == "changed" and template:
            count = pods.get((change.object.cluster, str(change.object)))
            found.append(Restart(object=change.object, pods=count, because=tuple(template)))
    return found
