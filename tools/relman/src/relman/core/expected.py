"""An Application as git wants it, and what an API server may change of it without changing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Expected:
    """An Application as git wants it."""

    name: str
    cluster: str
    component: str
    release: str
    spec: dict[str, Any]


def promised(application: dict[str, Any]) -> Expected:
    """What a generated Application promises."""
    labels = application["metadata"]["labels"]
    name, component = application["metadata"]["name"], labels["relman/component"]
    return Expected(
        name=name,
        cluster=name.removesuffix(f"-{component}"),
        component=component,
        release=labels["relman/release"],
        spec=application["spec"],
    )


def at_release(want: Expected, source: dict[str, Any]) -> bool:
    """Whether it is of this source: the chart at its version, with these values."""
    return bool(source) and holds(source, want.spec["source"])


def holds(live: Any, wanted: Any) -> bool:
    """Whether everything wanted is there. An API server may have filled in more, and Argo CD
    leaves out what is empty when it writes an Application."""
    if isinstance(wanted, dict):
        there = live if isinstance(live, dict) else {}
        return all(holds(there.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(live, list):
        return len(live) == len(wanted) and all(map(holds, live, wanted))
    return bool(live == wanted) or (live in EMPTY and wanted in EMPTY)
