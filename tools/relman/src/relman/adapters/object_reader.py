"""git's objects, read through one `git cat-file --batch` that stays open: a read costs a pipe's
round trip, not a process."""

from __future__ import annotations

import os
import subprocess
import threading
from functools import lru_cache
from typing import IO, TYPE_CHECKING, NamedTuple

from relman.adapters.git import QUIET
from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relman.adapters.git import Git

# Trees that are kept: they never change, and most of them are the same in many commits.
KEPT = 1024
# So many ids (of 64 letters at most) are a pipe's least size, 4 KiB.
AHEAD = 60


class Child(NamedTuple):
    """What stands in a tree: its mode as git writes it (40000 is a tree too), name and id."""

    mode: str
    name: str
    oid: str


class ObjectReader:
    """Reads objects by name, from any number of threads."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.tree = lru_cache(KEPT)(self._tree)

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

    def _tree(self, oid: str) -> tuple[Child, ...]:
        """What stands in a tree, in git's order."""
        found = self.read(oid)
        if found is None:
            raise Unavailable(f"git has lost the object {oid}", hint="git fsck")
        return tuple(_children(found[2], len(oid) // 2))

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


def _children(content: bytes, size: int) -> Iterator[Child]:
    """A tree is MODE, a space, NAME, a zero, and the id in `size` bytes, again and again."""
    at = 0
    while at < len(content):
        space = content.index(b" ", at)
        end = content.index(b"\0", space)
        name = content[space + 1 : end].decode(errors="surrogateescape")
        mode, at = content[at:space].decode(), end + 1 + size
        yield Child(mode, name, content[end + 1 : at].hex())
