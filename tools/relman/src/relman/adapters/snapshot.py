"""The files of one commit (or tree), read from git's object database through one process."""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from relman.adapters.git import QUIET
from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relman.adapters.git import Git

# So many ids (of 64 letters at most) are a pipe's least size, 4 KiB.
AHEAD = 60


@dataclass(frozen=True)
class Entry:
    """A file in a tree: its mode as git writes it (100644, 100755, 120000), and its blob."""

    mode: str
    oid: str
    path: str


class ObjectReader:
    """`git cat-file --batch`, kept running: a read costs a pipe's round trip, not a process."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                ["git", "cat-file", "--batch"],
                cwd=self._git.root,
                env={**os.environ, **QUIET},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def read(self, name: str) -> tuple[str, str, bytes] | None:
        """(oid, type, content) of an object named like `COMMIT:path`, or None."""
        return next(self.read_all([name]))

    def read_all(self, names: Sequence[str]) -> Iterator[tuple[str, str, bytes] | None]:
        """The same for many. So many are asked for at once as surely fit into a pipe: git works
        ahead while an answer is read."""
        for start in range(0, len(names), AHEAD):
            with self._lock:
                found = self._exchange(names[start : start + AHEAD])
            yield from found

    def _exchange(self, names: Sequence[str]) -> list[tuple[str, str, bytes] | None]:
        process = self._started()
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:  # both were asked for above
            raise Unavailable("git cat-file has no pipes")
        try:
            stdin.write("".join(f"{name}\n" for name in names).encode())
            stdin.flush()
        except BrokenPipeError as error:
            raise Unavailable("git cat-file ended unexpectedly", hint="git fsck") from error
        return [_answer(stdout) for _ in names]

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None


def _answer(stdout: IO[bytes]) -> tuple[str, str, bytes] | None:
    header = stdout.readline().decode()
    if not header:
        raise Unavailable("git cat-file ended unexpectedly", hint="git fsck")
    if header.endswith((" missing\n", " ambiguous\n")):
        return None
    oid, kind, size = header.split()
    content = stdout.read(int(size))
    stdout.read(1)
    return oid, kind, content


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
        listing = self.git.run("ls-tree", "-r", "-z", self.revision, "--", *folders)
        if listing.code:
            raise Unavailable(f"`git ls-tree` failed: {listing.err}")
        entries = []
        for line in filter(None, listing.out.decode(errors="surrogateescape").split("\0")):
            meta, path = line.split("\t", 1)
            mode, _, oid = meta.split()
            entries.append(Entry(mode, oid, path))
            # By its id a file is found at once; by its path git looks through every folder.
            self._oids[path] = oid
        return entries
