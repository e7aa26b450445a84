"""Values for a prepared chart: merged by Helm from the defaults alone, checked by schemas that are
compiled once."""

from __future__ import annotations

import json
import re
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from relman.adapters import switches
from relman.adapters.lean import DEFAULTS, MARK, SCHEMAS, SWITCHES

if TYPE_CHECKING:
    from pathlib import Path

MOST_HANDLES = 32
MARKED = re.compile(f"/{MARK}$")


def merged(home: Path, values: dict[str, Any]) -> tuple[dict[str, Any], str] | None:
    """The values that the bare copy renders as the chart renders `values`, and which subcharts
    they switch on. None where only the chart itself will do: a schema isn't met, or a null
    stands in them, which means another thing in a chart's defaults than in given values."""
    paths = _read(home / SWITCHES)
    on = switches.state(paths, values, _defaults(home))
    defaults, live = _loaded(home / DEFAULTS, on, values)
    found: dict[str, Any] = defaults.merge_values(values)
    return None if _has_null(found) or not _accepts(home, found, live) else (found, on)


@lru_cache(maxsize=64)
def _read(file: Path) -> Any:
    return json.loads(file.read_text())


@lru_cache(maxsize=64)
def _defaults(home: Path) -> dict[str, Any]:
    import helm_python

    with helm_python.Chart.load(home / DEFAULTS) as chart:
        return dict(chart.merge_values({}))


_handles = threading.local()


def _loaded(chart: Path, on: str, values: dict[str, Any]) -> tuple[Any, set[tuple[str, ...]]]:
    """The defaults, loaded once for each thread, without those of subcharts that are off: a
    rendering drops them, and shows which are live. Merging leaves the handle as it is."""
    import helm_python

    known: dict[tuple[Path, str], tuple[Any, set[tuple[str, ...]]]]
    known = _handles.__dict__.setdefault("charts", {})
    if (chart, on) not in known:
        if len(known) >= MOST_HANDLES:
            known.clear()
        found = helm_python.Chart.load(chart)
        marks = found.render(values)
        live = {tuple(MARKED.sub("", path).split("/charts/")[1:]) for path in marks}
        known[chart, on] = found, live
    return known[chart, on]


def _has_null(values: dict[str, Any]) -> bool:
    parts = values.values()
    return None in parts or any(_has_null(part) for part in parts if isinstance(part, dict))


def _accepts(home: Path, values: dict[str, Any], live: set[tuple[str, ...]]) -> bool:
    """Whether the schemas of all charts that are live are met; Helm asks no others."""
    for keys, validator in _validators(home):
        here: Any = values
        for key in keys:
            here = here.get(key) or {}
        if keys in live and not validator.is_valid(here):
            return False
    return True


@lru_cache(maxsize=64)
def _validators(home: Path) -> list[tuple[tuple[str, ...], Any]]:
    import jsonschema_rs

    schemas = _read(home / SCHEMAS)
    return [(tuple(keys), jsonschema_rs.validator_for(schema)) for keys, schema in schemas]
