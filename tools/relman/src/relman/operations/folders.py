"""The folders of releases/ that hold one kind of file each, named by what it describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.errors import Invalid, Place

if TYPE_CHECKING:
    from relman.adapters.snapshot import Entry, Snapshot


def named(snapshot: Snapshot, folder: str) -> list[tuple[str, Entry]]:
    """The YAML files of a folder by their names. Raises Invalid where anything else is there."""
    found = []
    for entry in snapshot.files(folder):
        name = entry.path.removeprefix(f"{folder}/")
        if name in ("README.md", ".gitkeep"):
            continue
        if "/" in name or not name.endswith(".yaml"):
            raise Invalid(
                "doesn't belong here", place=Place(entry.path), hint=f"{folder}/NAME.yaml only"
            )
        found.append((name.removesuffix(".yaml"), entry))
    return found
