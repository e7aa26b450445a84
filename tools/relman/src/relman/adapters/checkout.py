"""The user's checkout, where there is no remote: it follows after the branch has moved.

The branch moves first, since that is what takes effect. A note in the .git folder makes sure
that a checkout left behind by a killed run is brought up by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relman.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from relman.adapters.git import Git

JOURNAL = "relman-checkout"
NOTHING = "0" * 40


def follows(git: Git, branch: str, paths: Collection[str]) -> bool:
    """Whether this checkout is on the branch and can follow it.

    Raises Refused when it has changes or a file in the way, or when another worktree is on the
    branch: moving the branch under them would make the next commit there undo this one.
    """
    where = _checked_out(git, branch)
    if where is None:
        return False
    if where != git.root:
        raise Refused(f"{branch} is checked out in {where}", hint=f"relman -C {where} ...")
    if git.text("status", "--porcelain", "--untracked-files=no"):
        raise Refused(
            f"the checkout is on {branch} and has uncommitted changes",
            hint="git commit or git stash them first",
        )
    _refuse_untracked(git, paths)
    return True


def _checked_out(git: Git, branch: str) -> Path | None:
    """The worktree that is on a branch, or None."""
    listing = git.text("worktree", "list", "--porcelain", "-z")
    for block in listing.split("\0\0"):
        fields = dict(line.partition(" ")[::2] for line in block.split("\0") if line)
        if fields.get("branch") == f"refs/heads/{branch}":
            return Path(fields["worktree"])
    return None


def _refuse_untracked(git: Git, paths: Collection[str]) -> None:
    present = [path for path in paths if (git.root / path).exists()]
    tracked = set(_listed(git, "ls-files", "-z", "--", *present)) if present else set()
    if in_the_way := [path for path in present if path not in tracked]:
        raise Refused(
            f"an untracked file is in the way: {in_the_way[0]}", hint="move it elsewhere first"
        )


def announce(git: Git, old: str, new: str) -> None:
    """Notes that the checkout is to go from `old` to `new` once the branch has moved."""
    temporary = _journal(git).with_suffix(".new")
    temporary.write_text(f"{old} {new}\n")
    temporary.replace(_journal(git))


def settle(git: Git) -> str | None:
    """Does what a note asks for, if the branch did move, and removes the note.

    Files that are neither as before nor as after belong to somebody by now: then nothing is
    touched, and what to tell the user is returned.
    """
    if not _journal(git).exists():
        return None
    noted = _journal(git).read_text().split()
    said = None
    if len(noted) == 2 and git.resolve("HEAD") == noted[1]:
        said = _follow(git, _changes(git, *noted), noted[1])
    _journal(git).unlink(missing_ok=True)
    return said


@dataclass(frozen=True)
class _Change:
    """A path's blobs before and after; NOTHING where it isn't there."""

    path: str
    old: str
    new: str


def _changes(git: Git, old: str, new: str) -> list[_Change]:
    raw = _listed(git, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new)
    pairs = zip(raw[::2], raw[1::2], strict=True)
    return [_Change(path, *meta.split()[2:4]) for meta, path in pairs]


def _follow(git: Git, changes: list[_Change], new: str) -> str | None:
    staged = _staged(git, [change.path for change in changes])
    for change in changes:
        expected = {change.old[:40], change.new[:40]}
        here = {staged.get(change.path, NOTHING)[:40], _on_disk(git, change.path)[:40]}
        if not here <= expected:
            return f"the branch moved, but {change.path} has changes of yours; see git status"
    kept = [change.path for change in changes if set(change.new) != {"0"}]
    gone = [change.path for change in changes if set(change.new) == {"0"}]
    for command, paths in ((["checkout", new], kept), (["rm", "-qf", "--ignore-unmatch"], gone)):
        if paths:
            listed = "\0".join(paths).encode()
            git.text(*command, "--pathspec-from-file=-", "--pathspec-file-nul", stdin=listed)
    return None


def _staged(git: Git, paths: list[str]) -> dict[str, str]:
    found = {}
    for line in _listed(git, "ls-files", "-s", "-z", "--", *paths):
        meta, path = line.split("\t", 1)
        found[path] = meta.split()[1]
    return found


def _on_disk(git: Git, path: str) -> str:
    if not (git.root / path).exists():
        return NOTHING
    return git.text("hash-object", f"--path={path}", "--", str(git.root / path))


def _listed(git: Git, *arguments: str) -> list[str]:
    return [part for part in git.text(*arguments).split("\0") if part]


def _journal(git: Git) -> Path:
    return git.directory / JOURNAL
