"""Chains of files that are only ever added to: each names the hash of the one before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from relman.core import hashes
from relman.core.errors import Invalid, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE_NAME = re.compile(r"(\d{4}|[1-9]\d{4,})-(.+)\.yaml", re.ASCII)


class Link(Protocol):
    """A file of a chain."""

    @property
    def file_name(self) -> str:
        """NNNN-WHAT.yaml."""

    @property
    def previous(self) -> str | None:
        """The SHA-256 of the file before."""


def numbered(folder: str, names: Sequence[str], what: str, form: str) -> list[tuple[int, str]]:
    """(number, rest of the name) of each file of a folder, in order.

    Raises Invalid for a file that is no `what`, and for a gap or a number used twice.
    """
    found = []
    for name in names:
        match = FILE_NAME.fullmatch(name)
        if not match:
            raise Invalid(
                f"is not a {what}: names are {form}",
                place=Place(f"{folder}/{name}"),
                hint="move it elsewhere; only relman writes here",
            )
        found.append((int(match[1]), match[2]))
    found.sort()
    for expected, (number, _) in enumerate(found, start=1):
        if number != expected:
            raise Invalid(
                f"the chain of {what}s is broken: expected number {expected}, found {number}",
                place=Place(folder),
                hint="relman audit says more; git log shows who changed it",
            )
    return found


def broken(links: Sequence[tuple[bytes, Link]], what: str) -> list[str]:
    """What doesn't hold in a chain of (file content, link): a sentence for each finding."""
    findings = []
    before: str | None = None
    for content, link in links:
        if link.previous != before:
            findings.append(
                f"{link.file_name}: names another {what} before it: that one was changed"
            )
        before = hashes.of_bytes(content)
    return findings
