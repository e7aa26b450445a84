"""Renders what Applications install: the ones that are to come, and the ones that are there."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relman.adapters import charts, rendering, upstream, yaml
from relman.core.errors import Invalid, Place, RelmanError
from relman.core.models.project import Component, IgnoreDifference

if TYPE_CHECKING:
    from relman.adapters.charts import LocalChart
    from relman.adapters.snapshot import Snapshot
    from relman.core.installations import Installation


@dataclass(frozen=True)
class Target:
    """What one Application installs, in the words of a renderer. `chart` is a folder of ours
    at a commit, or None for an upstream one."""

    cluster: str
    component: str
    chart: str | None
    commit: str | None
    source: Component | None
    namespace: str
    values: dict[str, Any]
    kubernetes_version: str | None
    api_versions: tuple[str, ...]
    ignored: tuple[IgnoreDifference, ...] = ()
    server: str | None = None

    @property
    def shown(self) -> str:
        """Chart and version, for people."""
        if self.source is not None:
            return f"{self.source.chart} {self.source.version}"
        return f"{self.chart} at {(self.commit or '')[:12]}"


def of_installation(item: Installation, commit: str) -> Target:
    """What an installation of a release renders."""
    component = item.component
    return Target(
        cluster=item.cluster,
        component=item.name,
        chart=None if component.upstream else component.chart,
        commit=None if component.upstream else commit,
        source=component if component.upstream else None,
        namespace=item.namespace,
        values=item.values,
        kubernetes_version=item.kubernetes_version,
        api_versions=item.api_versions,
        ignored=component.ignore_differences,
        server=item.server,
    )


def of_application(snapshot: Snapshot, path: str) -> Target:
    """What an Application in the repository renders. Raises Invalid when it isn't one of ours."""
    try:
        return _target(yaml.load_generated(snapshot.read(path) or b""))
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise Invalid(
            f"isn't an Application that relman wrote ({error!r})",
            place=Place(path),
            hint="git log shows who changed it; git revert brings it back",
        ) from error


def _target(document: dict[str, Any]) -> Target:
    source = document["spec"]["source"]
    cluster_component = document["metadata"]["name"]
    component = document["metadata"]["labels"]["relman/component"]
    helm = source["helm"]
    return Target(
        cluster=cluster_component.removesuffix(f"-{component}"),
        component=component,
        chart=source.get("path"),
        commit=source["targetRevision"] if "path" in source else None,
        source=_upstream(source, document) if "chart" in source else None,
        namespace=document["spec"]["destination"]["namespace"],
        values=yaml.load_generated(helm["values"].encode()),
        kubernetes_version=helm.get("kubeVersion"),
        api_versions=tuple(helm.get("apiVersions", ())),
        ignored=tuple(
            IgnoreDifference.model_validate(one)
            for one in document["spec"].get("ignoreDifferences", ())
        ),
        server=document["spec"]["destination"].get("server"),
    )


def _upstream(source: dict[str, Any], document: dict[str, Any]) -> Component:
    repo = source["repoURL"]
    return Component(
        chart=source["chart"],
        repo=repo if "://" in repo else f"oci://{repo}",
        version=source["targetRevision"],
        namespace=document["spec"]["destination"]["namespace"],
    )


@dataclass
class Renderer:
    """Renders targets of one repository; a chart is written out once for each commit."""

    snapshot: Snapshot
    pull: bool = False
    _charts: dict[tuple[str, str], LocalChart] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def request(self, target: Target) -> rendering.Request | str:
        """What to render, or why it can't be rendered here."""
        found = self._chart(target)
        if isinstance(found, str):
            return found
        return rendering.Request(
            chart=found,
            label=target.chart or target.shown,
            name=target.component,
            namespace=target.namespace,
            values=target.values,
            kubernetes_version=target.kubernetes_version,
            api_versions=target.api_versions,
        )

    def _chart(self, target: Target) -> LocalChart | str:
        if target.source is not None:
            return self._upstream(target.source)
        where = (target.commit or self.snapshot.revision, target.chart or "")
        with self._lock:
            if where not in self._charts:
                snapshot = self.snapshot.at(where[0])
                self._charts[where] = charts.materialise(snapshot, where[1])
            return self._charts[where]

    def _upstream(self, component: Component) -> LocalChart | str:
        with self._lock:
            try:
                found = upstream.find(component, pull=self.pull)
            except RelmanError as error:
                return error.message
        return found or "not in the cache; --pull fetches it"
