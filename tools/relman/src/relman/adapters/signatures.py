"""Signatures on commits, as git checks them with the user's own configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.decisions import Signature

if TYPE_CHECKING:
    from relman.adapters.git import Git
    from relman.adapters.snapshot import Entry, Snapshot

FIELDS = "--format=%H%x00%G?%x00%GS"
# What the letters of git's %G? mean, but for G (good).
WHY = {
    "B": "its signature is bad",
    "U": "it is signed with a key that nobody here trusts",
    "X": "its signature has expired",
    "Y": "it was signed with a key that has expired",
    "R": "it was signed with a key that was revoked",
}


def of_file(snapshot: Snapshot, entry: Entry) -> Signature:
    """The signature of the commit that added a file which has not changed since."""
    found = snapshot.git.text(
        "log", "--no-show-signature", "--format=%H", "--diff-filter=A", "--no-renames",
        snapshot.history, "--", f":(literal){entry.path}",
    ).split()  # fmt: skip
    for commit in found:
        if snapshot.at(commit).oid(entry.path) == entry.oid:
            return of_commit(snapshot.git, commit)
    return Signature(good=False, why="it is not in the commit that added it")


def of_commit(git: Git, commit: str) -> Signature:
    """Whether a commit's signature is good, and whose it is.

    git says N (none) also where it has nothing to check with, so the commit is asked whether it
    has a signature at all.
    """
    signed = any(
        line.startswith("gpgsig")
        for line in git.text("cat-file", "commit", commit).partition("\n\n")[0].splitlines()
    )
    if not signed:
        return Signature(good=False, why="its commit is not signed")
    result = git.run("log", "-1", "--no-show-signature", FIELDS, commit)
    _, verdict, signer = result.text.split("\0") if result.code == 0 else ("", "E", "")
    if verdict == "G":
        return Signature(good=True, signer=signer)
    # git calls a signature bad when it could not start the program that checks it.
    if verdict in WHY and "cannot run" not in result.err:
        return Signature(good=False, signer=signer, why=WHY[verdict])
    reason = result.err.splitlines()[0] if result.err else "git can't check its signature"
    return Signature(good=False, why=reason.removeprefix("error: "), checked=False)
