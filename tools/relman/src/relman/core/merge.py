"""Values merged as Helm merges them: maps deep, lists replaced, null removes a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Later layers win, as later `-f` files do in Helm.

    A null stays in the result, since it removes the *chart's* default when Helm merges it:

    >>> merge({"a": {"b": 1, "c": 2}}, {"a": {"c": None}})
    {'a': {'b': 1, 'c': None}}

    The layers are not changed, and the result shares no map with them.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            merged[key] = _merged_value(merged.get(key), value)
    return merged


def _merged_value(below: Any, above: Any) -> Any:
    if not _is_map(above):
        return above
    return merge(below, above) if _is_map(below) else merge(above)


def _is_map(value: Any) -> bool:
    # Asking for a Mapping is slow, and what is a map here is nearly always a dict.
    return isinstance(value, (dict, Mapping))


def put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Sets the value at a path, making the maps on the way.

    Raises KeyError with the path that holds something else than a map.
    """
    here = values
    for depth, key in enumerate(path[:-1], start=1):
        here = here.setdefault(key, {})
        if not isinstance(here, dict):
            raise KeyError(".".join(path[:depth]))
    here[path[-1]] = value


def get(values: Any, path: tuple[str, ...]) -> Any:
    """The value at a path. Raises KeyError where there is none."""
    here = values
    for key in path:
        if not isinstance(here, Mapping) or key not in here:
            raise KeyError(".".join(path))
        here = here[key]
    return here


def has(values: Any, path: tuple[str, ...]) -> bool:
    """Whether something stands at the path."""
    try:
        get(values, path)
    except KeyError:
        return False
    return True
