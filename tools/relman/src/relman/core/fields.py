"""Two documents compared field by field."""

from __future__ import annotations

from typing import Any

from relman.core import masking
from relman.core.models.plan import FieldChange

# Kubernetes merges these lists by a key (the API's `patchMergeKey`), so an entry is known by it.
LIST_KEYS = ("name", "containerPort", "mountPath", "topologyKey", "host", "path", "key", "port")
MISSING = object()


def compare(before: Any, after: Any) -> tuple[FieldChange, ...]:
    """Every leaf that differs, by path, with secrets hidden (a change of one still shows)."""
    found: list[FieldChange] = []
    _walk(before, after, "", "", found)
    return tuple(found)


def _walk(before: Any, after: Any, path: str, name: str, found: list[FieldChange]) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        _walk_maps(before, after, path, name, found)
    elif isinstance(before, list) and isinstance(after, list):
        _walk_lists(before, after, path, name, found)
    elif before != after or type(before) is not type(after):
        found.append(FieldChange(path=path, before=_shown(before, name), after=_shown(after, name)))


def _walk_maps(
    before: dict[str, Any], after: dict[str, Any], path: str, name: str, found: list[FieldChange]
) -> None:
    label = before.get("name", after.get("name", name))
    for key in list(dict.fromkeys([*before, *after])):
        named = str(label) if key == "value" else str(key)
        step = f"{path}.{_escaped(key)}" if path else _escaped(key)
        _walk(before.get(key, MISSING), after.get(key, MISSING), step, named, found)


def _walk_lists(
    before: list[Any], after: list[Any], path: str, name: str, found: list[FieldChange]
) -> None:
    key = _list_key(before, after)
    old = {_label(item, index, key): item for index, item in enumerate(before)}
    new = {_label(item, index, key): item for index, item in enumerate(after)}
    for label in dict.fromkeys([*old, *new]):
        step = f"{path}[{label}]"
        _walk(old.get(label, MISSING), new.get(label, MISSING), step, name, found)
    if old.keys() == new.keys() and list(old) != list(new):
        found.append(FieldChange(path=path, before=list(old), after=list(new)))


def _list_key(before: list[Any], after: list[Any]) -> str | None:
    items = before + after
    if not all(isinstance(item, dict) for item in items):
        return None
    for key in LIST_KEYS:
        if all(key in item for item in items) and _unique(before, key) and _unique(after, key):
            return key
    return None


def _unique(items: list[dict[str, Any]], key: str) -> bool:
    values = [str(item[key]) for item in items]
    return len(set(values)) == len(values)


def _label(item: Any, index: int, key: str | None) -> str:
    return str(item[key]) if key else str(index)


def _escaped(key: object) -> str:
    return str(key).replace(".", r"\.")


def _shown(value: Any, name: str) -> Any:
    return None if value is MISSING else masking.mask(value, name)
