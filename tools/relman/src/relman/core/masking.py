"""Keeps what looks like a secret out of plans, output and logs."""

from __future__ import annotations

import re
from typing import Any

MASK = "(hidden)"
NAMES = re.compile(
    r"(passw(or)?d|passphrase|secret[_-]?(access[_-]?)?key|api[_-]?key|private[_-]?key|"
    r"auth[_-]?token|access[_-]?token|bearer|credential|client[_-]?secret|connection[_-]?string)",
    re.IGNORECASE,
)
# What such a name holds without being the secret itself: a file, a place, a reference.
HARMLESS = re.compile(
    r"(file|path|name|ref|arn|id|mount|provider|enabled|rotation)s?$", re.IGNORECASE
)
CONTENTS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."
    r"|[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"
)


def looks_secret(name: str, value: Any) -> bool:
    """Whether a scalar is likely a secret, by the name of its field or by its content."""
    if not isinstance(value, str) or not value:
        return False
    named = NAMES.search(name) and not HARMLESS.search(name)
    return bool(named or CONTENTS.search(value))


def mask(value: Any, name: str = "") -> Any:
    """The value with everything that looks like a secret hidden, at any depth.

    A list of name/value pairs (a container's env) is judged by each pair's name.
    """
    if isinstance(value, dict):
        label = value.get("name")
        pair = isinstance(label, str) and "value" in value
        return {
            key: mask(part, str(label) if pair and key == "value" else str(key))
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [mask(part, name) for part in value]
    return MASK if looks_secret(name, value) else value


def comparable(before: dict[str, Any], after: dict[str, Any]) -> tuple[Any, Any]:
    """Two versions of an object, safe to compare field by field: a Secret's data is replaced by
    words that say only whether it changed."""
    if "Secret" not in (before.get("kind"), after.get("kind")):
        return before, after
    left, right = dict(before), dict(after)
    for part in ("data", "stringData"):
        old, new = left.get(part) or {}, right.get(part) or {}
        for side, label in ((left, "before"), (right, "after")):
            if isinstance(side.get(part), dict):
                side[part] = {
                    key: MASK if old.get(key) == new.get(key) else f"(hidden, {label})"
                    for key in side[part]
                }
    return left, right
