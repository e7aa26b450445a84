"""A running sandbox for tests: relman's command line in its clone, and its API server."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relman.adapters import kubernetes, simulated_aws
from relman.core.sandbox import overlay

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.adapters.api_server import Api

RELMAN = Path(sys.executable).with_name("relman")
ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ("dev", "staging", "prod")
SECONDS = 120.0
# What the API server or a controller writes, or what changes with each write.
VOLATILE = ("resourceVersion", "uid", "generation", "creationTimestamp", "managedFields")


def run(*arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """relman as a user starts it."""
    return subprocess.run(
        [str(RELMAN), *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def namespace(environment: str) -> str:
    """Where the store of an environment runs: releases/sandbox.yaml."""
    return f"retail-{environment}"


@dataclass
class World:
    """The sandbox in a folder. Every command runs with the variables that `status` prints."""

    folder: Path

    @cached_property
    def status(self) -> dict[str, Any]:
        """`relman sandbox status -o json`, as it was at first."""
        return self.now()

    def now(self) -> dict[str, Any]:
        """The same, asked anew."""
        return dict(json.loads(self.sandbox("status", "-o", "json").stdout))

    @property
    def env(self) -> dict[str, str]:
        """A user's environment, with the sandbox's variables over it."""
        return {**os.environ, "RELMAN_SANDBOX": str(self.folder), **self.status["environment"]}

    @property
    def clone(self) -> Path:
        """Where a user works."""
        return Path(self.status["clone"])

    @cached_property
    def api(self) -> Api:
        """The API server, for what tests assert on."""
        return kubernetes.connect(config_file=self.status["kubeconfig"])

    def sandbox(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`relman sandbox ...` on this folder, from this repository."""
        return run(
            "sandbox", *arguments, "--folder", str(self.folder), cwd=ROOT, env={**os.environ}
        )

    def relman(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """relman in the sandbox's clone."""
        return run(*arguments, cwd=self.clone, env=self.env)

    def ok(self, *arguments: str) -> str:
        """The same, which must succeed; what it printed."""
        done = self.relman(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def git(self, *arguments: str) -> str:
        """git in the clone."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.clone, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> None:
        """Commits the clone's files on top of what the remote has, and pushes."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        self.git("pull", "--quiet", "--rebase")
        self.git("push", "--quiet")

    def pull(self) -> None:
        """Brings the clone up: relman commits to the remote and leaves checkouts alone."""
        self.git("pull", "--quiet", "--rebase")

    def cut(self, *arguments: str) -> str:
        """A new release; its version."""
        self.pull()
        return str(json.loads(self.ok("cut", *arguments, "-o", "json"))["release"]["version"])

    def wait(self, *environments: str) -> None:
        """Until each is Synced and Healthy at its release."""
        for name in environments:
            self.ok("wait", name, "--timeout", "150s", "--stable", "1s")

    def release(self, *arguments: str, to: str = "dev", each: bool = False) -> str:
        """Cuts a release, brings it along the path to `to` and waits for it there; with `each`
        also in every environment on the way."""
        version = self.cut(*arguments)
        self.ok("deploy", "dev", version, "--yes", "--accept", "*")
        self.wait(*(["dev"] if each or to == "dev" else []))
        for source, target in itertools.pairwise(ENVIRONMENTS):
            if ENVIRONMENTS.index(target) <= ENVIRONMENTS.index(to):
                self.ok("promote", source, target, "--yes", "--accept", "*")
                self.wait(*([target] if each or to == target else []))
        return version

    def runs(self) -> dict[str, str]:
        """The release of each environment, by git."""
        found = json.loads(self.ok("status", "-o", "json"))["environments"]
        return {one["environment"]: one["release"] for one in found}

    def push_image(self, service: str, tag: str) -> str:
        """Pushes an image to the simulated registry; its reference."""
        name = f"aws-containers/retail-store-sample-{service}"
        endpoint = self.status["environment"]["AWS_ENDPOINT_URL"]
        simulated_aws.push(endpoint, overlay.REGION, [(name, tag)])
        return f"{overlay.REGISTRY}/{name}:{tag}"

    def objects(self, environment: str, *paths: str) -> list[dict[str, Any]]:
        """The objects of kinds in an environment's namespace; `paths` are like apps/v1/deployments
        and v1/pods."""
        found = []
        for path in paths:
            group, _, plural = path.rpartition("/")
            root = "/api/v1" if group == "v1" else f"/apis/{group}"
            found += self.api.items(f"{root}/namespaces/{namespace(environment)}/{plural}")
        return found

    def pods(self, environment: str) -> dict[str, str]:
        """The service of each pod that isn't going, by its uid."""
        return {
            pod["metadata"]["uid"]: pod["metadata"]["labels"]["app.kubernetes.io/name"]
            for pod in self.objects(environment, "v1/pods")
            if "deletionTimestamp" not in pod["metadata"]
        }

    def pids(self) -> dict[str, int]:
        """The processes by name."""
        return {one["name"]: one["pid"] for one in self.now()["processes"] if one["pid"]}


def eventually(holds: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """Asks the API server until something holds; fails the test with `what` when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.5)
    raise AssertionError(f"after {seconds:.0f} s: {what}")


def stored(thing: dict[str, Any]) -> dict[str, Any]:
    """An object as it was asked for: without its status, what the API server counts, and a
    Deployment's replicas, which its autoscaler owns."""
    metadata = {key: value for key, value in thing["metadata"].items() if key not in VOLATILE}
    annotations = dict(metadata.get("annotations", {}))
    annotations.pop("deployment.kubernetes.io/revision", None)
    rest = {key: value for key, value in thing.items() if key not in ("status", "metadata")}
    if "replicas" in rest.get("spec", {}):
        rest["spec"] = {key: value for key, value in rest["spec"].items() if key != "replicas"}
    return {**rest, "metadata": {**metadata, "annotations": annotations}}
