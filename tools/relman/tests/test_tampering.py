"""What audit finds: whatever is done by hand to records, decisions, releases and what is
generated, with git's history or behind its back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import faults
from .lab import Lab, git
from .states import edited, running

PROD = "releases/environments/prod.yaml"
GATES = "\ngates:\n  approvals:\n    from: [alice@example.com, bob@example.com]\n"
FOLDERS = ("releases/versions", "releases/records", "releases/decisions", "argocd")
WRITE_ONCE = FOLDERS[:3]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab with every kind of record and decision, and an emergency."""
    lab = running(tmp_path_factory.mktemp("lived") / "lab")
    edited(lab, PROD, "clusters:", f"{GATES.strip()}\nclusters:")
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    lab.ok("promote", "dev", "staging", "--yes")
    lab.ok("hold", "prod", "--reason", "a sale")
    approve(lab, "alice")
    lab.ok("resume", "prod", "--reason", "over")
    lab.ok("promote", "staging", "prod", "--yes", "--reason", "spring")
    lab.ok("rollback", "prod", "--yes", "--reason", "slow")
    lab.ok("unblock", "prod", "1.1.0", "--reason", "mended")
    lab.cut("1.2.0", web=3)
    lab.ok("deploy", "dev", "--yes")
    lab.ok("promote", "dev", "staging", "--yes")
    lab.ok(
        "promote", "staging", "prod", "--yes", "--emergency", "approvals", "--reason", "it is down"
    )
    approve(lab, "bob")
    git("gc", "--quiet", cwd=lab.root)
    lab.ok("audit")
    return lab


@pytest.fixture
def lab(lived: Lab, tmp_path: Path) -> Lab:
    """A copy of one's own."""
    return faults.copied(lived, tmp_path / "lab")


def approve(lab: Lab, name: str) -> None:
    """One person's approval for prod."""
    lab.git("config", "user.email", f"{name}@example.com")
    lab.ok("approve", "prod", "--reason", "fine")
    lab.git("config", "user.email", "robin@example.com")


def findings(lab: Lab) -> list[str]:
    """Each finding, place and message; audit says with its exit code that there are some."""
    done = lab.relman("audit", "-o", "json")
    found = done.json["findings"]
    assert done.code == (1 if found else 0)
    return [f"{one['place']}: {one['message']}" for one in found]


def written(lab: Lab, *folders: str) -> list[str]:
    """The files below folders."""
    return lab.git("ls-tree", "-r", "--name-only", "main", *folders).splitlines()


# -- random tampering -------------------------------------------------------------------------


@dataclass(frozen=True)
class Tamper:
    """What is done: new contents by path, None for a file that is taken away."""

    files: dict[str, bytes | None]

    def on_top(self, lab: Lab) -> None:
        """As a commit of its own."""
        for path, content in self.files.items():
            file = lab.root / path
            if content is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        lab.git("add", "--all")
        lab.git("commit", "--quiet", "--message", "tidy up")

    def behind(self, lab: Lab) -> None:
        """As if it had always been so: every commit that has one of these files is made anew,
        with its message and its people."""
        parent = ""
        for commit in lab.git("rev-list", "--reverse", "main").split():
            tree = self._tree(lab, commit)
            parent = _again(lab, commit, tree, parent)
        lab.git("update-ref", "refs/heads/main", parent)
        lab.git("reset", "--quiet", "--hard")

    def _tree(self, lab: Lab, commit: str) -> str:
        present = lab.git("ls-tree", "-r", "--name-only", commit).splitlines()
        lab.git("read-tree", commit)
        last = commit == lab.git("rev-parse", "main")
        for path, content in self.files.items():
            if content is None and path in present:
                lab.git("update-index", "--force-remove", path)
            elif content is not None and (path in present or last):
                (lab.root / "tampered").write_bytes(content)
                blob = lab.git("hash-object", "-w", "--no-filters", "tampered")
                (lab.root / "tampered").unlink()
                lab.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        return lab.git("write-tree")


def _again(lab: Lab, commit: str, tree: str, parent: str) -> str:
    """A commit like another one, with another tree; the same one where nothing differs."""
    shown = lab.git("log", "-1", "--format=%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%T%n%P", commit)
    who = shown.split("\n")
    if (tree, parent) == (who[6], who[7] if len(who) > 7 else ""):
        return commit
    message = lab.git("log", "-1", "--format=%B", commit)
    keys = [f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in _WHAT]
    given = [f"{key}={value}" for key, value in zip(keys, who[:6], strict=True)]
    parents = ["-p", parent] if parent else []
    command = ["env", *given, "git", "commit-tree", tree, *parents, "-m", message]
    return _run(lab, command)


_WHAT = ("NAME", "EMAIL", "DATE")


def _run(lab: Lab, command: list[str]) -> str:
    import subprocess

    done = subprocess.run(command, cwd=lab.root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@st.composite
def tampers(draw: st.DrawFn, lab: Lab) -> Tamper:
    """Flip a byte, take files away, put them into another order, add one."""
    everything = written(lab, *FOLDERS)
    chained = [path for path in everything if path.startswith(WRITE_ONCE[1:])]
    kind = draw(st.sampled_from(["flip", "flip", "delete", "swap", "insert", "cut off"]))
    if kind == "insert":
        return Tamper(_inserted(draw, lab, chained))
    path = draw(st.sampled_from(everything))
    content = (lab.root / path).read_bytes()
    if kind == "flip":
        place = draw(st.integers(0, len(content) - 1))
        bits = draw(st.integers(1, 255))
        flipped = bytes([content[place] ^ bits])
        return Tamper({path: content[:place] + flipped + content[place + 1 :]})
    if kind == "cut off":
        return Tamper({path: content[: draw(st.integers(0, len(content) - 1))]})
    if kind == "delete":
        return Tamper({path: None})
    other = draw(st.sampled_from([one for one in chained if one != path]))
    return Tamper({path: (lab.root / other).read_bytes(), other: content})


def _inserted(draw: st.DrawFn, lab: Lab, chained: list[str]) -> dict[str, bytes | None]:
    """A copy of a record or decision: at the end of its chain, in another, or beside itself."""
    path = draw(st.sampled_from(chained))
    folder, _, name = path.rpartition("/")
    number = 1 + max(int(one.rpartition("/")[2][:4]) for one in chained if folder in one)
    place = draw(st.sampled_from([f"{folder}/{number:04d}{name[4:]}", f"{folder}/{name}.yaml"]))
    content = (lab.root / path).read_bytes()
    if draw(st.booleans()):
        content = content.replace(f"number: {int(name[:4])}".encode(), f"number: {number}".encode())
    return {place: content}


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data(), behind=st.booleans())
def test_whatever_is_tampered_with_is_found(
    lived: Lab, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, behind: bool
) -> None:
    """As a commit of its own or behind git's back."""
    tamper = data.draw(tampers(lived))
    lab = faults.copied(lived, tmp_path_factory.mktemp("tampered") / "lab")
    (tamper.behind if behind else tamper.on_top)(lab)
    done = lab.relman("audit")
    assert done.code in (1, 2), f"{done.out}{done.err}"
    assert "Traceback" not in done.err
    shutil.rmtree(lab.root.parent)
