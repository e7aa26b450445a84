"""Which context of the kubeconfig stands for which cluster."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from relman.core.applications import IN_CLUSTER

if TYPE_CHECKING:
    from relman.core.models.environment import Environment
    from relman.operations.repository import Repository


def of_argocd(repository: Repository, environment: Environment | None = None) -> str | None:
    """Where Argo CD runs: RELMAN_ARGOCD_CONTEXT, the environment's own `argocdContext`, the
    project's `argocd.context`, or (None) the current context."""
    return (
        os.environ.get("RELMAN_ARGOCD_CONTEXT")
        or (environment.argocd_context if environment else None)
        or repository.project.argocd.context
    )


def of_cluster(repository: Repository, environment: Environment, cluster: str) -> str:
    """A cluster's: its `context`; Argo CD's, where the cluster is the one that Argo CD runs on
    and that is named; else the cluster's own name. Never the current context: that is somebody's
    choice of the moment."""
    found = next((one for one in environment.clusters if one.name == cluster), None)
    if found is None:
        return cluster
    beside = of_argocd(repository, environment) if found.server == IN_CLUSTER else None
    return found.context or beside or cluster
