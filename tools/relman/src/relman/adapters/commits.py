"""Commits built in git's object database, and the one compare-and-swap that applies them.

Building touches no index, worktree or ref of the user's: files become blobs through one
fast-import, and the tree is built in a temporary index.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from relman.adapters.git import Git


SCRATCH = "relman-index-"


def build(git: Git, base: str, files: Mapping[str, bytes | None], message: str) -> str:
    """A commit on top of `base` with `files` written (None deletes one); its id.

    Signed when commit.gpgSign says so. Only objects are written: the commit is nowhere
    until a ref is moved to it.
    """
    blobs = _write_blobs(git, [data for data in files.values() if data is not None])
    lines = [
        f"0 {'0' * len(base)}\t{path}" if data is None else f"100644 {blobs[data]}\t{path}"
        for path, data in files.items()
    ]
    with _temporary_index(git) as env:
        git.text("read-tree", base, env=env)
        stdin = "".join(f"{line}\0" for line in lines).encode()
        git.text("update-index", "-z", "--index-info", stdin=stdin, env=env)
        tree = git.text("write-tree", env=env)
    signing = ["-S"] if git.switched_on("commit.gpgSign") else []
    return git.text("commit-tree", tree, "-p", base, *signing, "-F", "-", stdin=message.encode())


def worktree_tree(git: Git) -> str:
    """The tree of the checkout as it is now, with what git doesn't ignore; its id.

    The real index stays as it is: a copy is used.
    """
    with _temporary_index(git) as env:
        index = git.directory / "index"
        if index.exists():
            Path(env["GIT_INDEX_FILE"]).write_bytes(index.read_bytes())
        git.text("add", "--all", ".", env=env)
        return git.text("write-tree", env=env)


@contextlib.contextmanager
def checked_out(git: Git, revision: str) -> Iterator[Path]:
    """The files of a commit or a tree, in a temporary folder, as a checkout would write them.
    Its parent is temporary too: what runs in it and reaches for `..` meets nobody else's files.
    """
    with _temporary_index(git) as env, tempfile.TemporaryDirectory(prefix="relman-") as own:
        folder = Path(own) / "files"
        folder.mkdir()
        git.text("read-tree", revision, env=env)
        git.text("checkout-index", "--all", f"--prefix={folder}/", env=env)
        yield folder


def swap(git: Git, branch: str, new: str, old: str) -> str | None:
    """Moves a local branch from `old` to `new`. None when it did, else what git said of why not:
    most likely it is no longer at `old`."""
    result = git.run("update-ref", "-m", "relman", f"refs/heads/{branch}", new, old)
    return None if result.code == 0 else result.err or "git update-ref failed"


def _write_blobs(git: Git, contents: list[bytes]) -> dict[bytes, str]:
    """Writes blobs by one fast-import, which moves no ref; their ids by content."""
    distinct = list(dict.fromkeys(contents))
    if not distinct:
        return {}
    stream = b"".join(b"blob\ndata %d\n%b\n" % (len(data), data) for data in distinct)
    git.text("fast-import", "--quiet", "--done", stdin=stream + b"done\n")
    return {data: blob_id(git, data) for data in distinct}


def blob_id(git: Git, data: bytes) -> str:
    """The id that git gives a file with this content."""
    algorithm = hashlib.sha256 if git.object_format() == "sha256" else hashlib.sha1
    return algorithm(b"blob %d\0" % len(data) + data).hexdigest()


@contextlib.contextmanager
def _temporary_index(git: Git) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=_scratch(git)) as folder:
        yield {"GIT_INDEX_FILE": str(Path(folder) / "index")}


def _scratch(git: Git) -> str | None:
    """Beside the repository's own files, where the index can be renamed; else the system's."""
    return str(git.directory) if os.access(git.directory, os.W_OK) else None
