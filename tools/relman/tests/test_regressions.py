"""Faults and accidents that once did harm: each test is one that must never come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import faults
from .faults import Forge, Run
from .lab import CHART, Lab

DEPLOY = ("deploy", "dev", "--yes")
EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n"


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    made = Forge()
    yield made
    made.close()


def test_a_component_that_is_switched_off_goes(lab: Lab) -> None:
    """Nothing but removals is a change too: Argo CD would run the Application for ever."""
    lab.write("charts/extra/Chart.yaml", CHART.format(name="extra"))
    lab.write("charts/extra/templates/all.yaml", EXTRA)
    project = lab.read("releases/relman.yaml")
    more = "\n  extra:\n    chart: charts/extra\n    namespace: shop\n"
    lab.write("releases/relman.yaml", project + more)
    lab.commit("extra")
    lab.cut("1.0.0")
    lab.ok(*DEPLOY)
    file = "releases/environments/dev.yaml"
    lab.write(file, lab.read(file) + "\ncomponents:\n  extra:\n    enabled: false\n")
    lab.commit("without extra")
    lab.ok("refresh", "dev", "--yes")
    assert "dev-extra.yaml" not in lab.git("ls-files", "argocd/dev/applications")
    lab.ok("render", "--check")


def test_a_rogue_application_goes(lab: Lab) -> None:
    """One that somebody put beside the generated ones, where the root Application finds it."""
    lab.cut("1.0.0")
    lab.ok(*DEPLOY)
    text = lab.read("argocd/dev/applications/dev-shop.yaml")
    lab.write("argocd/dev/applications/rogue.yaml", text.replace("dev-shop", "dev-rogue"))
    lab.commit("by hand")
    assert lab.relman("audit").code == 1
    lab.ok("refresh", "dev", "--yes", "--accept", "remove:dev-rogue/*")
    lab.ok("audit")


@pytest.mark.parametrize("remote", [True, False])
def test_a_lock_that_a_killed_git_left(remote: bool, request: pytest.FixtureRequest) -> None:
    """That is not a lost race: the message names the lock, and at once."""
    lab: Lab = request.getfixturevalue("remote_lab" if remote else "lab")
    lab.cut("1.0.0")
    refs = (lab.remote or lab.root / ".git") / "refs/heads"
    (refs / "main.lock").touch()
    ended = lab.relman(*DEPLOY)
    assert ended.code == 4
    assert "main.lock" in ended.err
    assert "the branch moved" not in ended.err


@pytest.mark.parametrize("verb", ["rev-parse", "var", "config"])
def test_git_dies_where_its_exit_code_is_an_answer(
    verb: str, lab: Lab, forge: Forge, tmp_path: Path
) -> None:
    """Killed is neither yes nor no."""
    lab.cut("1.0.0")
    env = faults.broken_git(tmp_path / "bin", verb, "kill -9 $$")
    (ended,) = forge.run(Run(lab.root, DEPLOY, env=env))
    assert ended.code == 4, ended.err
    lab.ok(*DEPLOY)
    faults.require_sound(lab)


@pytest.mark.parametrize("case", ["rollback", "rollback --to", "unblock"])
def test_again_after_it_has_happened(case: str, lab: Lab) -> None:
    """The run was killed after the branch moved: the same command again converges."""
    for number in (1, 2, 3):
        lab.cut(f"1.{number}.0", web=number)
        lab.ok(*DEPLOY)
    commands = {
        "rollback": ("rollback", "dev", "--yes"),
        "rollback --to": ("rollback", "dev", "--to", "1.1.0", "--yes"),
        "unblock": ("unblock", "dev", "1.3.0", "--reason", "mended"),
    }
    if case == "unblock":
        lab.ok(*commands["rollback"])
    lab.ok(*commands[case])
    before = faults.tip(lab)
    lab.ok(*commands[case])
    assert faults.tip(lab) == before


def test_what_a_killed_run_leaves_is_swept(remote_lab: Lab, forge: Forge, tmp_path: Path) -> None:
    """Temporary indexes don't pile up in .git."""
    remote_lab.cut("1.0.0")
    for number in range(2):
        env = faults.broken_git(tmp_path / str(number), "write-tree", "kill -9 $PPID")
        forge.run(Run(remote_lab.root, DEPLOY, env=env))
    remote_lab.ok(*DEPLOY)
    assert list((remote_lab.root / ".git").glob("relman-*")) == []


def test_a_hook_of_the_clone_refuses_the_push(remote_lab: Lab) -> None:
    """Its words are passed on, as those of the remote's hooks are."""
    remote_lab.cut("1.0.0")
    faults.hook(remote_lab.root, "pre-push", "echo 'no pushes on Friday' >&2\nexit 1")
    ended = remote_lab.relman(*DEPLOY)
    assert ended.code in (1, 4)
    assert "no pushes on Friday" in ended.err


def test_a_rejection_that_sounds_like_a_lost_race(remote_lab: Lab) -> None:
    """A hook's own words don't make it one."""
    assert remote_lab.remote
    remote_lab.cut("1.0.0")
    words = "release freeze (fetch first) from the desk"
    faults.hook(remote_lab.remote, "pre-receive", f"echo '{words}' >&2\nexit 1")
    ended = remote_lab.relman(*DEPLOY)
    assert words in ended.err


def test_an_untracked_file_is_in_the_way(lab: Lab) -> None:
    """Found before the branch moves: afterwards every command fails until it is gone."""
    lab.cut("1.0.0")
    lab.write("argocd/dev/applications/dev-shop.yaml", "mine\n")
    before = faults.tip(lab)
    assert lab.relman(*DEPLOY).code == 1
    assert faults.tip(lab) == before


def test_the_source_is_what_its_records_say(lab: Lab) -> None:
    """A hand edit of release.yaml doesn't let a release in that the source has not run."""
    lab.cut("1.0.0")
    lab.ok(*DEPLOY)
    lab.cut("1.1.0", web=2)
    file = "argocd/dev/release.yaml"
    lab.write(file, lab.read(file).replace("1.0.0", "1.1.0"))
    lab.commit("by hand")
    lab.relman("promote", "dev", "staging", "--yes")
    assert lab.runs()["staging"] != "1.1.0"


def test_a_hand_edit_of_release_yaml_can_be_overwritten(lab: Lab) -> None:
    lab.cut("1.0.0")
    lab.ok(*DEPLOY)
    lab.cut("1.1.0", web=2)
    file = "argocd/dev/release.yaml"
    lab.write(file, lab.read(file).replace("1.0.0", "1.1.0"))
    lab.commit("by hand")
    lab.ok("refresh", "dev", "--yes")
    lab.ok("audit")
