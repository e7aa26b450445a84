"""Renders the subcharts of a prepared chart apart: each once for the values that reach it.

Clusters, and the two sides of a change, mostly differ in what one subchart gets. The others are
taken from an earlier rendering, and a copy of the chart is rendered in which their templates are
empty. adapters/apart.py says where that is exact; tests compare it with whole renderings.
"""

from __future__ import annotations

import io
import json
import tarfile
import threading
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from relman.adapters import apart

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

OUTLINE = "apart.json"
BARE = "chart"
MOST_PARTS = 1024
MOST_HANDLES = 8
# In the place of a template that was rendered before; what includes it from elsewhere fails.
EMPTY = '{{{{- if ne .Template.Name {} }}}}{{{{ fail "rendered apart" }}}}{{{{ end -}}}}'

Texts = dict[str, str]
Rendered = tuple[Texts, list[dict[str, str]]]

_parts: OrderedDict[tuple[str, ...], Texts] = OrderedDict()
_lock = threading.Lock()
_threads = threading.local()


def render(home: Path, values: dict[str, Any], on: str, name: str, namespace: str) -> Rendered:
    """The texts by template, and the definitions of custom resources, of the prepared chart in
    `home` with all its values. `on` says which subcharts they switch on. Raises HelmError."""
    import helm_python

    outline = _outline(home)
    if outline is not None:
        try:
            return _render_apart(home, outline, values, on, name, namespace)
        except helm_python.HelmError:
            _handles().clear()  # the whole chart's verdict and words are the ones that count
    with helm_python.Chart.load(home / BARE) as chart:
        return chart.render(values, name=name, namespace=namespace), chart.crds


def _render_apart(
    home: Path, outline: dict[str, Any], values: dict[str, Any], on: str, name: str, namespace: str
) -> Rendered:
    common = (str(home), name, namespace, on, json.dumps(values.get("global")))
    keys: dict[str, tuple[str, ...]] = {
        one: (*common, one, json.dumps(values.get(one))) for one in outline["subcharts"]
    }
    known = _known(keys)
    chart = _chart(home, outline["name"], on, frozenset(known))
    texts: Texts = chart.render(values, name=name, namespace=namespace)
    for one, key in keys.items():
        folder = f"{outline['name']}/charts/{one}/"
        if one in known:
            texts.update(known[one])
        else:
            _keep(key, {path: text for path, text in texts.items() if path.startswith(folder)})
    return texts, chart.crds


def _known(keys: dict[str, tuple[str, ...]]) -> dict[str, Texts]:
    """What was rendered before, by subchart."""
    with _lock:
        for key in keys.values():
            if key in _parts:
                _parts.move_to_end(key)
        return {one: _parts[key] for one, key in keys.items() if key in _parts}


def _keep(key: tuple[str, ...], texts: Texts) -> None:
    with _lock:
        _parts[key] = texts
        if len(_parts) > MOST_PARTS:
            _parts.popitem(last=False)


@lru_cache(maxsize=64)
def _outline(home: Path) -> dict[str, Any] | None:
    file = home / OUTLINE
    return dict(json.loads(file.read_text())) if file.exists() else None


def _handles() -> OrderedDict[tuple[Path, str, frozenset[str]], Any]:
    found: OrderedDict[tuple[Path, str, frozenset[str]], Any]
    found = _threads.__dict__.setdefault("handles", OrderedDict())
    return found


def _chart(home: Path, name: str, on: str, without: frozenset[str]) -> Any:
    """The chart, loaded once for each thread. Rendering leaves in it what was switched on, so
    it serves only renderings that switch the same subcharts on."""
    import helm_python

    handles = _handles()
    key = (home, on, without)
    if key not in handles:
        handles[key] = helm_python.Chart.load_archive(_archive(home, name, without))
    handles.move_to_end(key)
    if len(handles) > MOST_HANDLES:
        handles.popitem(last=False)
    return handles[key]


@lru_cache(maxsize=MOST_HANDLES)
def _archive(home: Path, name: str, without: Collection[str]) -> bytes:
    """The bare copy as a package in which the templates of some subcharts are empty."""
    packed = io.BytesIO()
    folder = home / BARE
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            file = f"{name}/{path.relative_to(folder)}"
            content = path.read_bytes()
            if apart.is_leaf_of(file, without):
                content = EMPTY.format(json.dumps(file)).encode()
            entry = tarfile.TarInfo(file)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
