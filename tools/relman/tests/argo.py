"""An Argo CD that does its work when a test says so: Applications in a fake API server, and the
status that the controller would leave in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from .api_servers import ApiServer, Asked
from .lab import Lab, git

REFRESH = "argocd.argoproj.io/refresh"
BEFORE, LATER = "2026-01-01T10:00:00Z", "2026-01-01T10:00:05Z"


@dataclass
class Argo:
    """The controller of one API server, reading a lab's branch."""

    server: ApiServer
    lab: Lab

    def head(self) -> str:
        """The branch's commit."""
        return git("rev-parse", "main", cwd=self.lab.remote or self.lab.root)

    def root(self, environment: str, **status: Any) -> None:
        """A root Application, as the bootstrap applies it."""
        self.server.put(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": {"name": f"shop-{environment}", "namespace": "argocd"},
                "spec": {"source": {"path": f"argocd/{environment}/applications"}},
                "status": status,
            }
        )

    def take(self, environment: str) -> None:
        """Brings the Applications in as git has them now, and what git has no more, out."""
        folder = f"argocd/{environment}/applications"
        tree = self.lab.remote or self.lab.root
        names = git("ls-tree", "--name-only", "main", f"{folder}/", cwd=tree).split()
        wanted = [yaml.safe_load(self.lab.read(name)) for name in names]
        for manifest in wanted:
            path = self.server.path(manifest)
            there = self.server.objects.get(path, {})
            self.server.objects[path] = manifest | {"status": there.get("status", {})}
        kept = {self.server.path(manifest) for manifest in wanted}
        for path, one in list(self.server.objects.items()):
            labels = one["metadata"].get("labels") or {}
            if labels.get("relman/environment") == environment and path not in kept:
                del self.server.objects[path]

    def applications(self, environment: str) -> list[dict[str, Any]]:
        """The live ones."""
        return [
            one
            for one in self.server.objects.values()
            if one["kind"] == "Application"
            and (one["metadata"].get("labels") or {}).get("relman/environment") == environment
            and "relman/component" in one["metadata"]["labels"]
        ]

    def compare(self, environment: str, sync: str = "Synced", health: str = "Healthy") -> None:
        """Every Application compared with the branch as it is now."""
        for one in self.applications(environment):
            one["status"] = one.get("status", {}) | {
                "reconciledAt": LATER,
                "sync": {"status": sync, "comparedTo": {"source": one["spec"]["source"]}},
                "health": {"status": health, "lastTransitionTime": LATER},
                "summary": {"images": ["registry.example.com/web:1.0"]},
            }

    def operate(self, environment: str, phase: str = "Succeeded", message: str = "") -> None:
        """An operation on every Application that has ended so."""
        for one in self.applications(environment):
            one["status"] = one.get("status", {}) | {
                "operationState": {
                    "phase": phase,
                    "message": message,
                    "finishedAt": BEFORE,
                    "operation": {"sync": {"source": one["spec"]["source"]}},
                    "syncResult": {
                        "revision": one["spec"]["source"]["targetRevision"],
                        "source": one["spec"]["source"],
                    },
                }
            }

    def attend(self, asked: Asked) -> None:
        """The controller has compared what it was asked to, by the next look: a script for the
        API server."""
        if asked.method == "GET":
            for one in self.server.objects.values():
                (one["metadata"].get("annotations") or {}).pop(REFRESH, None)

    def deliver(self, environment: str) -> None:
        """All of it: what git has runs, and runs well."""
        self.take(environment)
        self.operate(environment)
        self.compare(environment)
