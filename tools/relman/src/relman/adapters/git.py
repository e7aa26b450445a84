"""git through its own command line: a repository on disk, and what it knows of itself."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import process
from relman.core.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

# Messages are matched on, so they must be the untranslated ones; a prompt would hang a pipeline.
QUIET = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
# What git tells its hooks about the repository that they run for (git rev-parse --local-env-vars):
# run from a hook, relman would read and write there instead of where it was told to.
OF_ANOTHER_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)  # fmt: skip


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
        """git with `arguments`, whatever its exit code. Raises Unavailable when it was killed:
        that is no answer."""
        result = process.run(
            ["git", *arguments],
            cwd=self.root,
            stdin=stdin,
            env={**QUIET, **(env or {})},
            timeout=timeout,
        )
        if result.code < 0:
            raise Unavailable(f"`git {arguments[0]}` was killed", hint="run it again")
        return result

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

    def switched_on(self, key: str) -> bool:
        """A yes or no of git's configuration, in any of its spellings."""
        return self.run("config", "--type=bool", "--get", key).text == "true"

    def remote_url(self, remote: str) -> str | None:
        """Where a remote is, without the login that CI writes into it."""
        url = self.config(f"remote.{remote}.url")
        return re.sub(r"^(https?://)[^/@]*@", r"\1", url) if url else None

    @property
    def common(self) -> Path:
        """The .git folder that all worktrees of the clone share."""
        if "common" not in self._cache:
            self._cache["common"] = self.text("rev-parse", "--git-common-dir")
        return self.root / self._cache["common"]

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
    for name in OF_ANOTHER_REPOSITORY:
        os.environ.pop(name, None)
    result = process.run(
        ["git", "rev-parse", "--show-toplevel", "--absolute-git-dir", "--is-shallow-repository"],
        cwd=folder,
        env=QUIET,
    )
    if result.code < 0:
        raise Unavailable("`git rev-parse` was killed", hint="run it again")
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
