"""Renders a chart once for each content: in-process where that is exact, else by helm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from relman.adapters import cache, helm, helm_cli
from relman.core import manifests

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

    @cached_property
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
    cached = _cached(request)
    return "".join(_rendered(request)) if cached is None else cached


def documents(request: Request) -> list[str]:
    """The same as documents, without empty ones."""
    cached = _cached(request)
    if cached is not None:
        return manifests.split(cached)
    return [document for text in _rendered(request) for document in _split(text)]


def _cached(request: Request) -> str | None:
    return cache.read_text(_place(request))


def _place(request: Request) -> str:
    return f"renders/{request.key[:2]}/{request.key}"


def _rendered(request: Request) -> list[str]:
    texts = _texts(request)
    cache.write_text(_place(request), "".join(texts))
    return texts


@lru_cache(maxsize=512)
def _split(text: str) -> list[str]:
    """A template gives the same text on many clusters."""
    return manifests.split(text)


def _texts(request: Request) -> list[str]:
    chart = request.chart
    what = (chart.folder, request.name, request.namespace, request.values, request.label)
    if helm.available() and not chart.exact:
        return helm.texts(*what, lean_copy=chart.lean)
    return [helm_cli.render(*what, request.kubernetes_version, request.api_versions)]
