"""What audit finds: whatever is done by hand to records, decisions, releases and what is
generated, with git's history or behind its back.

TAMPERING_EXAMPLES=500 runs longer, with another seed each time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from relman.core import generated, hashes, history
from relman.operations import audit, audit_records

from . import faults
from .lab import Lab, git
from .states import edited, running

LONGER = int(os.environ.get("TAMPERING_EXAMPLES", "0"))
PROD = "releases/environments/prod.yaml"
GATES = "\ngates:\n  approvals:\n    from: [alice@example.com, bob@example.com]\n"
GENERATED = ("argocd/dev", "argocd/staging", "argocd/prod")
FOLDERS = ("releases/versions", "releases/records", "releases/decisions", *GENERATED)
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


@pytest.mark.slow
@settings(
    max_examples=LONGER or 10,
    deadline=None,
    derandomize=not LONGER,
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
    assert findings(lab)
    shutil.rmtree(lab.root.parent)


# -- forgeries that hang together -------------------------------------------------------------

PINNED = "sha256:b2249747cf15bc934b6029abc3bdc96d2f45853d3a8d22386b33084570c273f7"
EMERGENCY = "releases/records/prod/0005-1.2.0.yaml"


@pytest.fixture
def promoted(lab: Lab) -> Lab:
    """The last commit is the promotion of 1.2.0 to prod, which an emergency let through."""
    lab.git("reset", "--quiet", "--hard", "HEAD~1")
    return lab


def forge(lab: Lab, change: Callable[[dict[str, Any]], object], path: str = EMERGENCY) -> list[str]:
    """Makes the last commit anew with another content of a file, and a message that says nothing
    about it; what audit finds there."""
    data = yaml.safe_load((lab.root / path).read_text())
    change(data)
    lab.write(path, yaml.safe_dump(data, sort_keys=False))
    lab.git("add", "--all")
    lab.git("commit", "--quiet", "--amend", "--message", "promote prod")
    return findings(lab)


def test_what_hangs_together_is_found_by_nothing_else(promoted: Lab) -> None:
    """The forgeries below are found for what they change, not for how they are made."""
    assert forge(promoted, lambda record: record.update(reason="another one")) == []


def test_a_gate_that_is_said_to_have_passed(promoted: Lab) -> None:
    def lie(record: dict[str, Any]) -> None:
        others = [gate for gate in record["gates"] if gate["gate"] != "approvals"]
        record["gates"] = [*others, {"gate": "approvals", "verdict": "pass", "summary": "1 of 1"}]

    found = forge(promoted, lie)
    assert found == [f"{EMERGENCY}: the gate approvals didn't let it through: 0 of 1"]


def test_a_gate_that_is_left_out(promoted: Lab) -> None:
    def leave_out(record: dict[str, Any]) -> None:
        record["gates"] = [gate for gate in record["gates"] if gate["gate"] != "approvals"]

    assert f"{EMERGENCY}: the gate approvals holds at its base and was not asked" in forge(
        promoted, leave_out
    )


def test_gates_that_hold_everywhere_are_left_out(promoted: Lab) -> None:
    path = "releases/records/dev/0003-1.2.0.yaml"
    promoted.git("reset", "--quiet", "--hard", "HEAD~2")
    found = forge(promoted, lambda record: record.pop("gates"), path)
    missing = ("block", "images", "objects", "source")
    assert found == [
        f"{path}: the gate {one} holds at its base and was not asked" for one in missing
    ]


def _timed(lab: Lab, rules: str, change: Callable[[dict[str, Any]], object]) -> list[str]:
    """What audit finds of a promotion to prod under rules that wait for a time."""
    lab.git("reset", "--quiet", "--hard", "HEAD~1")
    edited(lab, PROD, GATES.strip(), f"gates:\n{rules}")
    skip = ("--emergency", "soak") if "soak" in rules else ()
    lab.ok("promote", "staging", "prod", "--yes", "--reason", "down", *skip)
    return forge(lab, change)


def test_a_soak_that_can_not_have_been(promoted: Lab) -> None:
    """The release came to staging a moment before; what Argo CD said doesn't matter."""

    def lie(record: dict[str, Any]) -> None:
        for gate in record["gates"]:
            if gate.pop("skipped", False):
                gate.update(verdict="pass", summary="2d of 1d in staging")

    (found,) = _timed(promoted, "  soak: {duration: 24h}\n", lie)
    assert "the gate soak didn't let it through" in found


@pytest.mark.parametrize("at", ["2026-01-01T10:00:00Z", "never", None])
def test_a_window_of_another_time(promoted: Lab, at: str | None) -> None:
    def lie(record: dict[str, Any]) -> None:
        for gate in record["gates"]:
            if gate["gate"] == "windows":
                gate["evidence"]["at"] = at

    rules = "  windows: {timeZone: UTC, deny: [{dates: {from: 2020-01-01, to: 2020-01-02}}]}\n"
    found = _timed(promoted, rules, lie)
    assert f"{EMERGENCY}: the gate windows was asked at another time than the record's" in found


def test_a_record_that_is_older_than_the_one_before(promoted: Lab) -> None:
    """The clock of whoever made one of the two was wrong, and soak and windows with it."""
    (found,) = forge(promoted, lambda record: record.update(time="2020-01-01T10:00:00Z"))
    assert "is of 2020-01-01T10:00:00Z, before the record that it goes on" in found


def test_a_record_of_no_time(promoted: Lab) -> None:
    found = forge(promoted, lambda record: record.update(time="yesterday"))
    assert any("'yesterday' is no time" in one for one in found)
    for command in (("why", "prod"), ("status",)):
        assert promoted.relman(*command).code == 2


@pytest.mark.parametrize("hidden", [False, True])
def test_a_merge_that_leaves_the_branch_out(promoted: Lab, hidden: bool) -> None:
    """What the branch was becomes the second parent of a merge that has none of it, or lies
    deeper: that needs no force to be pushed."""
    before = promoted.git("rev-parse", "HEAD~1")
    promoted.git("checkout", "--quiet", "-b", "other", before)
    promoted.git("merge", "--quiet", "--strategy", "ours", "--message", "merge", "main")
    if hidden:
        promoted.git("checkout", "--quiet", "-b", "another", before)
        promoted.write("notes.md", "more")
        promoted.commit()
        promoted.git("merge", "--quiet", "--message", "merge", "other")
    promoted.git("push", "--quiet", ".", "HEAD:main")
    promoted.git("checkout", "--quiet", "main")
    assert promoted.runs()["prod"] == "1.0.0"
    assert any(one.startswith(f"{EMERGENCY}: was deleted by commit") for one in findings(promoted))


def test_branches_that_are_merged_are_whole(promoted: Lab) -> None:
    """Both ways: the branch into a proposal to bring it up to date, and that into the branch."""
    promoted.git("checkout", "--quiet", "-b", "proposal", "HEAD~1")
    promoted.git("cherry-pick", "main")
    promoted.git("checkout", "--quiet", "-B", "main", "HEAD~1")
    promoted.ok("hold", "dev", "--reason", "x")
    promoted.git("checkout", "--quiet", "proposal")
    promoted.git("merge", "--quiet", "--message", "up to date", "main")
    promoted.git("checkout", "--quiet", "main")
    promoted.git("merge", "--quiet", "--no-ff", "--message", "merged", "proposal")
    assert promoted.runs()["prod"] == "1.2.0"
    promoted.ok("audit")


def test_an_emergency_without_a_reason(promoted: Lab) -> None:
    found = forge(promoted, lambda record: record.pop("reason"))
    assert found == [f"{EMERGENCY}: skips the gate approvals: there is no reason"]


def test_an_emergency_that_skips_too_much(promoted: Lab) -> None:
    def skip(record: dict[str, Any]) -> None:
        for gate in record["gates"]:
            if gate["gate"] == "objects":
                gate.update(verdict="fail", skipped=True)

    (found,) = forge(promoted, skip)
    assert "skips the gate objects" in found


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("plan", "sha256:" + "0" * 64, "its plan is not what follows"),
        ("generator", 0, "generator"),
        ("plan", None, "its plan is not what follows"),
        ("files", "sha256:" + "0" * 64, "its files are not what follows"),
        ("releaseDigest", "sha256:" + "0" * 64, "1.2.0 had another content then"),
        ("base", "0" * 40, "which is not on the branch"),
        ("fromRelease", "1.1.0", "comes from 1.1.0, but 1.0.0 ran before it"),
        ("blocked", ["1.2.0"], "blocks other releases than follow from it"),
        ("number", 6, "says that it is 0006-1.2.0.yaml"),
        ("environment", "staging", "is a record of staging"),
        ("action", "rollback", "the gate source didn't let it through"),
        ("release", "9.9.9", "its release: there is no release '9.9.9'"),
    ],
)
def test_a_field_of_a_record(promoted: Lab, key: str, value: Any, says: str) -> None:
    def change(record: dict[str, Any]) -> None:
        record[key] = value
        if value is None:
            del record[key]

    assert any(says in one for one in forge(promoted, change))


def test_a_decision_that_is_older_than_its_base(promoted: Lab) -> None:
    """The commit that it says it goes on is there, but came after it."""
    path = "releases/decisions/prod/0004-hold.yaml"
    promoted.ok("hold", "prod", "--reason", "x")
    base = promoted.git("rev-parse", "HEAD~1")
    promoted.write("notes.md", "more")
    promoted.commit()
    edited(promoted, path, base, promoted.git("rev-parse", "HEAD"))
    assert any("which is younger than itself" in one for one in findings(promoted))


def test_other_files_than_the_record_says(promoted: Lab) -> None:
    """One commit writes something into argocd/, and the next takes it away again."""
    application = "argocd/prod/applications/prod-shop.yaml"
    text = (promoted.root / application).read_text()
    promoted.write(application, f"{text}# by hand\n")
    promoted.git("commit", "--quiet", "--all", "--amend", "--message", "promote prod")
    promoted.write(application, text)
    promoted.commit("as it was")
    (found,) = findings(promoted)
    assert "which added it, has other files in argocd/prod" in found


def test_a_hold_that_was_passed_by(promoted: Lab) -> None:
    """The record of a promotion that a hold would have refused."""
    promoted.git("reset", "--quiet", "--hard", "HEAD~1")
    ended = ("promote", "staging", "prod", "--yes", "--reason", "down", "--emergency")
    promoted.ok("hold", "prod", "--reason", "wait")
    promoted.ok(*ended, "approvals", "--emergency", "hold")

    def lie(record: dict[str, Any]) -> None:
        record["gates"] = [gate for gate in record["gates"] if gate["gate"] != "hold"]

    (found,) = forge(promoted, lie)
    assert "the gate hold didn't let it through" in found


def test_an_environment_that_is_gone_leaves_its_records(promoted: Lab) -> None:
    (promoted.root / PROD).unlink()
    promoted.commit("prod is gone")
    assert findings(promoted) == []
    (promoted.root / "releases/records/prod/0002-1.1.0.yaml").write_text("x: 1\n")
    promoted.commit("and so is the past")
    assert any("releases/records/prod" in one for one in findings(promoted))


def test_decisions_of_another_environment(promoted: Lab) -> None:
    shutil.copytree(
        promoted.root / "releases/decisions/prod", promoted.root / "releases/decisions/dev"
    )
    promoted.commit()
    found = findings(promoted)
    assert any("0001-hold.yaml: is a decision of prod" in one for one in found)


def test_a_part_that_is_more_than_a_part(promoted: Lab) -> None:
    """A release that says it moves one service, and has another one changed too."""
    promoted.cut("1.3.0", web=4, api=5)
    promoted.ok("deploy", "dev", "--yes")
    promoted.ok("promote", "dev", "staging", "--yes")
    promote = ("--emergency", "approvals", "--reason", "down", "--yes")
    promoted.ok("promote", "staging", "prod", *promote)
    path = "releases/records/prod/0006-1.3.0.yaml"
    found = forge(promoted, lambda record: record.update(only="web"), path)
    assert found == [f"{path}: 1.3.0 is not what ran there with another web"]
    assert forge(promoted, lambda record: record.pop("only"), path) == []


def test_what_an_older_generator_made(promoted: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not taken for forged, and it is said."""
    for module in (generated, history, audit, audit_records):
        monkeypatch.setattr(f"{module.__name__}.GENERATOR", 3, raising=False)
    done = promoted.ok("audit")
    assert "11 records are of an older generator" in done.err


def test_the_generator_is_this_one(tmp_path: Path) -> None:
    """When this fails, what is generated from the same input has changed: add one to GENERATOR
    in core/generated.py, and pin what it makes now."""
    lab = running(tmp_path / "lab")
    release = yaml.safe_load(lab.read("releases/versions/1.0.0.yaml"))
    files = sorted((lab.root / "argocd/prod/applications").iterdir())
    text = "".join(file.read_text() for file in files)
    for varies in (release["charts"]["commit"], str(lab.root)):
        # A commit that begins with a letter needs no quotes.
        text = text.replace(f'"{varies}"', "VARIES").replace(varies, "VARIES")
    assert (generated.GENERATOR, hashes.of_bytes(text.encode())) == (2, PINNED)
