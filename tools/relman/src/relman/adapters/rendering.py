"""Renders a chart once for each content: in-process where that is exact, else by helm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.adapters import cache, helm, helm_cli

if TYPE_CHECKING:
    from relman.adapters.charts import LocalChart


@dataclass(frozen=True)
class Request:
    """One rendering. `label` names the chart in errors: its path or its upstream name."""

    chart: LocalChart
    label: str
    name: str
    namespace: str
    values: dict[str, Any]
    kubernetes_version: str | None = None
    api_versions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of its result: equal keys render to equal texts."""
        asked = (self.kubernetes_version or "", *self.api_versions) if self.chart.exact else ()
        values = json.dumps(self.values, sort_keys=True)
        return cache.key(
            "render",
            self.chart.key,
            renderer(self.chart),
            self.name,
            self.namespace,
            values,
            *asked,
        )


def renderer(chart: LocalChart) -> str:
    """What renders this chart, with its version."""
    in_process = helm.available() and not chart.exact
    return helm.identity() if in_process else f"helm {helm_cli.version()}"


def render(request: Request) -> str:
    """The manifests as text, from the cache where they were rendered before."""
    name = f"renders/{request.key[:2]}/{request.key}"
    cached = cache.read_text(name)
    if cached is not None:
        return cached
    text = _render(request)
    cache.write_text(name, text)
    return text


def _render(request: Request) -> str:
    chart = request.chart
    what = (chart.folder, request.name, request.namespace, request.values, request.label)
    if helm.available() and not chart.exact:
        return helm.render(*what, lean_copy=chart.lean)
    return helm_cli.render(*what, request.kubernetes_version, request.api_versions)
