"""A chart prepared for being rendered many times.

Helm compiles every values.schema.json and parses every values.yaml at each rendering, which is
most of an umbrella chart's time. So Helm merges the values from the defaults alone, which stay
loaded; the schemas, compiled once here, are checked against the result (adapters/lean_values.py);
and it goes into a copy of the chart that has neither (adapters/parts.py). When anything is
uncertain, or a schema isn't met, the whole chart goes through Helm, whose verdict and words are
the ones that count. Tests compare the two ways.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relman.adapters import apart, parts, switches, yaml
from relman.adapters.parts import BARE

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = "schemas.json"
SWITCHES = "switches.json"
DEFAULTS = "values"
# Lies in each chart of the defaults, so that a rendering shows which charts are on.
MARK = "templates/on.yaml"
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
    """Writes to `target` what an unpacked chart's renderings need: its schemas, what switches
    its subcharts, its default values, and its templates. A chart of which that can't be done
    for certain gets none."""
    schemas: list[tuple[list[str], Any]] = []
    paths = switches.paths(whole)
    if any("global" in keys for keys in paths) or not _collect(whole, [], schemas):
        return
    _copy(whole, target / BARE, target / DEFAULTS)
    (target / SWITCHES).write_text(json.dumps(paths))
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


def _collect(chart: Path, keys: list[str], found: list[tuple[list[str], Any]]) -> bool:
    """Gathers the schemas of a chart and its dependencies; False where one is uncertain, a
    dependency's values stand under another name than its own, or the chart takes values from
    its dependencies: Helm looks for these in their defaults, which the copy has lost."""
    metadata = yaml.load((chart / "Chart.yaml").read_bytes(), "Chart.yaml")
    if any("alias" in one or "import-values" in one for one in metadata.get("dependencies") or []):
        return False
    schema = chart / "values.schema.json"
    if schema.exists():
        text = schema.read_text()
        # Templates of a library are never rendered, so there is no telling whether it is on.
        library = metadata.get("type") == "library"
        if library or any(word in text for word in UNCERTAIN) or _refers_outside(text):
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


def _copy(chart: Path, bare: Path, defaults: Path) -> None:
    """Copies what Helm loads, by Helm's own account (what .helmignore leaves out stays out):
    values into `defaults`, everything else but schemas into `bare`."""
    from relman.adapters.helm import library

    for target in (bare, defaults):
        target.mkdir(parents=True)
        shutil.copy2(chart / "Chart.yaml", target / "Chart.yaml")
    with library().Chart.load(chart) as loaded:
        (defaults / "values.yaml").write_text(json.dumps(loaded.values))
        (defaults / MARK).parent.mkdir()
        (defaults / MARK).touch()
        for file in [*loaded.templates, *loaded.files]:
            if file["name"] != ".helmignore":
                (bare / file["name"]).parent.mkdir(parents=True, exist_ok=True)
                (bare / file["name"]).write_text(file["data"])
    for child in _dependencies(chart):
        below = Path("charts") / child.name
        _copy(child, bare / below, defaults / below)
