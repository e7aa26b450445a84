"""What git's history says of files that may only be added, and of who added them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.core import commit_messages, hashes
from relman.core.models.base import Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.adapters.snapshot import Snapshot
    from relman.operations.repository import Repository

WRITE_ONCE = tuple(folder.rstrip("/") for folder in commit_messages.WRITE_ONCE)
RELEASES, *CHAINS = WRITE_ONCE
ADDED = f"--format=%x00%H%x01%(trailers:key={commit_messages.SEAL},valueonly)%x01"


class Finding(Model):
    """One thing that doesn't hold: where, and what."""

    place: str
    message: str


@dataclass(frozen=True)
class Log:
    """The commits that added each file, newest first; the digests that commits say they wrote,
    by file; and the place of each commit in an order in which ancestors come first."""

    added: dict[str, list[str]] = field(default_factory=dict)
    seals: dict[str, set[str]] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)


def read(snapshot: Snapshot) -> Log:
    """The log of everything that is write-once."""
    text = snapshot.git.text(
        "log", "--no-show-signature", ADDED, "--name-only", "--no-renames", "--diff-filter=A",
        "-m", snapshot.history, "--", *WRITE_ONCE,
    )  # fmt: skip
    found = Log(order=_order(snapshot))
    for block in filter(None, text.split("\0")):
        commit, seals, names = block.split("\1")
        for path in filter(None, names.splitlines()):
            found.added.setdefault(path, []).append(commit)
        for line in filter(None, seals.splitlines()):
            path, _, digest = line.rpartition(" ")
            found.seals.setdefault(path, set()).add(digest)
    return found


def _order(snapshot: Snapshot) -> dict[str, int]:
    listed = snapshot.git.text("rev-list", "--topo-order", "--reverse", snapshot.history)
    return {commit: number for number, commit in enumerate(listed.split())}


def write_once(repository: Repository) -> Iterator[Finding]:
    """Files that some commit changed or deleted, though they may only be added.

    A release may be cut again in a branch of its own before that is merged. Records and decisions
    are looked at in all of history and against every parent: a merge that takes the branch for
    its second parent can leave out what that has, and needs no force to be pushed.
    """
    yield from _unkept(repository.snapshot, "--first-parent", RELEASES)
    yield from _unkept(repository.snapshot, "--full-history", *CHAINS)


def _unkept(snapshot: Snapshot, way: str, *folders: str) -> Iterator[Finding]:
    log = snapshot.git.text(
        "log", "--no-show-signature", "--format=%x00%H", "--name-status", "--no-renames",
        "--diff-filter=MDT", "-m", way, snapshot.history, "--", *folders,
    )  # fmt: skip
    for block in filter(None, log.split("\0")):
        commit, *lines = filter(None, block.splitlines())
        for line in lines:
            what, path = line.split("\t", 1)
            verb = "deleted" if what.startswith("D") else "changed"
            yield Finding(place=path, message=f"was {verb} by commit {commit[:12]}")


def unlike_their_commits(repository: Repository, log: Log) -> Iterator[Finding]:
    """Files that aren't what the commit that added them says it wrote: told where the history
    was written anew. A commit may say nothing, after a merge that squashed its message."""
    snapshot = repository.snapshot
    for entry in snapshot.files(*WRITE_ONCE):
        said = log.seals.get(entry.path)
        if said and hashes.of_bytes(snapshot.blob(entry.oid)) not in said:
            yield Finding(place=entry.path, message="is not what its commit says that it wrote")


def out_of_place(log: Log, path: str, base: str) -> str | None:
    """Why a file can't have been made at `base`, or None: the commit that it says it goes on
    must be there, and before the one that added it."""
    if base not in log.order:
        return f"was made at commit {base[:12]}, which is not on the branch"
    added = [log.order[commit] for commit in log.added.get(path, ()) if commit in log.order]
    if added and min(added) <= log.order[base]:
        return f"was made at commit {base[:12]}, which is younger than itself"
    return None
