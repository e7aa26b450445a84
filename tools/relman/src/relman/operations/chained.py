"""The files of a chain (records, decisions) in the order of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relman.adapters.snapshot import Entry, Snapshot

COMMENT = "Written by relman and never changed; `relman audit` checks the chain."


def entries(
    snapshot: Snapshot,
    folder: str,
    numbered: Callable[[Sequence[str]], list[tuple[int, str]]],
) -> list[Entry]:
    """The files of a chain's folder, oldest first. `numbered` knows the form of their names and
    raises Invalid for what doesn't fit."""
    found = snapshot.files(folder)
    order = numbered([entry.path.removeprefix(f"{folder}/") for entry in found])
    by_path = {entry.path: entry for entry in found}
    return [by_path[f"{folder}/{number:04d}-{rest}.yaml"] for number, rest in order]
