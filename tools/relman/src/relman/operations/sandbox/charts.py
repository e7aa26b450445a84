"""The sandbox's chart repository: a stand-in for each upstream chart, packed by Helm itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import process, yaml
from relman.core.errors import Invalid
from relman.core.sandbox import standins
from relman.core.sandbox.stores import chart_repository

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relman.core.models.project import Component
    from relman.core.models.sandbox import Definition, Sandbox
    from relman.core.sandbox.layout import Layout


def build(
    components: Mapping[str, Component],
    definitions: Sequence[Definition],
    where: Layout,
    box: Sandbox,
    helm: str,
) -> None:
    """Packs them and writes the index, where that hasn't been done."""
    target = Path(where.charts)
    if (target / "index.yaml").exists():
        return
    target.mkdir(parents=True, exist_ok=True)
    for name, component in standins.upstream(components).items():
        _pack(component, standins.of_component(name, definitions), target, helm)
    _helm(helm, "repo", "index", str(target), "--url", chart_repository(box))


def _pack(component: Component, definitions: Sequence[Definition], target: Path, helm: str) -> None:
    with tempfile.TemporaryDirectory(prefix="relman-chart-") as folder:
        chart = Path(folder) / component.chart.rpartition("/")[2]
        for path, text in standins.files(component, definitions, yaml.dump).items():
            (chart / path).parent.mkdir(parents=True, exist_ok=True)
            (chart / path).write_text(text)
        _helm(helm, "package", str(chart), "--destination", str(target))


def _helm(helm: str, *arguments: str) -> None:
    done = process.run([helm, *arguments])
    if done.code:
        raise Invalid(f"`helm {arguments[0]}` failed: {done.err}")
