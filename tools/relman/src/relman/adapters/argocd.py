"""Argo CD's Applications, as its controller left them in the API server.

Fields: argo-cd's pkg/apis/application/v1alpha1/types.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.adapters.api_server import Resource
from relman.core.errors import Unavailable
from relman.core.models.live import ApplicationState, UnhealthyObject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relman.adapters.api_server import Api

APPLICATIONS = Resource("argoproj.io/v1alpha1", "Application", "applications", namespaced=True)
COMPONENT = "relman/component"
# Conditions of these kinds stop a sync; the others only warn.
ERRORS = ("ComparisonError", "InvalidSpecError", "SyncError", "UnknownError", "DeletionError")
FINE = ("Healthy", "")
ASKED = "argocd.argoproj.io/refresh"
REFRESH = {"metadata": {"annotations": {ASKED: "normal"}}}


@dataclass(frozen=True)
class Delivered:
    """An environment's Applications by name, and the root Application that brings them."""

    applications: dict[str, ApplicationState]
    root: ApplicationState | None


def delivered(api: Api, namespace: str, environment: str, folder: str) -> Delivered:
    """The environment's Applications, and the one whose source is `folder`.

    Raises Unavailable when the API server can't be asked, or has no Argo CD.
    """
    path = APPLICATIONS.path(namespace)
    found = api.items(path, labelSelector=f"relman/environment={environment}")
    ours = [one for one in found if COMPONENT in (one["metadata"].get("labels") or {})]
    root = _root(found, folder) or _root(api.items(path, labelSelector=f"!{COMPONENT}"), folder)
    if not found and root is None:
        refuse_without(api)
    return Delivered({one["metadata"]["name"]: state(one) for one in ours}, root)


def refuse_without(api: Api) -> None:
    """Raises Unavailable when the API server doesn't know Argo CD's kinds."""
    if api.get("/apis/argoproj.io/v1alpha1") is None:
        raise Unavailable(
            f"{api.name} has no Argo CD",
            hint="relman bootstrap CLUSTER, or name its context: argocd.context in relman.yaml",
        )


def _root(applications: Iterable[dict[str, Any]], folder: str) -> ApplicationState | None:
    for one in applications:
        source = one["spec"].get("source") or {}
        if str(source.get("path", "")).strip("/") == folder:
            return state(one)
    return None


def state(application: dict[str, Any]) -> ApplicationState:
    """One Application's status."""
    metadata, status = application["metadata"], application.get("status") or {}
    labels = metadata.get("labels") or {}
    sync, health = status.get("sync") or {}, status.get("health") or {}
    operation = status.get("operationState") or {}
    return ApplicationState(
        name=metadata["name"],
        component=labels.get(COMPONENT, ""),
        release=labels.get("relman/release", ""),
        spec=application["spec"],
        deleting="deletionTimestamp" in metadata,
        compared=(sync.get("comparedTo") or {}).get("source") or {},
        applied=_applied(operation),
        revision=(operation.get("syncResult") or {}).get("revision", ""),
        pending=bool(application.get("operation")),
        refreshing=ASKED in (metadata.get("annotations") or {}),
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


def _applied(operation: dict[str, Any]) -> dict[str, Any]:
    """What the last operation was to bring. It has no result yet when it failed at once, and
    between two tries."""
    result = operation.get("syncResult") or {}
    asked = (operation.get("operation") or {}).get("sync") or {}
    return dict(result.get("source") or asked.get("source") or {})


def _unhealthy(resources: Iterable[dict[str, Any]]) -> list[UnhealthyObject]:
    """Only with Argo CD's `controller.resource.health.persist`; without it, none is named."""
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


def refresh(api: Api, namespace: str, names: Iterable[str]) -> None:
    """Asks Argo CD to look at git now instead of at its next poll."""
    for name in names:
        api.patch(APPLICATIONS.path(namespace, name), REFRESH)
