"""argocd/bootstrap/ to start from: Argo CD's values, and what makes it follow the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relman.adapters import yaml
from relman.core import generated
from relman.core.applications import IN_CLUSTER
from relman.operations import bootstrap_files

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "argocd"
# The version that this one was tried with; people raise it in relman.yaml.
CHART = {
    "repo": "https://argoproj.github.io/argo-helm",
    "name": "argo-cd",
    "version": "10.1.1",
}
VALUES = """# Values of the chart that releases/relman.yaml names under argocd.chart.
crds:
  # Without the definitions every Application would go, and what it runs with it.
  keep: true
configs:
  cm:
    application.resourceTrackingMethod: annotation
  params:
    # Applications are applied on the server's side, so they are compared there too.
    controller.diff.server.side: "true"
    # Why an object is not healthy stands in its Application, for `relman wait` to say.
    controller.resource.health.persist: "true"
"""
PROJECTS = """# The project of the root Applications. They may make Applications and AppProjects in
# Argo CD's own namespace, and nothing else.
"""
ROOT = """# Applies what relman generates for {name}. It has no finalizer: deleting it leaves the
# Applications, and what they run, in place.
"""


def files(project: str, url: str, branch: str, environments: Sequence[str]) -> dict[str, str]:
    """The files' texts by their paths."""
    found = {
        bootstrap_files.VALUES: VALUES,
        bootstrap_files.PROJECTS: PROJECTS + yaml.dump(_root_project(project, url)),
    }
    for name in environments:
        application = _root_application(project, url, branch, name)
        path = f"{bootstrap_files.ROOTS}/{name}.yaml"
        found[path] = ROOT.format(name=name) + yaml.dump(application)
    return found


def _root_project(project: str, url: str) -> dict[str, Any]:
    kinds = ("Application", "AppProject")
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": f"{project}-root", "namespace": NAMESPACE},
        "spec": {
            "description": "The root Applications of the environments",
            "sourceRepos": [url],
            "destinations": [{"server": IN_CLUSTER, "namespace": NAMESPACE}],
            "namespaceResourceWhitelist": [
                {"group": "argoproj.io", "kind": kind} for kind in kinds
            ],
        },
    }


def _root_application(project: str, url: str, branch: str, name: str) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": f"{project}-{name}",
            "namespace": NAMESPACE,
            "labels": {"relman/environment": name},
        },
        "spec": {
            "project": f"{project}-root",
            "source": {
                "repoURL": url,
                "targetRevision": branch,
                "path": generated.applications_folder(name),
            },
            "destination": {"server": IN_CLUSTER, "namespace": NAMESPACE},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
                "retry": {
                    "limit": 5,
                    "refresh": True,
                    "backoff": {"duration": "10s", "factor": 2, "maxDuration": "1m"},
                },
                "syncOptions": ["ServerSideApply=true", "PruneLast=true"],
            },
        },
    }
