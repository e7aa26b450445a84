"""Writes plain data as YAML: block style, keys in their order.

An emitter of its own because PyYAML's takes a millisecond for a document of fifty lines, and a
fleet has thousands of them; the subset is small. Every string that any YAML reader might take
for something else is quoted.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

SAFE_PLAIN = re.compile(r"[A-Za-z/_][A-Za-z0-9_./-]*")
WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"}
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def dump(data: Any) -> str:
    """The document, with a newline at its end. Raises TypeError for what isn't plain data."""
    lines: list[str] = []
    _block(data, "", "", lines)
    return "\n".join(lines) + "\n"


def _block(value: Any, indent: str, lead: str, lines: list[str]) -> None:
    """Adds `value` behind `lead` (a key or a dash, already indented), deeper by `indent`."""
    if isinstance(value, dict) and value:
        _map(value, indent, lead, lines)
    elif isinstance(value, list | tuple) and value:
        _list(value, indent, lead, lines)
    elif isinstance(value, str) and _fits_literal(value):
        _literal(value, indent, lead, lines)
    else:
        lines.append(f"{lead}{scalar(value)}")


def _map(value: dict[Any, Any], indent: str, lead: str, lines: list[str]) -> None:
    first = lead
    if lead.endswith(": "):
        lines.append(lead.rstrip())
        first = indent
    for key, part in value.items():
        _block(part, f"{indent}  ", f"{first or indent}{scalar(str(key))}: ", lines)
        first = indent


def _list(value: list[Any] | tuple[Any, ...], indent: str, lead: str, lines: list[str]) -> None:
    first = lead
    if lead.endswith(": "):
        lines.append(lead.rstrip())
        first = indent
    for part in value:
        _block(part, f"{indent}  ", f"{first or indent}- ", lines)
        first = indent


def scalar(value: Any) -> str:
    """One value on one line."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict | list | tuple):
        return "{}" if isinstance(value, dict) else "[]"
    raise TypeError(f"{type(value).__name__} is not plain data")


@lru_cache(maxsize=16384)
def _text(value: str) -> str:
    """The same keys and words stand in every document of a fleet."""
    if SAFE_PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    if value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(char: str) -> str:
    if char in ESCAPES:
        return ESCAPES[char]
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def _float(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"


def _fits_literal(value: str) -> bool:
    """Whether a text of several lines reads well, and comes back exactly, as a literal block."""
    if "\n" not in value or value[0] in " \n\t" or not value.strip():
        return False
    return all(line.isprintable() or line == "" for line in value.split("\n"))


def _literal(value: str, indent: str, lead: str, lines: list[str]) -> None:
    kept = len(value) - len(value.rstrip("\n"))
    body = value[:-1] if kept else value
    lines.append(f"{lead}|{'-' if not kept else '+' if kept > 1 else ''}")
    deeper = indent or "  "
    lines += [f"{deeper}{line}" if line else "" for line in body.split("\n")]
