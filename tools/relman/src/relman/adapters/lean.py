"""A chart prepared for being rendered many times.

Helm compiles every values.schema.json and parses every values.yaml at each rendering, which is
most of an umbrella chart's time. So Helm merges the values once, from a chart that stays loaded;
the schemas, compiled once here, are checked against the result; and it goes into a copy of the
chart that has neither. When anything is uncertain, or a schema isn't met, the whole chart goes
through Helm, whose verdict and words are the ones that count. Tests compare the two ways.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relman.adapters import apart, parts, yaml
from relman.adapters.parts import BARE

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = "schemas.json"
# Words of JSON Schema that validators read differently, or that need another document.
UNCERTAIN = ('"format"', '"$id"', '"$dynamicRef"', '"contentEncoding"')


@contextlib.contextmanager
def unpacked(chart: Path) -> Iterator[Path]:
    """A copy of a chart in which the dependencies that Helm packed are folders, too."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "chart"
        shutil.copytree(chart, whole)
        _unpack(whole)
        yield whole


def prepare(whole: Path, target: Path) -> None:
    """Writes to `target` the schemas of an unpacked chart, and its copy without values and
    schemas. A chart of which that can't be done for certain gets none."""
    schemas: list[tuple[list[str], Any]] = []
    if not _collect(whole, [], schemas):
        return
    _copy(whole, target / BARE, keep_all=_reads_files(whole))
    (target / SCHEMAS).write_text(json.dumps(schemas))
    outline = apart.outline(target / BARE)
    if outline is not None:
        (target / parts.OUTLINE).write_text(json.dumps(outline))


def _unpack(chart: Path) -> None:
    """Unpacks the dependencies that Helm packed, and theirs."""
    from relman.adapters.helm import library

    helm_python = library()
    for archive in (chart / "charts").glob("*.tgz"):
        helm_python.expand(chart / "charts", archive)
        archive.unlink()
    for child in _dependencies(chart):
        if child.is_dir():
            _unpack(child)


def merged(chart: Path, home: Path, values: dict[str, Any]) -> dict[str, Any] | None:
    """The values that the bare copy renders as the chart renders `values`; None where only the
    chart itself will do: a schema isn't met, or a null stands in them, which means another
    thing in a chart's defaults than in given values."""
    found: dict[str, Any] = _loaded(chart).merge_values(values)
    return None if _has_null(found) or not _accepts(home, found) else found


_handles = threading.local()


def _loaded(chart: Path) -> Any:
    """The chart, loaded once for each thread; merging, unlike rendering, leaves it as it is."""
    import helm_python

    known: dict[Path, Any] = _handles.__dict__.setdefault("charts", {})
    if chart not in known:
        known[chart] = helm_python.Chart.load(chart)
    return known[chart]


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_null(part) for part in value.values())
    return value is None


def _accepts(home: Path, values: dict[str, Any]) -> bool:
    for keys, validator in _validators(home):
        here: Any = values
        for key in keys:
            here = here.get(key) or {}
        if not validator.is_valid(here):
            return False
    return True


@lru_cache(maxsize=64)
def _validators(home: Path) -> list[tuple[list[str], Any]]:
    import jsonschema_rs

    schemas = json.loads((home / SCHEMAS).read_text())
    return [(keys, jsonschema_rs.validator_for(schema)) for keys, schema in schemas]


def _collect(chart: Path, keys: list[str], found: list[tuple[list[str], Any]]) -> bool:
    """Gathers the schemas of a chart and its dependencies; False where one is uncertain, or a
    dependency's values stand under another name than its own."""
    metadata = yaml.load((chart / "Chart.yaml").read_bytes(), "Chart.yaml")
    if any(one.get("alias") for one in metadata.get("dependencies") or []):
        return False
    schema = chart / "values.schema.json"
    if schema.exists():
        text = schema.read_text()
        if any(word in text for word in UNCERTAIN) or _refers_outside(text):
            return False
        found.append((keys, json.loads(text)))
    return all(
        child.is_dir() and _collect(child, [*keys, _name(child)], found)
        for child in _dependencies(chart)
    )


def _refers_outside(schema: str) -> bool:
    return schema.count('"$ref"') != schema.count('"$ref": "#/')


def _dependencies(chart: Path) -> list[Path]:
    folder = chart / "charts"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _name(chart: Path) -> str:
    return str(yaml.load((chart / "Chart.yaml").read_bytes(), "Chart.yaml")["name"])


def _reads_files(chart: Path) -> bool:
    """Whether a template, or a value that goes through `tpl`, may read the chart's other files."""
    return any(b".Files" in path.read_bytes() for path in chart.rglob("*") if path.is_file())


def _copy(chart: Path, target: Path, *, keep_all: bool) -> None:
    """Copies what Helm loads, by Helm's own account: what .helmignore leaves out stays out."""
    from relman.adapters.helm import library

    target.mkdir(parents=True)
    shutil.copy2(chart / "Chart.yaml", target / "Chart.yaml")
    with library().Chart.load(chart) as loaded:
        kept = [one for one in loaded.files if keep_all or one["name"].startswith("crds/")]
        for file in [*loaded.templates, *kept]:
            if file["name"] != ".helmignore":
                (target / file["name"]).parent.mkdir(parents=True, exist_ok=True)
                (target / file["name"]).write_text(file["data"])
    for child in _dependencies(chart):
        _copy(child, target / "charts" / child.name, keep_all=keep_all)
