"""Upstream charts at their pinned versions, unpacked in the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.adapters import cache, helm_cli
from relman.adapters.charts import LocalChart

if TYPE_CHECKING:
    from pathlib import Path

    from relman.core.models.project import Component


def find(component: Component, *, pull: bool = False) -> LocalChart | None:
    """The chart if it is in the cache, or was pulled now because `pull` says so; else None.

    Raises Unavailable or Invalid with Helm's words when pulling fails.
    """
    repo, version = component.repo or "", component.version or ""
    key = cache.key("upstream", repo, component.chart, version)
    home = cache.folder() / f"upstream/{key}"
    if not home.exists():
        if not pull:
            return None

        def fill(target: Path) -> None:
            helm_cli.pull(repo, component.chart, version, target)

        cache.directory(f"upstream/{key}", fill)
    folder = next(path.parent for path in home.glob("*/Chart.yaml"))
    # Upstream charts commonly read .Capabilities; they always get the target's.
    return LocalChart(folder, key, exact=True)
