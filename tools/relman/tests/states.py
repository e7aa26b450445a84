"""Starting points and expectations that several test modules share."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import pytest

from . import lab as laboratory
from .lab import Lab, Ran, git

REPOSITORY = Path(__file__).resolve().parents[3]


@functools.cache
def _template(remote: bool) -> Path:
    """A lab in which every environment runs 1.0.0; made once for each process."""
    folder = Path(tempfile.mkdtemp(prefix="relman-lab-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    lab = laboratory.make(folder, remote=remote)
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    lab.ok("promote", "dev", "prod", "--yes")
    lab.pull()
    return folder


def running(folder: Path, *, remote: bool = False) -> Lab:
    """A lab of one's own in which dev, staging and prod run 1.0.0."""
    shutil.copytree(_template(remote), folder, dirs_exist_ok=True)
    lab = Lab(folder / "clone", folder / "remote.git" if remote else None)
    if remote:
        lab.git("remote", "set-url", "origin", str(lab.remote))
    return lab


def refuses(lab: Lab, *arguments: str, code: int, says: str | tuple[str, ...]) -> Ran:
    """relman ends with `code` and one message that holds every part of `says`; no traceback,
    no data on stdout, and no ref, file or index has changed."""
    before = everything(lab)
    done = lab.relman(*arguments)
    judge(done, code, says, arguments)
    assert everything(lab) == before, f"relman {arguments} left something behind"
    return done


def judge(done: Ran, code: int, says: str | tuple[str, ...], arguments: Any = ()) -> None:
    """The shape of a refusal."""
    assert done.code == code, f"relman {arguments} ended with {done.code}: {done.err}{done.out}"
    assert done.err.count("error: ") == 1, done.err
    assert "Traceback" not in done.err + done.out
    assert done.out.strip() in ("", "[]")
    for part in (says,) if isinstance(says, str) else says:
        assert part in done.err, f"{part!r} is not in: {done.err}"


def everything(lab: Lab) -> dict[str, str]:
    """All that a refused command may not change: refs, index, checkout; the remote's refs."""
    state = {
        "refs": git("for-each-ref", cwd=lab.root),
        "head": (lab.root / ".git/HEAD").read_text(),
        "status": git("status", "--porcelain", "--ignored", cwd=lab.root),
        "index": git("ls-files", "--stage", cwd=lab.root),
    }
    if lab.remote and lab.remote.is_dir():
        state["remote"] = git("for-each-ref", cwd=lab.remote)
    return state


def edited(lab: Lab, path: str, before: str, after: str) -> None:
    """Replaces a text that must be there in a file of the checkout, and commits."""
    text = (lab.root / path).read_text()
    assert before in text, f"{before!r} is not in {path}"
    lab.write(path, text.replace(before, after))
    lab.commit(f"edit {path}")


def environment(name: str, after: str = "", more: str = "") -> str:
    """The text of an environment's file."""
    head = f"apiVersion: relman/v1\nkind: Environment\nname: {name}\n"
    path = f"after: {after}\n" if after else ""
    clusters = "" if "clusters:" in more else f"clusters:\n  - name: {name}\n"
    return head + path + clusters + more


@functools.cache
def helm() -> str:
    """Helm's command line: from PATH, or as the toolchain built it. Skips where there is none."""
    return shutil.which("helm") or _built() or absent("helm is not here: make tools")


def ssh_keygen() -> str:
    """OpenSSH's command that makes keys and signs. Skips where there is none."""
    return shutil.which("ssh-keygen") or absent("ssh-keygen is not here: it comes with OpenSSH")


def absent(what: str) -> NoReturn:
    """Skips a test for want of a tool that a user need not have; CI has all of them."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def _built() -> str | None:
    toolchain = REPOSITORY / "tools/toolchain/toolchain.py"
    home = {**os.environ, "RELMAN_CACHE_DIR": ""}
    done = subprocess.run(
        [sys.executable, str(toolchain), "path", "helm"],
        capture_output=True, text=True, check=False, env=home,
    )  # fmt: skip
    path = done.stdout.strip()
    return path if done.returncode == 0 and path and Path(path).exists() else None


def template(*arguments: str) -> str:
    """Helm's standard output; fails the test when Helm fails."""
    done = subprocess.run([helm(), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"helm {arguments}: {done.stderr}"
    return done.stdout
