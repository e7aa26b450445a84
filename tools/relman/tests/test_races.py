"""Many at once on one branch: every success is in its history, nothing is lost, and a remote
that refuses or hangs is told from one where somebody was faster."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from relman.operations import applying

from . import faults
from .faults import Ended, Forge, Run
from .lab import DIGEST, Lab, git

RACERS = 8


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    """Where racers are started."""
    made = Forge()
    yield made
    made.close()


@pytest.fixture
def clones(remote_lab: Lab, tmp_path: Path) -> list[Lab]:
    """Eight people's clones of one remote."""
    return [
        faults.cloned(remote_lab, tmp_path / f"clone-{number}", f"Racer{number}")
        for number in range(RACERS)
    ]


def _images(web: int) -> tuple[str, ...]:
    return (
        "--image", f"web=registry.example.com/web:{web}.0@{DIGEST.format(web)}",
        "--image", f"api=registry.example.com/api:1.0@{DIGEST.format(1)}",
    )  # fmt: skip


def _committed(ended: Ended) -> list[str]:
    """The commits that a run says it made."""
    said = json.loads(ended.out) if ended.out else []
    outcomes = said if isinstance(said, list) else [said]
    return [outcome["commit"] for outcome in outcomes if outcome["commit"]]


def _race(forge: Forge, clones: list[Lab], commands: list[tuple[str, ...]]) -> list[Ended]:
    """Runs each command in a clone of its own, all at once, and checks what always holds."""
    base = faults.tip(clones[0])
    ended = forge.run(
        *(
            Run(clone.root, (*command, "-o", "json"))
            for clone, command in zip(clones, commands, strict=True)
        )
    )
    made = faults.commits(clones[0], base)
    claimed = [commit for one in ended for commit in _committed(one)]
    assert sorted(claimed) == sorted(made), "a success was lost, or nobody owns up to a commit"
    for one in ended:
        assert one.code in (0, 1), one.err
        assert (one.code == 0) == ("error: " not in one.err), one.err
    faults.require_linear(clones[0])
    faults.require_true_records(clones[0])
    for clone in clones:
        clone.fetch()
        faults.require_sound(clone)
    clones[0].ok("audit")
    clones[0].ok("render", "--check")
    return ended


def _records(lab: Lab, environment: str) -> list[str]:
    lab.fetch()
    return [one["release"] for one in lab.ok("history", environment, "-o", "json").json][::-1]


@pytest.mark.slow
def test_eight_deploy_eight_releases(forge: Forge, clones: list[Lab]) -> None:
    """Each one plans again after the ones before it, and has its place in the chain."""
    versions = [f"1.{number}.0" for number in range(RACERS)]
    for number, version in enumerate(versions, start=1):
        clones[0].cut(version, web=number)
    ended = _race(forge, clones, [("deploy", "dev", version, "--yes") for version in versions])
    assert [one.code for one in ended] == [0] * RACERS
    assert sorted(_records(clones[0], "dev")) == versions


def test_eight_promote_the_same(forge: Forge, clones: list[Lab]) -> None:
    """One of them does it, and the others find it done."""
    clones[0].cut("1.0.0")
    clones[0].ok("deploy", "dev", "--yes")
    ended = _race(forge, clones, [("promote", "dev", "prod", "--yes")] * RACERS)
    assert [one.code for one in ended] == [0] * RACERS
    assert _records(clones[0], "staging") == _records(clones[0], "prod") == ["1.0.0"]


@pytest.mark.slow
def test_eight_do_different_things(forge: Forge, clones: list[Lab]) -> None:
    """Promotions, deploys, a rollback, a cut and a refresh cross each other's way."""
    lab = clones[0]
    for number, version in enumerate(("1.0.0", "1.1.0"), start=1):
        lab.cut(version, web=number)
        lab.ok("deploy", "dev", "--yes")
        lab.ok("promote", "dev", "prod", "--yes")
    lab.cut("1.2.0", web=3)
    lab.ok("deploy", "dev", "--yes")
    _race(
        forge,
        clones,
        [
            ("promote", "dev", "staging", "--yes"),
            ("promote", "staging", "prod", "--yes"),
            ("promote", "dev", "prod", "--yes"),
            ("deploy", "dev", "1.1.0", "--yes"),
            ("rollback", "prod", "--to", "1.0.0", "--yes", "--reason", "slow"),
            ("rollback", "staging", "--to", "1.0.0", "--yes", "--reason", "slow"),
            ("deploy", "dev", "1.2.0", "--yes"),
            ("cut", "1.3.0", *_images(4)),
        ],
    )
    lab.fetch()
    assert lab.ok("status", "-o", "json").json["newestRelease"] == "1.3.0"


@pytest.mark.slow
def test_eight_cut_without_a_version(forge: Forge, clones: list[Lab]) -> None:
    """Different contents get different versions, with none left out."""
    ended = _race(forge, clones, [("cut", *_images(number)) for number in range(RACERS)])
    assert [one.code for one in ended] == [0] * RACERS
    listed = clones[0].ok("releases", "-o", "json").json
    assert sorted(one["version"] for one in listed) == [f"0.1.{n}" for n in range(RACERS)]


@pytest.mark.slow
def test_eight_cut_the_same(forge: Forge, clones: list[Lab]) -> None:
    """The same content is cut once, and everybody is told its version."""
    ended = _race(forge, clones, [("cut", *_images(1))] * RACERS)
    assert [one.code for one in ended] == [0] * RACERS
    assert len(clones[0].ok("releases", "-o", "json").json) == 1


def test_eight_cut_the_same_version(forge: Forge, clones: list[Lab]) -> None:
    """A version is written once: the others are refused, with their own words."""
    ended = _race(forge, clones, [("cut", "1.0.0", *_images(n)) for n in range(RACERS)])
    assert sorted(one.code for one in ended) == [0] + [1] * (RACERS - 1)
    assert all("1.0.0 exists with other content" in one.err for one in ended if one.code)


@pytest.mark.slow
def test_eight_cut_in_one_clone(lab: Lab, forge: Forge) -> None:
    """Without a remote, side by side: everybody's release is cut, and the checkout follows."""
    runs = [Run(lab.root, ("cut", *_images(number))) for number in range(RACERS)]
    ended = forge.run(*runs)
    assert [one.code for one in ended] == [0] * RACERS, [one.err for one in ended if one.code]
    faults.require_sound(lab)
    faults.require_linear(lab)
    listed = lab.ok("releases", "-o", "json").json
    assert sorted(one["version"] for one in listed) == [f"0.1.{n}" for n in range(RACERS)]


@pytest.mark.slow
def test_eight_approve_and_hold(forge: Forge, clones: list[Lab]) -> None:
    """Every decision has its place in the chain, and the approvals are of one plan."""
    lab = clones[0]
    people = [f"racer{number}@example.com" for number in range(RACERS)]
    prod = "releases/environments/prod.yaml"
    gates = f"\ngates:\n  approvals:\n    required: 4\n    from: [{', '.join(people)}]\n"
    lab.write(prod, lab.read(prod) + gates)
    lab.commit("prod is guarded")
    lab.ok("cut", "1.0.0", *_images(1))
    approve = ("approve", "prod", "1.0.0", "--reason", "fine")
    hold = ("hold", "prod", "--service", "web", "--reason", "wait")
    ended = _decide(forge, clones, [hold, *[approve] * (RACERS - 1)])
    # The first one cut the release.
    assert [one.code for one in ended] == [0] * RACERS
    lab.pull()
    files = lab.git("ls-files", "releases/decisions")
    assert len(files.splitlines()) == RACERS
    plans = {json.loads(one.out)["plan"] for one in ended[1:]}
    assert len(plans) == 1
    lab.fetch()
    lab.ok("audit")


def _decide(forge: Forge, clones: list[Lab], commands: list[tuple[str, ...]]) -> list[Ended]:
    return forge.run(
        *(
            Run(clone.root, (*command, "-o", "json"))
            for clone, command in zip(clones, commands, strict=True)
        )
    )


def test_an_approval_is_of_the_plan_that_was_seen(clones: list[Lab]) -> None:
    """The environment's values change while the approval is on its way: nobody has seen that."""
    lab, rival = clones[:2]
    prod = "releases/environments/prod.yaml"
    gates = "\ngates:\n  approvals:\n    from: [alice@example.com]\n"
    lab.write(prod, lab.read(prod) + gates)
    lab.commit("prod is guarded")
    lab.cut("1.0.0")
    rival.pull()
    values = "\nvalues:\n  shop:\n    web:\n      replicas: 3\n"
    rival.write(prod, rival.read(prod) + values)
    rival.git("commit", "--quiet", "--all", "--message", "a third web")
    lab.git("config", "user.email", "alice@example.com")
    push = f"git -C {rival.root} push --quiet origin main"
    faults.hook(lab.root, "pre-push", f"rm $0\n{push}")
    ended = lab.relman("approve", "prod", "1.0.0", "--reason", "fine")
    assert (ended.code, "is another one by now" in ended.err) == (1, True)
    lab.ok("approve", "prod", "1.0.0", "--reason", "fine")


def test_a_hold_is_faster_than_a_promotion(clones: list[Lab]) -> None:
    """It lands between the plan and the push: the promotion is gated again."""
    lab = clones[0]
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    rival = f"{faults.RELMAN} hold staging --reason wait -C {clones[1].root}"
    faults.hook(lab.root, "pre-push", f"rm $0\n{rival} >&2")
    ended = lab.relman("promote", "dev", "staging", "--yes")
    assert (ended.code, "staging is on hold" in ended.err) == (1, True)
    assert lab.runs()["staging"] is None


def test_two_roll_back_the_same_environment(forge: Forge, clones: list[Lab]) -> None:
    """The second one doesn't go a release further back than the person asked for."""
    lab = clones[0]
    for number in range(1, 4):
        lab.cut(f"1.{number}.0", web=number)
        lab.ok("deploy", "dev", "--yes")
    rollback = ("rollback", "dev", "--yes")
    rival = f"{faults.RELMAN} {' '.join(rollback)} -C {clones[1].root}"
    faults.hook(lab.root, "pre-push", f"rm $0\n{rival} >&2")
    ended = lab.relman(*rollback)
    assert ended.code == 1
    assert "dev went from 1.3.0 to 1.2.0 meanwhile" in ended.err
    assert lab.runs()["dev"] == "1.2.0"


def test_what_the_source_runs_is_looked_at_again(clones: list[Lab]) -> None:
    """The source moves on between plan and push: the plan's release no longer passes."""
    lab = clones[0]
    for number in (0, 1):
        lab.cut(f"1.{number}.0", web=number)
    lab.ok("deploy", "dev", "1.0.0", "--yes")
    rival = f"{faults.RELMAN} deploy dev 1.1.0 --yes -C {clones[1].root}"
    faults.hook(lab.root, "pre-push", f"rm $0\n{rival} >&2")
    ended = lab.relman("promote", "dev", "staging", "--yes")
    assert ended.code == 1
    assert "dev runs 1.1.0, not 1.0.0" in ended.err
    assert lab.runs() == {"dev": "1.1.0", "staging": None, "prod": None}


@pytest.mark.parametrize("moment", ["before git push", "during git push"])
def test_an_unrelated_commit_is_no_obstacle(
    moment: str, clones: list[Lab], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git words a lost race differently before it has talked to the remote and after."""
    lab, rival = clones[:2]
    lab.cut("1.0.0")
    rival.pull()
    rival.write("notes.md", "by hand\n")
    rival.git("add", "--all")
    rival.git("commit", "--quiet", "--message", "notes")
    push = f"git -C {rival.root} push --quiet origin main"
    if moment == "during git push":
        faults.hook(lab.root, "pre-push", f"rm $0\n{push}")
    else:
        monkeypatch.setenv("PATH", faults.broken_git(tmp_path / "bin", "push", push)["PATH"])
    base = faults.tip(lab)
    lab.ok("deploy", "dev", "--yes")
    subjects = git("log", "--format=%s", f"{base}..main", cwd=lab.remote or lab.root)
    assert subjects.splitlines() == ["deploy dev: 1.0.0", "notes"]
    faults.require_linear(lab)


def test_always_overtaken(clones: list[Lab], monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded number of times it is given up, and nothing of it is left."""
    monkeypatch.setattr(applying, "ATTEMPTS", 3)
    lab, rival = clones[:2]
    lab.cut("1.0.0")
    rival.pull()
    commit = f"git -C {rival.root} commit --quiet --allow-empty --message again"
    faults.hook(lab.root, "pre-push", f"{commit}\ngit -C {rival.root} push --quiet origin main")
    ended = lab.relman("deploy", "dev", "--yes")
    assert ended.code == 1
    assert "the branch moved 3 times" in ended.err
    assert lab.runs()["dev"] is None


@pytest.mark.parametrize("stage", ["pre-receive", "update"])
def test_the_remote_rejects(stage: str, remote_lab: Lab) -> None:
    """Its own words are passed on, once, and nothing is changed."""
    assert remote_lab.remote
    remote_lab.cut("1.0.0")
    before = faults.tip(remote_lab)
    words = "frozen until Monday; ask the release desk"
    tried = f"echo tried >>{remote_lab.remote}/tries"
    faults.hook(remote_lab.remote, stage, f"{tried}\necho '{words}' >&2\nexit 1")
    ended = remote_lab.relman("deploy", "dev", "--yes")
    assert ended.code == 1
    assert ended.err.count(words) == 1
    assert (remote_lab.remote / "tries").read_text() == "tried\n"
    assert faults.tip(remote_lab) == before
    faults.require_sound(remote_lab)


def _gone(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_the_remote_hangs_in_a_push(remote_lab: Lab, forge: Forge) -> None:
    """It ends in time, says so, leaves nothing running, and works once the remote does."""
    assert remote_lab.remote
    remote_lab.cut("1.0.0")
    pid = remote_lab.remote / "pid"
    stuck = faults.hook(remote_lab.remote, "pre-receive", f"echo $$ >{pid}\nexec sleep 300")
    deploy = ("deploy", "dev", "--yes")
    (ended,) = forge.run(Run(remote_lab.root, deploy, env={"RELMAN_GIT_TIMEOUT": "2"}))
    assert ended.code == 4
    assert "`git push" in ended.err
    assert "gave no answer in 2 s" in ended.err
    assert _gone(int(pid.read_text()))
    stuck.unlink()
    remote_lab.ok(*deploy)
    faults.require_sound(remote_lab)


@pytest.mark.slow
def test_the_remote_hangs_in_a_fetch(remote_lab: Lab, forge: Forge, tmp_path: Path) -> None:
    """The same before anything is planned."""
    remote_lab.cut("1.0.0")
    before = faults.tip(remote_lab)
    pid = tmp_path / "pid"
    ssh = faults.script(tmp_path / "ssh", f"echo $$ >{pid}\nexec sleep 300\n")
    remote_lab.git("config", "core.sshCommand", str(ssh))
    remote_lab.git("remote", "set-url", "origin", "ssh://git.example.com/shop.git")
    deploy = ("deploy", "dev", "--yes")
    (ended,) = forge.run(Run(remote_lab.root, deploy, env={"RELMAN_GIT_TIMEOUT": "2"}))
    assert ended.code == 4
    assert "gave no answer in 2 s" in ended.err
    assert _gone(int(pid.read_text()))
    assert faults.tip(remote_lab) == before
