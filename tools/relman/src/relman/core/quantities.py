"""Kubernetes quantities: 500m, 10Gi, 1e3 (apimachinery, pkg/api/resource/quantity.go)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
FORM = re.compile(r"([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]?\.\d+)([KMGTPE]i|[numkMGTPE]?)")


def parse(text: Any) -> Decimal | None:
    """The number, or None for what isn't a quantity.

    >>> parse("2Gi") == 2 * 2**30
    True
    """
    found = FORM.fullmatch(str(text))
    if not found:
        return None
    number, suffix = found.groups()
    if suffix in BINARY:
        return Decimal(number) * Decimal(1024 ** BINARY[suffix])
    return Decimal(number).scaleb(DECIMAL[suffix])
