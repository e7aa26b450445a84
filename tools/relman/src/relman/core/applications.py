"""The Argo CD Applications and the AppProject of an environment, as plain data.

Fields: argo-cd's documentation, operator-manual/application.yaml and operator-manual/project.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relman.core.installations import Installation
    from relman.core.models.project import Project

# How Argo CD calls the cluster that it runs on.
IN_CLUSTER = "https://kubernetes.default.svc"
MANAGED = {"app.kubernetes.io/managed-by": "relman"}


@dataclass(frozen=True)
class Delivery:
    """What the Applications of one environment have in common."""

    project: Project
    environment: str
    release: str
    commit: str

    @property
    def app_project(self) -> str:
        """The AppProject's name."""
        return f"{self.project.name}-{self.environment}"


def application(delivery: Delivery, item: Installation, values: str) -> dict[str, Any]:
    """One Application. `values` are the installation's values as YAML.

    The values stand in the Application itself, so that chart and values switch in the same
    instant. A `$values` source can't give them to a chart at the release's commit: Argo CD refuses
    two revisions of one repository in an Application (argo-cd's reposerver/repository/
    repository.go). As text, because what Helm reads must be what was written: an object would pass
    through the API server's JSON, which drops nulls and the difference between 1 and 1.0.
    """
    spec: dict[str, Any] = {
        "project": delivery.app_project,
        "destination": _destination(item),
        "source": _chart_source(delivery, item, values),
        "syncPolicy": _sync_policy(),
    }
    if item.component.ignore_differences:
        spec["ignoreDifferences"] = [
            ignored.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
            | {"group": ignored.group}
            for ignored in item.component.ignore_differences
        ]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": _metadata(delivery, item),
        "spec": spec,
    }


def _metadata(delivery: Delivery, item: Installation) -> dict[str, Any]:
    return {
        "name": item.application,
        "namespace": delivery.project.argocd.namespace,
        "labels": {
            **MANAGED,
            "relman/environment": delivery.environment,
            "relman/component": item.name,
            "relman/release": delivery.release,
        },
        "annotations": {"argocd.argoproj.io/sync-wave": str(item.component.wave)},
        "finalizers": ["resources-finalizer.argocd.argoproj.io"],
    }


def _destination(item: Installation) -> dict[str, str]:
    where = {"server": item.server} if item.server else {"name": item.cluster}
    return {**where, "namespace": item.namespace}


def _chart_source(delivery: Delivery, item: Installation, values: str) -> dict[str, Any]:
    component = item.component
    helm: dict[str, Any] = {"releaseName": item.name}
    # Told, not discovered, so that a plan renders with the very same Capabilities.
    if item.kubernetes_version:
        helm["kubeVersion"] = item.kubernetes_version
    if item.api_versions:
        helm["apiVersions"] = list(item.api_versions)
    helm["values"] = values
    if component.upstream:
        return {
            # Argo CD takes the host of an OCI registry without its scheme.
            "repoURL": (component.repo or "").removeprefix("oci://"),
            "chart": component.chart,
            "targetRevision": component.version,
            "helm": helm,
        }
    return {
        "repoURL": delivery.project.repository.url,
        "path": component.chart,
        "targetRevision": delivery.commit,
        "helm": helm,
    }


def _sync_policy() -> dict[str, Any]:
    return {
        "automated": {"prune": True, "selfHeal": True},
        # Every try is for the source of the first one (argo-cd's controller/sync.go), so a rollback
        # waits for the last of them: they end within some three minutes.
        "retry": {
            "limit": 5,
            "backoff": {"duration": "10s", "factor": 2, "maxDuration": "1m"},
        },
        "syncOptions": [
            "CreateNamespace=true",
            "ServerSideApply=true",
            "RespectIgnoreDifferences=true",
            "PruneLast=true",
        ],
    }


def app_project(delivery: Delivery, items: Sequence[Installation]) -> dict[str, Any]:
    """The AppProject: our repository, the pinned chart repositories, and this environment's
    clusters and namespaces only."""
    repositories = {(item.component.repo or "").removeprefix("oci://") for item in items} - {""}
    destinations = {tuple(sorted(_destination(item).items())) for item in items}
    kinds = {(k.group, k.kind) for k in delivery.project.argocd.cluster_resources}
    kinds |= {(k.group, k.kind) for item in items for k in item.component.cluster_resources}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {
            "name": delivery.app_project,
            "namespace": delivery.project.argocd.namespace,
            "labels": {**MANAGED, "relman/environment": delivery.environment},
            "annotations": {"argocd.argoproj.io/sync-wave": "-1001"},
        },
        "spec": {
            "description": f"What {delivery.project.name} may run in {delivery.environment}",
            "sourceRepos": [delivery.project.repository.url, *sorted(repositories)],
            "destinations": [dict(destination) for destination in sorted(destinations)],
            "clusterResourceWhitelist": [
                {"group": group, "kind": kind} for group, kind in sorted(kinds)
            ],
            "namespaceResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    }
