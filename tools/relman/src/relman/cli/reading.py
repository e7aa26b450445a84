"""What the commands that only read share: which commit they look at."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from relman.cli import console
from relman.core.errors import Invalid
from relman.operations import workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace


@contextlib.contextmanager
def reading(
    folder: Path, base: str | None = None, *, worktree: bool = False
) -> Iterator[Repository]:
    """The branch as last fetched, a commit, or the checkout."""
    with looking(folder, base, worktree=worktree) as (_, repository):
        yield repository


@contextlib.contextmanager
def looking(
    folder: Path, base: str | None = None, *, worktree: bool = False
) -> Iterator[tuple[Workspace, Repository]]:
    """The same with the workspace, for its clock."""
    if base and worktree:
        raise Invalid("--base and --worktree exclude each other")
    with workspace.opened(folder, progress=console.say) as here:
        if worktree:
            yield here, here.worktree()
        else:
            yield here, here.at(base) if base else here.tip()
