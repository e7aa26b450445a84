"""GitHub's workflows: what they may do, and that their scripts do it on the real store."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
sys.path.insert(0, str(ROOT / "tools/demo"))


def workflow(name: str) -> dict[str, Any]:
    """A workflow's content."""
    content: dict[str, Any] = yaml.safe_load((ROOT / f".github/workflows/{name}.yaml").read_text())
    return content


def steps(of: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of all its jobs."""
    return [step for job in of["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_actions_are_pinned_and_rights_are_least(file: Path) -> None:
    content = workflow(file.stem)
    for step in steps(content):
        assert "uses" not in step or PINNED.fullmatch(step["uses"]), step
        assert "${{" not in step.get("run", ""), "what somebody types must not be part of a script"
    assert content["permissions"] in ({}, {"contents": "read"})
    for job in content["jobs"].values():
        writes = {key for key, right in job.get("permissions", {}).items() if right == "write"}
        assert writes <= {"contents", "id-token"}
        assert "timeout-minutes" in job


def test_every_environment_after_the_first_can_be_promoted() -> None:
    content = workflow("promote")
    found = {
        file.stem: yaml.safe_load(file.read_text()).get("after")
        for file in (ROOT / "releases/environments").glob("*.yaml")
    }
    inputs = content["on"]["workflow_dispatch"]["inputs"]
    assert set(inputs["target"]["options"]) == {name for name, after in found.items() if after}


class Runner:
    """Runs scripts of workflows in a clone of the store, as GitHub's machine does."""

    def __init__(self, clone: Path, env: dict[str, str]) -> None:
        self.clone, self.env = clone, env

    def run(self, name: str, **given: str) -> list[str]:
        """All scripts of a workflow but the installing; what was printed by each."""
        return [
            self._script(step, given)
            for step in steps(workflow(name))
            if "run" in step and step["run"] != "make setup"
        ]

    def _script(self, step: dict[str, Any], given: dict[str, str]) -> str:
        env = {**self.env, "GITHUB_ACTOR": "somebody", "GITHUB_ACTOR_ID": "1"}
        env |= {key: given[key] for key in step.get("env", {})}
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.clone, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """A clone with a remote and a simulated ECR, as the demo has them."""
    import demo
    import registry

    with registry.running(demo.SERVICES) as endpoint:
        world = demo.Demo(tmp_path, endpoint)
        world.prepare()
        relman = world.clone / ".venv/bin/relman"
        relman.parent.mkdir(parents=True)
        relman.symlink_to(demo.RELMAN)
        yield Runner(world.clone, dict(world.env))


@pytest.mark.slow
def test_their_scripts_cut_promote_and_roll_back(runner: Runner) -> None:
    import registry

    runner.run("cut", IMAGE="", REASON="merge to main")
    image = f"catalog={registry.HOST}/retail-store/catalog:{registry.NEXT_TAG}"
    stages = [("dev", "staging"), ("staging", "prod")]
    for source, target in stages:
        runner.run("promote", ACTION="promote", SOURCE=source, TARGET=target, REASON="first")
    runner.run("cut", IMAGE=image, REASON="cut by hand")
    for source, target in stages:
        runner.run("promote", ACTION="promote", SOURCE=source, TARGET=target, REASON="second")
    told = runner.run("promote", ACTION="rollback", SOURCE="-", TARGET="prod", REASON="slow")
    assert "prod now has 0.1.0" in told[-1]
    log = subprocess.run(
        ["git", "log", "-1", "--format=%an %s", "origin/main"],
        cwd=runner.clone, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert log == "somebody rollback prod: 0.1.0\n"
