"""Semantic versions: order, and the next one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from relman.core.errors import Invalid
from relman.core.models.base import SEMVER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from semver import Version

Bump = Literal["patch", "minor", "major"]


def parse(version: str) -> Version:
    """The version as numbers. Raises Invalid for what is not SemVer 2 and a valid image tag
    (so: no build metadata)."""
    from semver import Version

    if not is_version(version):
        raise Invalid(
            f"{version!r} is not a version",
            hint="use SemVer without build metadata, as in 1.4.0 or 1.4.0-rc.1",
        )
    return Version.parse(version)


def is_version(text: str) -> bool:
    """Whether the text is a version as `parse` takes it."""
    return re.fullmatch(SEMVER.strip("^$"), text) is not None and len(text) <= 63


def newest(versions: Iterable[str]) -> str | None:
    """The highest by SemVer's precedence, or None."""
    return max(versions, key=parse, default=None)


def ordered(versions: Iterable[str]) -> list[str]:
    """Highest first."""
    return sorted(versions, key=parse, reverse=True)


def following(versions: Iterable[str], bump: Bump) -> str:
    """The next version after the highest; 0.1.0 (1.0.0 for a major) where there is none.

    >>> following(["1.2.3"], "minor")
    '1.3.0'
    """
    highest = newest(versions)
    if highest is None:
        return "1.0.0" if bump == "major" else "0.1.0"
    return str(parse(highest).next_version(bump))
