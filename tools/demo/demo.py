"""The whole flow on the real store: cut, deploy, promote, change a service, plan, roll back.

Works in a temporary copy of this repository with a bare git remote of its own and a simulated ECR
(moto's server on the loopback, with real manifests). Nothing outside the temporary folder changes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import registry
import shown

ROOT = Path(__file__).resolve().parents[2]
RELMAN = Path(sys.executable).with_name("relman")
SERVICES = ("catalog", "cart", "orders", "checkout", "ui")


class Demo(shown.Shown):
    """A terminal in a clone, in the temporary folder."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.clone = folder / "store"
        self.remote = folder / "store.git"
        env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "demo",
            "AWS_SECRET_ACCESS_KEY": "demo",
            "RELMAN_CACHE_DIR": str(folder / "cache"),
            "PATH": f"{RELMAN.parent}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        }
        super().__init__(self.clone, env)

    def quiet(self, *command: str, cwd: Path | None = None) -> None:
        """Runs a command of the preparation."""
        subprocess.run(command, cwd=cwd or self.clone, env=self.env, check=True)

    def prepare(self) -> None:
        """A clone of what this repository's files are now, with a bare remote."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file() and not name.startswith(".git/"):
                (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.clone / name)
        self._use_demo_registry()
        self.quiet("git", "init", "--quiet", "--bare", "-b", "main", str(self.remote), cwd=ROOT)
        self.quiet("git", "init", "--quiet", "-b", "main")
        self.quiet("git", "config", "user.name", "Demo")
        self.quiet("git", "config", "user.email", "demo@example.com")
        self.quiet("git", "remote", "add", "origin", str(self.remote))
        self.quiet("git", "add", "--all")
        self.quiet("git", "commit", "--quiet", "--message", "The store")
        self.quiet("git", "push", "--quiet", "--set-upstream", "origin", "main")

    def _use_demo_registry(self) -> None:
        """A team's own copy would say the same: its repository, its registry."""
        file = self.clone / "releases/relman.yaml"
        text = file.read_text()
        public = "public.ecr.aws/aws-containers/retail-store-sample-"
        if public not in text:
            raise SystemExit("demo: releases/relman.yaml no longer names the public images")
        file.write_text(text.replace(public, f"{registry.HOST}/retail-store/"))


def tour(demo: Demo) -> None:
    """The commands, in the order in which a team would use them."""
    newer = f"catalog={registry.HOST}/retail-store/catalog:{registry.NEXT_TAG}"
    demo.title("Freeze a release: charts by commit, every image by the digest that ECR gives")
    demo.show("relman", "cut", "1.0.0", "--note", "first release")
    demo.title("Put it on dev; see each object, the gates, and the plan's hash")
    demo.show("relman", "deploy", "dev", "--yes")
    demo.title("Move what dev runs to prod; staging lies between and is entered first")
    demo.show("relman", "promote", "dev", "prod", "--yes", "--reason", "go live")
    demo.title("A new catalog image: cut again; the other services stay as they are")
    demo.show("relman", "cut", "--bump", "minor", "--image", newer, "--note", "faster search")
    demo.title("What would it change in dev? One Deployment, and why its pods restart")
    demo.show("relman", "plan", "dev")
    demo.title("Straight to prod is not possible: staging does not run it yet")
    demo.show("relman", "promote", "staging", "prod", "--release", "1.1.0", "--yes", ends_with=1)
    demo.title("So along the path")
    demo.show("relman", "deploy", "dev", "--yes")
    demo.show("relman", "promote", "dev", "prod", "--yes", "--reason", "faster search")
    demo.title("Something is wrong in prod: go back, by a forward commit")
    demo.show("relman", "rollback", "prod", "--yes", "--reason", "search times out")
    demo.title("1.1.0 can't come back to prod until somebody says that it may")
    demo.show("relman", "promote", "staging", "prod", "--yes", ends_with=1)
    demo.title("Everything is in git: what happened, and that the records are whole")
    demo.show("relman", "history")
    demo.show("relman", "audit")
    demo.show("git", "log", "--oneline", "origin/main")
    demo.title("What runs where")
    demo.show("relman", "status")


def main() -> None:
    """Runs the tour; --keep leaves the folder and says where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the folder to look around in")
    keep = parser.parse_args().keep
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="relman-demo-"))
    try:
        with registry.running(SERVICES) as endpoint:
            demo = Demo(folder, endpoint)
            demo.prepare()
            tour(demo)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"\nThe demo took {time.monotonic() - started:.0f} s.")
    print(f"The clone is in {demo.clone}" if keep else "Its folder is gone; --keep leaves it.")


if __name__ == "__main__":
    main()
