"""YAML in and out: yaml_loader reads scalars as Helm does, yaml_writer writes.

Reading is bounded: no duplicate keys, no cycles, no alias bombs, nothing but plain data.
"""

from __future__ import annotations

import re
from typing import Any

from relman.adapters.yaml_loader import loader
from relman.adapters.yaml_writer import dump
from relman.core.errors import Invalid, Place

__all__ = ["compose", "dump", "line_of", "load", "load_all", "load_generated"]

MAX_BYTES = 8 * 1024 * 1024
MAX_RENDERED = 64 * 1024 * 1024
MAX_DEPTH = 100
# Nesting by indentation, or by dashes on one line.
DEEP = re.compile(r"^ {100}|(?:[-?] ){20}", re.MULTILINE)
# One of these stands in whatever DEEP finds, and finding none of them is quick.
SIGNS_OF_DEEP = (" " * 100, "- - ", "- ? ", "? - ", "? ? ")
MAX_NODES = 500_000
PLAIN = ("str", "int", "float", "bool", "null", "map", "seq", "merge", "value")


def load(text: bytes | str, file: str) -> Any:
    """The one document of `text`; `file` is named in errors.

    Raises Invalid with file, line and what to do for anything that isn't one sane document.
    """
    if len(text) > MAX_BYTES:
        raise Invalid(f"is larger than {MAX_BYTES // 2**20} MiB", place=Place(file))
    node = compose(text, file)
    if node is None:
        return None
    _check(node, file)
    return _construct(node, file)


def load_generated(text: bytes) -> Any:
    """A document that relman wrote itself: without the checks that guard against people's
    mistakes, which cost as much as reading it. Raises ValueError where it isn't YAML."""
    documents = load_all(text)
    return documents[0] if documents else None


def load_all(text: str | bytes) -> list[Any]:
    """Every document of rendered manifests; empty ones are left out.

    Raises ValueError with the parser's own words where the text isn't YAML.
    """
    import yaml

    if len(text) > MAX_RENDERED:
        raise ValueError(f"larger than {MAX_RENDERED // 2**20} MiB")
    try:
        _refuse_depth(text, "rendered")
    except Invalid as error:
        raise ValueError(error.message) from error
    try:
        return [doc for doc in yaml.load_all(text, Loader=loader()) if doc is not None]
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def compose(text: bytes | str, file: str) -> Any:
    """The node tree, which knows lines; for messages that name one."""
    import yaml

    _refuse_depth(text, file)
    try:
        return yaml.compose(text, Loader=loader())
    except yaml.YAMLError as error:
        raise _syntax_error(error, file) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Invalid(f"can't be read as YAML: {error}", place=Place(file)) from error


def _refuse_depth(text: bytes | str, file: str) -> None:
    """libyaml's reader recurses in C, where too deep a document ends the process. Only what
    could be that deep is looked at event by event, which is slow but flat."""
    plain = text.decode(errors="replace") if isinstance(text, bytes) else text
    maybe = any(sign in plain for sign in SIGNS_OF_DEEP) and DEEP.search(plain)
    if plain.count("[") + plain.count("{") < MAX_DEPTH and not maybe:
        return
    import yaml

    depth = 0
    try:
        for event in yaml.parse(plain, Loader=loader()):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise Invalid(f"is nested deeper than {MAX_DEPTH}", place=Place(file))
    except yaml.YAMLError as error:
        raise _syntax_error(error, file) from error


def line_of(text: bytes | str, file: str, keys: tuple[str | int, ...]) -> int | None:
    """The line (from 1) of the value at `keys`, or of the deepest parent that exists."""
    node = compose(text, file)
    line: int | None = None
    for key in keys:
        found = _child(node, key)
        if found is None:
            break
        line, node = found
    return line


def _construct(node: Any, file: str) -> Any:
    import yaml

    reader = loader()("")
    try:
        return reader.construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        raise _syntax_error(error, file) from error
    finally:
        reader.dispose()


def _syntax_error(error: Exception, file: str) -> Invalid:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    line = mark.line + 1 if mark else None
    return Invalid(f"isn't valid YAML: {problem}", place=Place(file, line))


def _check(root: Any, file: str) -> None:
    """Refuses cycles, alias bombs and duplicate keys before anything is built from the nodes."""
    budget = MAX_NODES
    stack: list[tuple[Any, frozenset[int]]] = [(root, frozenset())]
    while stack:
        node, above = stack.pop()
        budget -= 1
        if id(node) in above:
            raise Invalid("refers to itself through an alias", place=_at(file, node))
        if budget < 0:
            raise Invalid(f"has more than {MAX_NODES} values", place=Place(file))
        _refuse_foreign(node, file)
        if node.id == "scalar":
            continue
        _refuse_duplicates(node, file)
        children = [n for pair in node.value for n in pair] if node.id == "mapping" else node.value
        within = above | {id(node)}
        stack += [(child, within) for child in children]


def _refuse_foreign(node: Any, file: str) -> None:
    """Helm reads values as JSON, so what JSON can't hold has no meaning for it."""
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if kind not in PLAIN:
        raise Invalid(
            f"isn't valid YAML for this: {node.tag} is not plain data",
            place=_at(file, node),
            hint="write text",
        )
    if kind == "float" and node.value.lower().lstrip("+-") in (".nan", ".inf"):
        raise Invalid(f"{node.value} is not a number that JSON knows", place=_at(file, node))


def _refuse_duplicates(node: Any, file: str) -> None:
    if node.id != "mapping":
        return
    seen: set[str] = set()
    for key, _ in node.value:
        if key.id == "scalar" and key.value in seen:
            raise Invalid(f"the key {key.value!r} stands twice", place=_at(file, key))
        seen.add(key.value if key.id == "scalar" else "")


def _at(file: str, node: Any) -> Place:
    return Place(file, node.start_mark.line + 1)


def _child(node: Any, key: str | int) -> tuple[int, Any] | None:
    if node is not None and node.id == "mapping":
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line + 1, value
    items = node.value if node is not None and node.id == "sequence" else []
    if isinstance(key, int) and key < len(items):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None
