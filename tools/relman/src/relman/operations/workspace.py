"""Where a command works: the clone, its remote, the branch that Argo CD reads, the clock."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from relman.adapters import cache, checkout, clone_lock, commits, remotes
from relman.adapters.git import Git, open_repository
from relman.adapters.object_reader import ObjectReader
from relman.adapters.snapshot import Snapshot
from relman.core.errors import Invalid
from relman.operations.repository import PROJECT, Repository

if TYPE_CHECKING:
    from pathlib import Path

Progress = Callable[[str], None]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _silent(_: str) -> None:
    return None


@dataclass(frozen=True)
class Workspace:
    """A clone. `clock` gives the time as RFC 3339 in UTC; `progress` gets a line for each step
    of long work."""

    git: Git
    reader: ObjectReader
    remote: str | None
    branch: str
    clock: Callable[[], str] = _now
    progress: Progress = field(default=_silent)

    def at(self, revision: str) -> Repository:
        """The repository at a commit. Raises Invalid when there is no such commit."""
        commit = self.git.resolve(revision)
        if commit is None:
            raise Invalid(f"there is no commit {revision!r}")
        return Repository(Snapshot(self.git, self.reader, commit))

    def worktree(self) -> Repository:
        """The repository as it lies in the checkout, committed or not."""
        tree = commits.worktree_tree(self.git)
        return Repository(Snapshot(self.git, self.reader, tree, history="HEAD"))

    @property
    def tip_ref(self) -> str:
        """The ref that says what is applied: the remote's branch, or ours without a remote."""
        if self.remote:
            return f"refs/remotes/{self.remote}/{self.branch}"
        return f"refs/heads/{self.branch}"

    def tip(self) -> Repository:
        """The branch as it was last seen; no network."""
        if self.git.resolve(self.tip_ref) is None:
            where = f"the remote {self.remote}" if self.remote else "this clone"
            fix = f"git push {self.remote} {self.branch}" if self.remote else "git branch"
            raise Invalid(f"{where} has no branch {self.branch} that is known here", hint=fix)
        return self.at(self.tip_ref)

    def fresh(self) -> Repository:
        """The branch as it is now: fetched where there is a remote. Without one, a checkout that
        a killed run left behind is brought up first."""
        with clone_lock.held(self.git):
            warning = checkout.settle(self.git)
        if warning:
            self.progress(warning)
        if self.remote:
            remotes.fetch(self.git, self.remote, self.branch)
        return self.tip()


@contextlib.contextmanager
def opened(
    folder: Path, *, clock: Callable[[], str] | None = None, progress: Progress = _silent
) -> Iterator[Workspace]:
    """The workspace of the clone that holds `folder`.

    The branch's name is in releases/relman.yaml of the commit that is checked out, or of the
    checkout before it is committed. Raises Invalid for anything but a whole, non-empty clone
    with that file.
    """
    git = open_repository(folder)
    if git.resolve("HEAD") is None:
        raise Invalid("this repository has no commits yet", hint="git commit")
    reader = ObjectReader(git)
    try:
        here = Repository(Snapshot(git, reader, _with_project(git, reader)))
        branch = here.project.repository.branch
        yield Workspace(git, reader, git.remote(), branch, clock or _now, progress)
    finally:
        reader.close()


def _with_project(git: Git, reader: ObjectReader) -> str:
    """Where relman.yaml is to be read from."""
    committed = Snapshot(git, reader, "HEAD").oid(PROJECT) is not None
    written = (git.root / PROJECT).exists()
    return commits.worktree_tree(git) if written and not committed else "HEAD"


def tidy_cache() -> None:
    """Keeps the cache of renders from growing without end."""
    cache.prune("renders")
