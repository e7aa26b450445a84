"""The whole flow on a real control plane and a real Argo CD, on this machine.

Starts a sandbox of its own, deploys to dev, promotes to staging and prod, changes one service,
heals a change by hand, rolls back, and takes everything down. --keep leaves it to look around in.
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
RELMAN = Path(sys.executable).with_name("relman")
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/aws-containers/retail-store-sample-"
# The gates, the sum and the hash of a plan.
PLAN_END = 9
BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")


class Tour:
    """A sandbox in a folder, and how commands are shown and run in its clone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clone = ROOT
        self.env = {**os.environ, "RELMAN_SANDBOX": str(folder)}
        self.env["PATH"] = f"{RELMAN.parent}{os.pathsep}{self.env['PATH']}"

    def title(self, text: str) -> None:
        """What comes next, in a sentence."""
        print(f"\n{BOLD}# {text}{PLAIN}", flush=True)

    def show(self, *command: str, last: int | None = None) -> None:
        """Prints a command, runs it, and insists on its success; of long output only the end."""
        shown = " ".join(f"'{word}'" if " " in word or "{" in word else word for word in command)
        print(f"{BOLD}$ {shown}{PLAIN}", flush=True)
        out = subprocess.PIPE if last else None
        done = subprocess.run(
            command, cwd=self.clone, env=self.env, stdout=out, text=True, check=False
        )
        if last:
            print("...", *done.stdout.splitlines()[-last:], sep="\n", flush=True)
        if done.returncode:
            raise SystemExit(f"sandbox: {command[0]} ended with {done.returncode}")

    def enter(self) -> None:
        """Works in the sandbox's clone from now on, with its variables."""
        text = subprocess.run(
            ["relman", "sandbox", "status", "-o", "json"],
            env=self.env, capture_output=True, check=True,
        ).stdout  # fmt: skip
        status = json.loads(text)
        self.clone = Path(status["clone"])
        self.env.update(status["environment"])


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
    it.title("What Argo CD says, and what git says")
    _kubectl(it, "get", "applications", "--namespace", "argocd")
    it.show("relman", "status")
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
            it.clone = ROOT
            it.show("relman", "sandbox", "down")
            shutil.rmtree(it.folder.parent, ignore_errors=True)
    print(f"\nThe tour took {time.monotonic() - started:.0f} s.")
    if keep:
        print(f"relman sandbox down --folder {it.folder} takes it down. To look around:")
        print(f". {it.folder}/env.sh && cd {it.clone}")


if __name__ == "__main__":
    main()
