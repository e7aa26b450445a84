"""The files of one commit (or tree), read from git's object database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relman.adapters.git import Git
    from relman.adapters.object_reader import ObjectReader

TREE = "40000"


@dataclass(frozen=True)
class Entry:
    """A file in a tree: its mode as git writes it (100644, 100755, 120000), and its blob."""

    mode: str
    oid: str
    path: str


class Snapshot:
    """A read-only view of one commit or tree."""

    def __init__(
        self, git: Git, reader: ObjectReader, revision: str, history: str | None = None
    ) -> None:
        """`history` is the commit whose past is this one's, where `revision` is only a tree."""
        self.git = git
        self.revision = revision
        self.history = history or revision
        self._reader = reader
        self._oids: dict[str, str] = {}

    def at(self, revision: str) -> Snapshot:
        """The same repository at another commit."""
        return Snapshot(self.git, self._reader, revision)

    def knows(self, commit: str) -> bool:
        """Whether a commit, by its whole id, is in this clone."""
        found = self._reader.read(commit)
        return found is not None and found[1] == "commit"

    def read(self, path: str) -> bytes | None:
        """A file's content, or None where there is no such file."""
        if "\n" in path:
            return None
        found = self._reader.read(self._oids.get(path) or f"{self.revision}:{path}")
        return found[2] if found and found[1] == "blob" else None

    def blob(self, oid: str) -> bytes:
        """An object's content by its id."""
        return self.blobs([oid])[0]

    def blobs(self, oids: Sequence[str]) -> list[bytes]:
        """The contents of objects by their ids, in that order."""
        contents = []
        for oid, found in zip(oids, self._reader.read_all(oids), strict=True):
            if found is None:
                raise Unavailable(f"git has lost the object {oid}", hint="git fsck")
            contents.append(found[2])
        return contents

    def oid(self, path: str) -> str | None:
        """The id of a file or folder: equal ids mean equal content."""
        found = self._reader.read(f"{self.revision}:{path}")
        return found[0] if found else None

    def files(self, *folders: str) -> list[Entry]:
        """Every file below the folders, sorted by path; none for folders that don't exist."""
        root = self._reader.read(f"{self.revision}^{{tree}}")
        if root is None:
            raise Unavailable(f"git has lost the tree of {self.revision}", hint="git fsck")
        found: dict[str, Entry] = {}
        for folder in folders or (".",):
            start = self._at(Entry(TREE, root[0], ""), folder)
            found |= {entry.path: entry for entry in self._below(start)} if start else {}
        # By its id a file is found at once; by its path git looks through every folder.
        self._oids |= {path: entry.oid for path, entry in found.items()}
        return sorted(found.values(), key=lambda entry: os.fsencode(entry.path))

    def _at(self, root: Entry, path: str) -> Entry | None:
        """What stands at a path below a tree."""
        here: Entry | None = root
        for part in path.split("/"):
            if here and part not in ("", "."):
                children = {child.path.rpartition("/")[2]: child for child in self._children(here)}
                here = children.get(part)
        return here

    def _below(self, entry: Entry) -> Iterator[Entry]:
        """Every file below a tree; what is no tree is itself."""
        if entry.mode != TREE:
            yield entry
            return
        for child in self._children(entry):
            yield from self._below(child)

    def _children(self, tree: Entry) -> Iterator[Entry]:
        if tree.mode != TREE:
            return
        folder = f"{tree.path}/" if tree.path else ""
        for child in self._reader.tree(tree.oid):
            yield Entry(child.mode, child.oid, f"{folder}{child.name}")
