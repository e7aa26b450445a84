"""Fetching from a remote and pushing to it, never by force; what git says of why not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from relman.adapters.git import last_line
from relman.core.errors import Invalid, Refused, RelmanError, Unavailable

if TYPE_CHECKING:
    from relman.adapters import process
    from relman.adapters.git import Git

NETWORK_TIMEOUT = 60.0
# What git says when somebody else was faster: before the exchange, and under the remote's lock.
# Since 2.50 a lock that somebody holds is "reference already exists".
REJECTED = "[remote rejected]"
LOST_RACE = (
    "(fetch first)",
    "(non-fast-forward)",
    "cannot lock ref",
    "failed to update ref",
    "incorrect old value",
    "(reference already exists)",
    "(stale info)",
)


def network_timeout() -> float:
    """Seconds that a fetch or a push may take; RELMAN_GIT_TIMEOUT changes it."""
    try:
        return float(os.environ.get("RELMAN_GIT_TIMEOUT", NETWORK_TIMEOUT))
    except ValueError as error:
        raise Invalid("RELMAN_GIT_TIMEOUT is not a number of seconds") from error


def fetch(git: Git, remote: str, branch: str) -> None:
    """Brings the remote's branch here. Raises Unavailable or Invalid with git's reason."""
    refspec = f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}"
    result = _asked(
        git,
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-recurse-submodules",
        "--no-auto-maintenance",
        remote,
        refspec,
    )
    if result.code == 0:
        return
    if "couldn't find remote ref" in result.err:
        raise Invalid(
            f"the remote {remote} has no branch {branch}", hint=f"git push {remote} {branch}"
        )
    raise Unavailable(
        f"can't fetch from {remote}: {last_line(result.err)}",
        hint=f"git fetch {remote} shows the whole message",
    )


def push(git: Git, remote: str, commit: str, branch: str) -> str | None:
    """Moves the remote's branch to `commit`, never by force. None when it did, else what git
    said of why not: most likely the branch has moved on.

    Raises Refused when the remote's rules forbid it, Unavailable when it can't be reached.
    When the answer is lost or is no clear one, the remote is asked whether it did.
    """
    try:
        result = _push(git, remote, f"{commit}:refs/heads/{branch}")
    except Unavailable:
        if _arrived(git, remote, commit, branch):
            return None
        raise
    said = f"{result.text}\n{result.err}"
    if result.code == 0 or (REJECTED not in said and _arrived(git, remote, commit, branch)):
        return None
    refs = [line for line in result.text.splitlines() if line.startswith("!")]
    if any(mark in line for line in refs for mark in LOST_RACE):
        return _rejection(said) if REJECTED in said else last_line(result.err)
    raise _push_error(f"{remote}'s {branch}", said)


def _push(git: Git, remote: str, refspec: str) -> process.Result:
    """Exactly one ref, whatever the user's push.* and submodule.* settings would add."""
    return _asked(
        git, "push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", remote, refspec
    )


def _asked(git: Git, *arguments: str) -> process.Result:
    """git, for as long as the network may take. Raises Unavailable."""
    try:
        return git.run(*arguments, timeout=network_timeout())
    except Unavailable as error:
        hint = "the network, or a hook that hangs; RELMAN_GIT_TIMEOUT=SECONDS gives it longer"
        raise Unavailable(error.message, hint=error.hint or hint) from error


def _arrived(git: Git, remote: str, commit: str, branch: str) -> bool:
    try:
        fetch(git, remote, branch)
    except RelmanError:
        return False
    return git.is_ancestor(commit, f"refs/remotes/{remote}/{branch}")


def push_own_branch(git: Git, remote: str, commit: str, branch: str) -> None:
    """Puts a branch that only relman writes at `commit`, wherever it was before."""
    result = _push(git, remote, f"+{commit}:refs/heads/{branch}")
    if result.code:
        raise _push_error(f"{remote}'s {branch}", f"{result.text}\n{result.err}")


def _push_error(where: str, said: str) -> RelmanError:
    if REJECTED in said:
        return Refused(
            f"the push to {where} was rejected: {_rejection(said)}",
            hint="its protection must let this identity push; promote can make a branch: --pr",
        )
    hook = "; ".join(line for line in said.splitlines() if line.strip())[:500]
    return Unavailable(f"can't push to {where}: {last_line(said)}", hint=hook)


def _rejection(said: str) -> str:
    """The remote's reason: what its hook printed, else what stands behind the ref."""
    remote = [line[8:].strip() for line in said.splitlines() if line.startswith("remote: ")]
    refs = [line for line in said.splitlines() if "[remote rejected]" in line]
    return " ".join(filter(None, remote)) or refs[0].split("[remote rejected]", 1)[1].strip()
