"""YAML in and out: yaml_loader reads scalars as Helm does, yaml_checks bounds what is read,
yaml_writer writes."""

from __future__ import annotations

from typing import Any

from relman.adapters.yaml_checks import check, refuse_depth, syntax_error
from relman.adapters.yaml_loader import loader
from relman.adapters.yaml_writer import dump
from relman.core.errors import Invalid, Place

__all__ = ["compose", "dump", "line_of", "load", "load_all", "load_generated"]

MAX_BYTES = 8 * 1024 * 1024
MAX_RENDERED = 64 * 1024 * 1024


def load(text: bytes | str, file: str) -> Any:
    """The one document of `text`; `file` is named in errors.

    Raises Invalid with file, line and what to do for anything that isn't one sane document.
    """
    if len(text) > MAX_BYTES:
        raise Invalid(f"is larger than {MAX_BYTES // 2**20} MiB", place=Place(file))
    node = compose(text, file)
    if node is None:
        return None
    check(node, file)
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
        refuse_depth(text, "rendered")
    except Invalid as error:
        raise ValueError(error.message) from error
    try:
        return [doc for doc in yaml.load_all(text, Loader=loader()) if doc is not None]
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def compose(text: bytes | str, file: str) -> Any:
    """The node tree, which knows lines; for messages that name one."""
    import yaml

    refuse_depth(text, file)
    try:
        return yaml.compose(text, Loader=loader())
    except yaml.YAMLError as error:
        raise syntax_error(error, file) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Invalid(f"can't be read as YAML: {error}", place=Place(file)) from error


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
        raise syntax_error(error, file) from error
    finally:
        reader.dispose()


def _child(node: Any, key: str | int) -> tuple[int, Any] | None:
    if node is not None and node.id == "mapping":
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line + 1, value
    items = node.value if node is not None and node.id == "sequence" else []
    if isinstance(key, int) and key < len(items):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None
