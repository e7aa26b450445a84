"""Fields that Argo CD is told to ignore, because a controller owns them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relman.core.models.project import IgnoreDifference


def without(document: dict[str, Any], ignored: Iterable[IgnoreDifference]) -> dict[str, Any]:
    """An object without the fields that Argo CD is told to ignore, by JSON pointers (RFC 6901).
    jq expressions are not evaluated: what they select still counts."""
    group = str(document.get("apiVersion", "")).rpartition("/")[0]
    name = (document.get("metadata") or {}).get("name")
    pointers = [
        pointer
        for rule in ignored
        if (rule.group, rule.kind) == (group, document.get("kind")) and rule.name in (None, name)
        for pointer in rule.json_pointers
    ]
    if not pointers:
        return document
    copied: dict[str, Any] = copy.deepcopy(document)
    for pointer in pointers:
        _remove(copied, [_unescaped(part) for part in pointer.split("/")[1:]])
    return copied


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _remove(here: Any, keys: list[str]) -> None:
    *parents, last = keys
    for key in parents:
        here = _child(here, key)
    if isinstance(here, dict):
        here.pop(last, None)
    elif isinstance(here, list) and last.isdigit() and int(last) < len(here):
        del here[int(last)]


def _child(here: Any, key: str) -> Any:
    if isinstance(here, list):
        return here[int(key)] if key.isdigit() and int(key) < len(here) else None
    return here.get(key) if isinstance(here, dict) else None
