"""What YAML of people is refused for: cycles, alias bombs, too much, keys that stand twice, and
anything but plain data."""

from __future__ import annotations

import re
from typing import Any

from relman.adapters.yaml_loader import loader
from relman.core.errors import Invalid, Place

MAX_DEPTH = 100
# Nesting by indentation, or by dashes on one line.
DEEP = re.compile(r"^ {100}|(?:[-?] ){20}", re.MULTILINE)
# One of these stands in whatever DEEP finds, and finding none of them is quick.
SIGNS_OF_DEEP = (" " * 100, "- - ", "- ? ", "? - ", "? ? ")
MAX_NODES = 500_000
PLAIN = ("str", "int", "float", "bool", "null", "map", "seq", "merge", "value")


def refuse_depth(text: bytes | str, file: str) -> None:
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
        raise syntax_error(error, file) from error


def check(root: Any, file: str) -> None:
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


def syntax_error(error: Exception, file: str) -> Invalid:
    """The parser's error as ours, with its line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    line = mark.line + 1 if mark else None
    return Invalid(f"isn't valid YAML: {problem}", place=Place(file, line))


def _at(file: str, node: Any) -> Place:
    return Place(file, node.start_mark.line + 1)
