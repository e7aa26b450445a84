"""What switches the subcharts of a chart on and off: conditions, and tags.

Helm drops what is off before it merges values and renders, from the loaded chart too: a handle
serves only values that switch the same charts on.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from relman.adapters import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Keys = tuple[str, ...]


def charts(chart: Path, keys: Keys = ()) -> Iterator[tuple[Keys, Path]]:
    """An unpacked chart and those below it, by the folders that lead to them."""
    yield keys, chart
    below = chart / "charts"
    for child in sorted(below.iterdir()) if below.is_dir() else []:
        yield from charts(child, (*keys, child.name))


def metadata(chart: Path) -> dict[str, Any]:
    """A chart's Chart.yaml."""
    return dict(yaml.load((chart / "Chart.yaml").read_bytes(), "Chart.yaml"))


def paths(chart: Path) -> list[Keys]:
    """Where the values stand that decide which charts are on."""
    found: list[Keys] = [("tags",)]
    for keys, folder in charts(chart):
        for dependency in metadata(folder).get("dependencies") or []:
            conditions = str(dependency.get("condition") or "").strip()
            found += [(*keys, *one.split(".")) for one in conditions.split(",") if one]
    return found


def state(where: list[Keys], values: dict[str, Any], defaults: dict[str, Any]) -> str:
    """What is on, as a text: equal texts, the same charts. `defaults` are those of the whole
    chart, which count where `values` say nothing."""
    return json.dumps([_value(keys, values, defaults) for keys in where])


def _value(keys: Keys, values: Any, defaults: Any) -> Any:
    for depth, key in enumerate(keys):
        if not isinstance(values, dict):
            return None
        if key not in values:
            return _value(keys[depth:], defaults, {}) if defaults else None
        values = values[key]
        defaults = defaults.get(key) if isinstance(defaults, dict) else None
    return values
