"""git through its own command line: reading commits, and knowing remotes and checkouts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import process
from relman.core.errors import Invalid, Refused, RelmanError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

# Messages are matched on, so they must be the untranslated ones; a prompt would hang a pipeline.
QUIET = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
NETWORK_TIMEOUT = 60.0


def network_timeout() -> float:
    """Seconds that a fetch or a push may take; RELMAN_GIT_TIMEOUT changes it."""
    try:
        return float(os.environ.get("RELMAN_GIT_TIMEOUT", NETWORK_TIMEOUT))
    except ValueError as error:
        raise Invalid("RELMAN_GIT_TIMEOUT is not a number of seconds") from error


@dataclass(frozen=True)
class Git:
    """A repository on disk. `root` is the top of the checkout, `directory` its .git folder."""

    root: Path
    directory: Path
    _cache: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> process.Result:
        """git with `arguments`, whatever its exit code."""
        return process.run(
            ["git", *arguments],
            cwd=self.root,
            stdin=stdin,
            env={**QUIET, **(env or {})},
            timeout=timeout,
        )

    def text(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """What git prints. Raises Unavailable with git's own words when it fails."""
        result = self.run(*arguments, stdin=stdin, env=env)
        if result.code:
            raise Unavailable(f"`git {arguments[0]}` failed: {result.err or result.text}")
        return result.text

    def resolve(self, revision: str) -> str | None:
        """The commit that `revision` names, or None."""
        spec = f"{revision}^{{commit}}"
        result = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", spec)
        return result.text if result.code == 0 else None

    def config(self, key: str) -> str | None:
        """A value of git's configuration, or None."""
        result = self.run("config", "--get", key)
        return result.text if result.code == 0 else None

    def identity(self) -> str:
        """`Name <mail>` as git would commit it. Raises Invalid when git has none."""
        result = self.run("var", "GIT_AUTHOR_IDENT")
        if result.code:
            raise Invalid(
                "git does not know who you are",
                hint="git config --global user.name NAME; git config --global user.email MAIL",
            )
        return result.text.rsplit(" ", 2)[0]

    def object_format(self) -> str:
        """sha1 or sha256: how this repository names its objects."""
        if "format" not in self._cache:
            self._cache["format"] = self.text("rev-parse", "--show-object-format")
        return self._cache["format"]

    def remote(self) -> str | None:
        """The remote that applying pushes to: origin, or the only one, or none."""
        names = self.text("remote").split()
        if "origin" in names or not names:
            return "origin" if names else None
        if len(names) > 1:
            raise Invalid(
                f"several remotes and none is called origin: {', '.join(names)}",
                hint="git remote rename NAME origin",
            )
        return names[0]

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether `commit` is `of` or in its history."""
        return self.run("merge-base", "--is-ancestor", commit, of).code == 0

    def fetch(self, remote: str, branch: str) -> None:
        """Brings the remote's branch here. Raises Unavailable or Invalid with git's reason."""
        refspec = f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}"
        result = self.run(
            "fetch", "--quiet", "--no-tags", remote, refspec, timeout=network_timeout()
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

    def push(self, remote: str, commit: str, branch: str) -> bool:
        """Moves the remote's branch to `commit`, never by force; whether it did.

        False means that the branch has moved on meanwhile. Raises Refused when the remote's
        rules forbid it, Unavailable when it can't be reached.
        """
        result = self.run(
            "push", "--porcelain", remote, f"{commit}:refs/heads/{branch}",
            timeout=network_timeout(),
        )  # fmt: skip
        if result.code == 0:
            return True
        said = f"{result.text}\n{result.err}"
        if any(mark in said for mark in LOST_RACE):
            return False
        raise self._push_error(f"{remote}'s {branch}", said)

    def push_own_branch(self, remote: str, commit: str, branch: str) -> None:
        """Puts a branch that only relman writes at `commit`, wherever it was before."""
        result = self.run(
            "push", "--porcelain", remote, f"+{commit}:refs/heads/{branch}",
            timeout=network_timeout(),
        )  # fmt: skip
        if result.code:
            raise self._push_error(f"{remote}'s {branch}", f"{result.text}\n{result.err}")

    def _push_error(self, where: str, said: str) -> RelmanError:
        if "[remote rejected]" in said:
            return Refused(
                f"the push to {where} was rejected: {rejection(said)}",
                hint="the branch's protection must let this identity push, or use --pr",
            )
        return Unavailable(f"can't push to {where}: {last_line(said)}")


# What git says when somebody else was faster: before the exchange, and under the remote's lock.
LOST_RACE = (
    "(fetch first)",
    "(non-fast-forward)",
    "cannot lock ref",
    "failed to update ref",
    "incorrect old value",
    "(stale info)",
)


def rejection(said: str) -> str:
    """The remote's reason: what its hook printed, else what stands behind the ref."""
    remote = [line[8:].strip() for line in said.splitlines() if line.startswith("remote: ")]
    refs = [line for line in said.splitlines() if "[remote rejected]" in line]
    return " ".join(filter(None, remote)) or refs[0].split("[remote rejected]", 1)[1].strip()


def last_line(text: str) -> str:
    """The line that says why; git puts it before its general advice."""
    lines = [line for line in text.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "ssh:", "ERROR", "error:"))]
    return (fatal or lines or ["no reason given"])[0].removeprefix("fatal: ")


def open_repository(folder: Path) -> Git:
    """The repository that holds `folder`.

    Raises Invalid when there is none, when it is bare, shallow, or has no commit.
    """
    if not folder.is_dir():
        raise Invalid(f"{folder} is not a folder")
    result = process.run(
        ["git", "rev-parse", "--show-toplevel", "--absolute-git-dir", "--is-shallow-repository"],
        cwd=folder,
        env=QUIET,
    )
    if result.code:
        reason = last_line(result.err)
        raise Invalid(f"{folder}: {reason}", hint="run it in a clone, or name one with -C DIR")
    root, directory, shallow = result.text.splitlines()
    if shallow == "true":
        raise Invalid(
            "this is a shallow clone; relman needs the history",
            hint="git fetch --unshallow (in CI: fetch-depth: 0)",
        )
    return Git(Path(root), Path(directory))
