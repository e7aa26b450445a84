"""Keeps what looks like a secret out of plans, output and logs."""

from __future__ import annotations

import re
from typing import Any

MASK = "(hidden)"
WORDS = (
    r"passw(?:or)?ds?|passphrase|pwd|secret[_.-]?(?:access[_.-]?)?key|api[_.-]?key"
    r"|private[_.-]?key|auth[_.-]?token|access[_.-]?token|bearer|credentials?"
    r"|client[_.-]?secret|connection[_.-]?string|(?:^|[_.-])(?:token|secret|pass)$"
)
NAMES = re.compile(WORDS, re.IGNORECASE)
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
# A private key over several lines, also one that is cut off at either side.
KEY = re.compile(
    r"(?:-----BEGIN [A-Z ]*PRIVATE KEY-----|\A)"
    r"(?:(?!-----BEGIN ).)*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*",
    re.DOTALL,
)
# name=value or name: value inside a longer text: an argument, a line of a file, JSON.
INSIDE = re.compile(r"([\w.-]+)([\"']?\s*[=:]\s*[\"']?)([^\s,;&\"']+)")
# What a request's header has after its name.
BEARER = re.compile(r"\b(bearer|basic)(\s+)[\w.~+/-]{16,}=*", re.IGNORECASE)
WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def named_secret(name: str) -> bool:
    """Whether a field of this name holds a secret: DB_PASSWORD, authToken, api-key."""
    spaced = WORD_START.sub("_", name)
    return bool(NAMES.search(spaced)) and not HARMLESS.search(name)


def looks_secret(name: str, value: Any) -> bool:
    """Whether a scalar is likely a secret, by the name of its field or by its content."""
    if isinstance(value, bool) or value in (None, ""):
        return False
    return named_secret(name) or bool(isinstance(value, str) and CONTENTS.search(value))


def mask(value: Any, name: str = "") -> Any:
    """The value with everything that looks like a secret hidden, at any depth.

    A list of name/value pairs (a container's env) is judged by each pair's name, and a `value`
    without one by the name of what holds it.
    """
    if isinstance(value, dict):
        label = str(value.get("name", name))
        return {
            key: mask(part, label if key == "value" else str(key)) for key, part in value.items()
        }
    if isinstance(value, list):
        return [mask(part, name) for part in value]
    if looks_secret(name, value):
        return MASK
    if not isinstance(value, str):
        return value
    return BEARER.sub(rf"\1\2{MASK}", INSIDE.sub(_masked_part, value))


def mask_lines(text: str) -> str:
    """A program's output with what looks like a secret hidden, a line for itself."""
    return "\n".join(mask(line) for line in KEY.sub(MASK, text).splitlines())


def _masked_part(found: re.Match[str]) -> str:
    name, between, _ = found.groups()
    return f"{name}{between}{MASK}" if named_secret(name) else found[0]


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
