"""Ranges of versions: comparisons joined by commas, as in `>=1.6, <2`.

A version may be short in a range: 1.6 is 1.6.0. `<2` leaves out 2.0.0-rc.1 too, which has what 2
breaks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from relman.core.models.base import SEMVER

if TYPE_CHECKING:
    from semver import Version

COMPARISON = re.compile(r"\s*(>=|<=|>|<|=|!=)\s*v?(\S+)\s*")
SHORT = re.compile(r"\d+(\.\d+)?")


def holds(text: str, version: Version) -> bool:
    """Whether a version lies in a range."""
    return all(_compared(sign, bound, version) for sign, bound in parsed(text))


def parsed(text: str) -> list[tuple[str, Version]]:
    """The comparisons of a range. Raises ValueError for what isn't one."""
    from semver import Version

    found = []
    for part in text.split(","):
        match = COMPARISON.fullmatch(part)
        bound = _whole(match[2]) if match else ""
        if match is None or not re.fullmatch(SEMVER, bound):
            raise ValueError(f"{text!r} is no range of versions, as in '>=1.6, <2'")
        found.append((match[1], Version.parse(bound)))
    return found


def version_of(tag: str | None) -> Version | None:
    """The version that an image's tag is, with or without a v before it; None where it is none."""
    from semver import Version

    plain = (tag or "").removeprefix("v")
    return Version.parse(plain) if re.fullmatch(SEMVER, plain) else None


def _whole(bound: str) -> str:
    """1.6 as 1.6.0."""
    if not SHORT.fullmatch(bound):
        return bound
    return bound + ".0" * (2 - bound.count("."))


def _compared(sign: str, bound: Version, version: Version) -> bool:
    if sign == "<" and not bound.prerelease:
        return version < bound and version.finalize_version() != bound
    return {
        ">=": version >= bound,
        "<=": version <= bound,
        ">": version > bound,
        "<": version < bound,
        "=": version == bound,
        "!=": version != bound,
    }[sign]


def _checked(text: str) -> str:
    parsed(text)
    return text


VersionRange = Annotated[str, AfterValidator(_checked)]
