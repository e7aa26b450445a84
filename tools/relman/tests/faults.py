"""Faults for tests: runs that die, a git that dies, hooks that interfere, many runs at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .lab import Lab, git

if TYPE_CHECKING:
    from collections.abc import Mapping

KILLED = -9
PATH = {"staging": ("dev",), "prod": ("staging",)}
RELMAN = f"{sys.executable} -B -m relman"
FORGE = Path(__file__).with_name("faults_forge.py")


@dataclass(frozen=True)
class Run:
    """A run of relman in a process of its own, killed before the `kill_at`-th thing that it
    writes or starts (0: never)."""

    cwd: Path
    arguments: tuple[str, ...]
    kill_at: int = 0
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How a run ended: the exit code (-9 when killed), its output, and what it wrote or started
    (unknown when it was killed)."""

    code: int
    out: str
    err: str
    events: tuple[str, ...] = ()


class Forge:
    """Starts runs of relman without the half second that an interpreter needs for its imports."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-B", str(FORGE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *runs: Run) -> list[Ended]:
        """Starts all of them at once; how each ended."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        with tempfile.TemporaryDirectory() as folder:
            orders = [_order(run, f"{folder}/{number}") for number, run in enumerate(runs)]
            stdin.write(json.dumps(orders) + "\n")
            stdin.flush()
            codes = json.loads(stdout.readline())
            return [_ended(code, f"{folder}/{number}") for number, code in enumerate(codes)]

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate(timeout=60)


def _order(run: Run, prefix: str) -> dict[str, object]:
    return {
        "arguments": run.arguments,
        "cwd": str(run.cwd),
        "env": {**os.environ, **run.env},
        "kill_at": run.kill_at,
        **{name: f"{prefix}.{name}" for name in ("out", "err", "events")},
    }


def _ended(code: int, prefix: str) -> Ended:
    events = Path(f"{prefix}.events")
    return Ended(
        code,
        Path(f"{prefix}.out").read_text(),
        Path(f"{prefix}.err").read_text(),
        tuple(json.loads(events.read_text())) if events.exists() else (),
    )


def copied(lab: Lab, folder: Path) -> Lab:
    """A laboratory like another one, with a remote of its own where that has one."""
    shutil.copytree(lab.root.parent, folder)
    copy = Lab(folder / "clone", folder / "remote.git" if lab.remote else None)
    if copy.remote:
        copy.git("remote", "set-url", "origin", str(copy.remote))
    return copy


def cloned(lab: Lab, folder: Path, name: str) -> Lab:
    """Another person's clone of the same remote."""
    assert lab.remote
    git("clone", "--quiet", str(lab.remote), str(folder), cwd=lab.remote)
    git("remote", "set-head", "origin", "--delete", cwd=folder)
    git("config", "user.name", name, cwd=folder)
    git("config", "user.email", f"{name.lower()}@example.com", cwd=folder)
    return Lab(folder, lab.remote)


def hook(repository: Path, name: str, lines: str) -> Path:
    """Installs a hook of shell lines that forget whose hook they are: git in them is plain git."""
    folder = repository / "hooks" if repository.suffix == ".git" else repository / ".git/hooks"
    folder.mkdir(exist_ok=True)
    return script(folder / name, f"unset $(git rev-parse --local-env-vars)\n{lines}\n")


def broken_git(folder: Path, verb: str, fault: str) -> dict[str, str]:
    """An environment whose git runs `fault` (shell lines) before the first `git VERB`."""
    real = shutil.which("git")
    spent = folder / "spent"
    folder.mkdir()
    script(
        folder / "git",
        f'if [ "$1" = {verb} ] && [ ! -e {spent} ]; then\n: >{spent}\n{fault}\nfi\n'
        f'exec {real} "$@"\n',
    )
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def script(path: Path, text: str) -> Path:
    """An executable file of shell lines."""
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)
    return path


@dataclass(frozen=True)
class State:
    """What the branch says: the generated files by content, the releases and records by name."""

    generated: str
    releases: str


def tip(lab: Lab) -> str:
    """The commit that is applied."""
    return git("rev-parse", "main", cwd=lab.remote or lab.root)


def state(lab: Lab, commit: str = "main") -> State:
    """The state at a commit. Two labs made alike and changed alike have equal ones."""
    where = lab.remote or lab.root
    return State(
        git("ls-tree", "-r", commit, "argocd", cwd=where),
        git("ls-tree", "-r", "--name-only", commit, "releases", cwd=where),
    )


def commits(lab: Lab, since: str) -> list[str]:
    """The commits since another, oldest first."""
    found = git("rev-list", "--reverse", f"{since}..main", cwd=lab.remote or lab.root)
    return found.split()


def require_sound(lab: Lab) -> None:
    """Nothing is lost or damaged, nobody's files were touched, and no ref is new."""
    for repository in filter(None, (lab.root, lab.remote)):
        git("fsck", "--connectivity-only", "--no-dangling", cwd=repository)
    assert lab.git("status", "--porcelain") == ""
    ours = ["refs/heads/main", *(["refs/remotes/origin/main"] if lab.remote else [])]
    assert lab.git("for-each-ref", "--format=%(refname)").split() == ours
    if lab.remote:
        heads = git("for-each-ref", "--format=%(refname)", cwd=lab.remote)
        assert heads.split() == ["refs/heads/main"]


def require_linear(lab: Lab) -> None:
    """Every commit but the first has one parent."""
    parents = git("rev-list", "--parents", "main", cwd=lab.remote or lab.root)
    counts = [len(line.split()) - 1 for line in parents.splitlines()]
    assert counts == [1] * (len(counts) - 1) + [0]


def require_true_records(lab: Lab, before: Mapping[str, tuple[str, ...]] = PATH) -> None:
    """Every release entered where all before it ran it, or in an emergency that says so, told
    by the commits alone."""
    log = git(
        "log", "--first-parent", "--reverse", "main",
        "--format=%(trailers:key=Relman-Environment,valueonly,separator=)"
        "|%(trailers:key=Relman-Release,valueonly,separator=)"
        "|%(trailers:key=Relman-Emergency,valueonly,separator=)",
        cwd=lab.remote or lab.root,
    )  # fmt: skip
    cut: set[str] = set()
    ran: dict[str, set[str]] = defaultdict(set)
    for line in log.splitlines():
        environment, release, skipped = line.split("|")
        if not environment:
            cut |= {release} - {""}
        elif release:
            allowed = [ran[name] for name in before.get(environment, ())] or [cut]
            true = all(release in known for known in allowed) or "source" in skipped
            assert true, f"{environment} got {release}"
            ran[environment].add(release)
