"""Parts of the control plane are killed in the middle of a promotion. Once they are back, the
environment reaches what was promoted, and nothing is lost."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from .world import eventually

if TYPE_CHECKING:
    from .world import World

pytestmark = pytest.mark.sandbox

KILLED = ("argocd-repo-server", "argocd-application-controller", "etcd", "kube-apiserver-sandbox")


@pytest.mark.parametrize("victim", KILLED)
def test_a_killed_part_loses_nothing(world: World, victim: str) -> None:
    image = world.push_image("ui", f"2.{KILLED.index(victim)}.0")
    version = world.cut("--image", f"ui={image}")
    world.ok("deploy", "dev", version, "--yes")
    records = len(_records(world))
    world.ok("promote", "dev", "staging", "--yes", "--accept", "*")
    os.kill(world.pids()[victim], signal.SIGKILL)
    eventually(lambda: victim not in world.pids(), f"{victim} has ended", 10)
    down = world.sandbox("status")
    assert down.returncode == 1
    assert f"{victim} has ended" in down.stdout
    up = world.sandbox("up")
    assert up.returncode == 0, up.stderr
    world.wait("staging")
    assert world.runs()["staging"] == version
    images = {
        one["spec"]["template"]["spec"]["containers"][0]["image"]
        for one in world.objects("staging", "apps/v1/deployments")
        if one["metadata"]["name"] == "ui"
    }
    assert len(images) == 1
    assert images.pop().startswith(image)
    assert len(_records(world)) == records + 1
    world.ok("audit")


def _records(world: World) -> list[str]:
    world.pull()
    return world.git("ls-files", "releases/records").split()
