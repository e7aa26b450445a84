"""Gates that ask outside of git, against a real Argo CD and a real API server; and what a bad
release does with `promote --rollback-on-failure`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .world import World

pytestmark = pytest.mark.sandbox

PROD = "releases/environments/prod.yaml"
GATES = {
    "health": {},
    "target": {},
    "checks": [{"name": "told", "command": ["sh", "-c", "echo $RELMAN_ENVIRONMENT"]}],
}


@pytest.fixture
def guarded(world: World) -> Iterator[World]:
    """prod with gates, for the time of a test."""
    world.pull()
    before = (world.clone / PROD).read_text()
    _write(world, {**yaml.safe_load(before), "gates": GATES})
    world.commit("gates of prod")
    yield world
    world.git("checkout", "--quiet", ".")
    world.pull()
    (world.clone / PROD).write_text(before)
    world.commit("prod as before")


def _write(world: World, document: dict[str, Any]) -> None:
    (world.clone / PROD).write_text(yaml.safe_dump(document))


def _verdicts(world: World, *arguments: str) -> dict[str, tuple[str, str]]:
    plan = json.loads(world.ok("plan", "prod", "-o", "json", *arguments))
    return {one["gate"]: (one["verdict"], one["summary"]) for one in plan["gates"]}


def test_gates_that_ask_the_cluster(guarded: World) -> None:
    found = _verdicts(guarded)
    assert found["health"] == ("pass", "staging is Synced and Healthy")
    assert found["checks"] == ("pass", "told as expected")
    assert found["target"][0] == "pass"
    assert "(v1." in found["target"][1]


def test_a_quota_that_does_not_hold_it(guarded: World) -> None:
    document = yaml.safe_load((guarded.clone / PROD).read_text())
    document["values"]["platform"]["resourceQuota"]["hard"]["pods"] = "3"
    _write(guarded, document)
    verdict, summary = _verdicts(guarded, "--worktree")["target"]
    assert verdict == "fail"
    assert "of 3" in summary


def test_a_bad_release_goes_back_by_itself(world: World) -> None:
    world.pull()
    before = world.runs()
    version = world.cut("--image", f"catalog={world.push_image('catalog', 'broken-by-gates')}")
    world.ok("deploy", "dev", "--yes")
    limits = ("--timeout", "8s", "--watch", "5s")  # it never gets ready, however long that is
    done = world.relman("promote", "dev", "staging", "--yes", "--rollback-on-failure", *limits)
    assert done.returncode == 1, done.stderr
    assert f"staging was not well at {version} and is back at" in done.stderr
    assert world.runs()["staging"] == before["staging"]
    world.ok("rollback", "dev", "--yes")
    world.wait("dev", "staging")
    images = [
        container["image"]
        for one in world.objects("staging", "apps/v1/deployments")
        for container in one["spec"]["template"]["spec"]["containers"]
    ]
    assert images
    assert not [image for image in images if "broken" in image]
    blocked = world.relman("promote", "dev", "staging", "--release", version, "--yes")
    assert blocked.returncode == 1
    world.pull()
    world.ok("audit")
