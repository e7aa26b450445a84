"""The user's checkout, where there is no remote: fast-forwarded after the branch has moved.

The branch moves first, since that is what takes effect; a note in the .git folder makes sure
that a checkout left behind by a killed run is brought up by the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from relman.adapters.git import Git

JOURNAL = "relman-checkout"


def is_on(git: Git, branch: str) -> bool:
    """Whether `branch` is what is checked out here."""
    head = git.run("symbolic-ref", "--quiet", "HEAD")
    return head.code == 0 and head.text == f"refs/heads/{branch}"


def is_clean(git: Git) -> bool:
    """Whether no tracked file differs from the commit, staged or not."""
    return not git.text("status", "--porcelain", "--untracked-files=no")


def announce(git: Git, old: str, new: str) -> None:
    """Notes that the checkout is to go from `old` to `new` once the branch has moved."""
    temporary = _journal(git).with_suffix(".new")
    temporary.write_text(f"{old} {new}\n")
    temporary.replace(_journal(git))


def settle(git: Git) -> None:
    """Does what a note asks for, if the branch did move, and removes the note.

    A checkout that isn't exactly at the old commit has been taken over by its owner and is
    left alone.
    """
    if not _journal(git).exists():
        return
    old, new = _journal(git).read_text().split()
    if git.resolve("HEAD") == new and _is_at(git, old):
        git.text("read-tree", "-m", "-u", old, new)
    _journal(git).unlink(missing_ok=True)


def _is_at(git: Git, commit: str) -> bool:
    git.run("update-index", "-q", "--refresh")
    staged = git.run("diff-index", "--cached", "--quiet", commit, "--")
    unstaged = git.run("diff-files", "--quiet")
    return staged.code == 0 and unstaged.code == 0


def _journal(git: Git) -> Path:
    return git.directory / JOURNAL
