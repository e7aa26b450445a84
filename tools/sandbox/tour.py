"""The whole flow on a real control plane and a real Argo CD, on this machine.

Starts a sandbox of its own, deploys to dev, promotes to staging and prod, changes one service,
shows what runs, and takes everything down. --keep leaves it to look around in.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools/demo"))
import shown  # noqa: E402 - beside the demo, which shows commands the same way

RELMAN = Path(sys.executable).with_name("relman")
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/aws-containers/retail-store-sample-"
# The gates, the sum and the hash of a plan, and what was applied.
PLAN_END = 11


class Tour(shown.Shown):
    """A terminal in this repository, and then in the clone of the sandbox in `box`."""

    def __init__(self, box: Path) -> None:
        self.box = box
        path = f"{RELMAN.parent}{os.pathsep}{os.environ['PATH']}"
        super().__init__(ROOT, {**os.environ, "RELMAN_SANDBOX": str(box), "PATH": path})

    def enter(self) -> None:
        """Works in the sandbox's clone from now on, with its variables."""
        text = subprocess.run(
            ["relman", "sandbox", "status", "-o", "json"],
            env=self.env, capture_output=True, check=True,
        ).stdout  # fmt: skip
        status = json.loads(text)
        self.folder = Path(status["clone"])
        self.env = {**self.env, **status["environment"]}


def tour(it: Tour) -> None:
    """The commands, in order."""
    it.title(
        "etcd, a control plane, simulated nodes and Argo CD, all real programs on the loopback"
    )
    it.show("relman", "sandbox", "up")
    it.enter()
    it.title("Freeze a release and put it on dev; Argo CD takes it from git")
    it.show("relman", "cut", "1.0.0")
    it.show("relman", "deploy", "dev", "--yes", last=PLAN_END)
    it.show("relman", "wait", "dev", "--stable", "2s")
    it.title("To prod, through staging; each is waited for")
    it.show("relman", "promote", "dev", "staging", "--yes", last=PLAN_END)
    it.show("relman", "wait", "staging", "--stable", "2s")
    it.show("relman", "promote", "staging", "prod", "--yes", last=PLAN_END)
    it.show("relman", "wait", "prod", "--stable", "2s")
    it.title("A new catalog image: only catalog's pods are replaced, look at their age")
    it.show("relman", "cut", "--bump", "minor", "--image", f"catalog={REGISTRY}catalog:1.7.0")
    it.show("relman", "deploy", "dev", "--yes", last=PLAN_END)
    it.show("relman", "wait", "dev", "--stable", "2s")
    _kubectl(it, "get", "pods", "--namespace", "retail-dev")
    it.title("What Argo CD and the API server say, beside git")
    _kubectl(it, "get", "applications", "--namespace", "argocd")
    it.show("relman", "status", "--live")
    it.show("relman", "drift", "dev")
    it.show("relman", "audit")


def _kubectl(it: Tour, *arguments: str) -> None:
    if shutil.which("kubectl"):
        it.show("kubectl", *arguments)


def main() -> None:
    """Runs the tour in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the sandbox running")
    keep = parser.parse_args().keep
    started = time.monotonic()
    it = Tour(Path(tempfile.mkdtemp(prefix="relman-sandbox-")) / "sandbox")
    try:
        tour(it)
    finally:
        if not keep:
            it.folder = ROOT
            it.show("relman", "sandbox", "down")
            shutil.rmtree(it.box.parent, ignore_errors=True)
    print(f"\nThe tour took {time.monotonic() - started:.0f} s.")
    if keep:
        print(f"relman sandbox down --folder {it.box} takes it down. To look around:")
        print(f". {it.box}/env.sh && cd {it.folder}")


if __name__ == "__main__":
    main()
