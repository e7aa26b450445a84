"""Argo CD's Applications, as its controller left them in the API server.

Fields: argo-cd's pkg/apis/application/v1alpha1/types.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relman.adapters.kubernetes import Resource
from relman.core.errors import Unavailable
from relman.core.models.live import ApplicationState, UnhealthyObject

if TYPE_CHECKING:
    from relman.adapters.kubernetes import Api

APPLICATIONS = Resource("argoproj.io/v1alpha1", "Application", "applications", namespaced=True)
# Conditions of these kinds stop a sync; the others only warn.
ERRORS = ("ComparisonError", "InvalidSpecError", "SyncError", "UnknownError", "DeletionError")
FINE = ("Healthy", "")
REFRESH = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}


def applications(api: Api, namespace: str, environment: str) -> dict[str, ApplicationState]:
    """The environment's Applications by name, the root Application not among them.

    Raises Unavailable when the API server can't be asked, or has no Argo CD.
    """
    query = {"labelSelector": f"relman/environment={environment},relman/component"}
    found = api.items(APPLICATIONS.path(namespace), **query)
    if not found and api.get("/apis/argoproj.io/v1alpha1") is None:
        raise Unavailable(
            f"{api.name} has no Argo CD",
            hint="relman bootstrap CLUSTER, or name its context: argocd.context in relman.yaml",
        )
    return {one["metadata"]["name"]: state(one) for one in found}


def state(application: dict[str, Any]) -> ApplicationState:
    """One Application's status."""
    status = application.get("status") or {}
    sources = application["spec"].get("sources") or [application["spec"].get("source") or {}]
    sync, health = status.get("sync") or {}, status.get("health") or {}
    operation = status.get("operationState") or {}
    return ApplicationState(
        name=application["metadata"]["name"],
        release=application["metadata"].get("labels", {}).get("relman/release", ""),
        value_files=tuple((sources[0].get("helm") or {}).get("valueFiles") or ()),
        wanted=tuple(str(one.get("targetRevision", "")) for one in sources),
        compared=_revisions(sync),
        applied=_revisions(operation.get("syncResult") or {}),
        sync=sync.get("status") or "Unknown",
        health=health.get("status") or "Unknown",
        health_message=health.get("message", ""),
        health_since=health.get("lastTransitionTime"),
        phase=operation.get("phase"),
        operation_message=operation.get("message", ""),
        operation_finished=operation.get("finishedAt"),
        reconciled=status.get("reconciledAt"),
        conditions=tuple(
            f"{one['type']}: {one.get('message', '')}"
            for one in status.get("conditions") or ()
            if one["type"] in ERRORS
        ),
        unhealthy=tuple(_unhealthy(status.get("resources") or ())),
        images=tuple((status.get("summary") or {}).get("images") or ()),
    )


def refresh(api: Api, namespace: str, names: list[str]) -> None:
    """Asks Argo CD to look at git now instead of at its next poll."""
    for name in names:
        api.patch(APPLICATIONS.path(namespace, name), REFRESH)


def _revisions(where: dict[str, Any]) -> tuple[str, ...]:
    several = where.get("revisions")
    return tuple(several) if several else tuple(filter(None, [where.get("revision")]))


def _unhealthy(resources: Any) -> list[UnhealthyObject]:
    return [
        UnhealthyObject(
            kind=one.get("kind", ""),
            namespace=one.get("namespace", ""),
            name=one.get("name", ""),
            health=health,
            message=one["health"].get("message", ""),
        )
        for one in resources
        if (health := (one.get("health") or {}).get("status", "")) not in FINE
    ]
