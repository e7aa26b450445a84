"""PyYAML's fast loader, taught to read scalars as Helm's parser does.

PyYAML follows YAML 1.1 to the letter, where 2024-01-01 is a date and 12:30:45 a number; Helm
keeps both as text, and takes a plain y for true. Tests compare the two, word by word.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TAG = "tag:yaml.org,2002:"
REPLACED = (":timestamp", ":int", ":float")
INTEGER = re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[0-9][0-9_]*)$")
FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?$"
    r"|[-+]?\.(inf|Inf|INF)$|\.(nan|NaN|NAN)$"
)


@lru_cache
def loader() -> Any:
    """The loader's class; PyYAML is imported only now."""
    import yaml

    class Loader(yaml.CSafeLoader):
        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is yaml.ScalarNode and implicit[0]:
                return plain_tag(value)
            # PyYAML has no types for this method.
            return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

        def construct_document(self, node: Any) -> Any:
            try:
                return _plain(self, node, {})
            except Unusual:
                return super().construct_document(node)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            found = super().construct_mapping(node, deep)
            if all(type(key) is str for key in found):
                return found
            return {_key(key): value for key, value in found.items()}

    _teach(Loader, yaml.CSafeLoader.yaml_implicit_resolvers)

    @lru_cache(maxsize=16384)
    def plain_tag(value: str) -> str:
        """What a word without quotes is; the same ones stand in every document of a fleet."""
        rules = Loader.yaml_implicit_resolvers.get(value[:1], ())
        return next((tag for tag, regexp in rules if regexp.match(value)), f"{TAG}str")

    return Loader


def _teach(reader: Any, rules: Mapping[str, list[tuple[str, Any]]]) -> None:
    """Replaces PyYAML's rules for what Helm's parser reads otherwise."""
    reader.yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in found if not tag.endswith(REPLACED)]
        for first, found in rules.items()
    }
    reader.add_implicit_resolver(f"{TAG}int", INTEGER, list("-+0123456789"))
    reader.add_implicit_resolver(f"{TAG}float", FLOAT, list("-+.0123456789"))
    reader.add_implicit_resolver(f"{TAG}bool", re.compile("[yYnN]$"), list("yYnN"))
    for tag, build in SCALARS.items():
        reader.add_constructor(tag, build)


class Unusual(Exception):
    """What only PyYAML's own, slower way builds: explicit tags, merge keys, cycles."""


def _plain(loader: Any, node: Any, built: dict[int, Any]) -> Any:
    """What PyYAML would build from a node of plain data, several times as fast. `built` has the
    maps and lists so far: an alias is the same object; one that is still being built, a cycle."""
    if node.id == "scalar":
        if node.tag == f"{TAG}str":
            return node.value
        if node.tag not in SCALARS:
            raise Unusual
        return SCALARS[node.tag](loader, node)
    if id(node) not in built:
        built[id(node)] = Unusual
        built[id(node)] = _collection(loader, node, built)
    elif built[id(node)] is Unusual:
        raise Unusual
    return built[id(node)]


def _collection(loader: Any, node: Any, built: dict[int, Any]) -> Any:
    if node.tag == f"{TAG}seq" and node.id == "sequence":
        return [_plain(loader, part, built) for part in node.value]
    if node.tag != f"{TAG}map" or node.id != "mapping":
        raise Unusual
    found = {}
    for key, value in node.value:
        if key.id != "scalar":
            raise Unusual
        found[_key(_plain(loader, key, built))] = _plain(loader, value, built)
    return found


def _key(key: Any) -> str:
    """A key as JSON would have it: Helm and Kubernetes read keys as text."""
    if isinstance(key, bool):
        return str(key).lower()
    if isinstance(key, float):
        return _number_key(key)
    return "null" if key is None else str(key)


def _number_key(key: float) -> str:
    """A fraction as Go's %g prints it: 1.0 is 1, 1234567.5 is 1.2345675e+06."""
    digits = len(Decimal(repr(key)).normalize().as_tuple().digits)
    return f"{key:.{digits - 1}e}" if abs(key) >= 1e6 else f"{key:.{max(digits, 6)}g}"


def _text(_: Any, node: Any) -> str:
    return str(node.value)


def _integer(_: Any, node: Any) -> int:
    text = node.value.replace("_", "")
    if re.fullmatch(r"[-+]?0[0-7]+", text):
        return int(text, 8)
    return int(text, 0) if re.match(r"[-+]?0[box]", text) else int(text)


def _float(loader: Any, node: Any) -> float | str:
    """A number that is too large for one is text."""
    found = float(loader.construct_yaml_float(node))
    named = node.value.lower().endswith((".inf", ".nan"))
    return found if named or math.isfinite(found) else str(node.value)


def _boolean(_: Any, node: Any) -> bool:
    return node.value.lower() in ("y", "yes", "true", "on")


def _null(_: Any, __: Any) -> None:
    return None


SCALARS: dict[str, Callable[[Any, Any], Any]] = {
    f"{TAG}int": _integer,
    f"{TAG}float": _float,
    f"{TAG}bool": _boolean,
    f"{TAG}null": _null,
    # YAML 1.1 gives a plain = a type of its own; everybody else reads text (CRDs hold it).
    f"{TAG}value": _text,
}
