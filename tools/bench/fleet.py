"""Repositories to measure on: this project's store, on any number of clusters."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = ("catalog", "cart", "orders", "checkout", "ui")


@dataclass(frozen=True)
class Fleet:
    """A clone with two releases that differ in one image; the first runs everywhere."""

    root: Path
    relman: Path
    env: dict[str, str]

    def run(self, *command: str) -> str:
        """A command in the clone, which must succeed."""
        done = subprocess.run(
            command, cwd=self.root, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
        return done.stdout


def build(source: Path, root: Path, relman: Path, env: dict[str, str], clusters: int) -> Fleet:
    """The store with its environment `prod` on so many clusters, release 1.0.0 deployed there
    and 1.1.0 (another catalog image) cut."""
    for folder in ("charts", "releases"):
        shutil.copytree(source / folder, root / folder, ignore=shutil.ignore_patterns("versions"))
    _one_environment(root, clusters)
    fleet = Fleet(root, relman, env)
    fleet.run("git", "init", "--quiet", "-b", "main")
    fleet.run("git", "config", "user.name", "Bench")
    fleet.run("git", "config", "user.email", "bench@example.com")
    fleet.run("git", "add", "--all")
    fleet.run("git", "commit", "--quiet", "--message", "fleet")
    _cut(fleet, "1.0.0", 1)
    fleet.run(str(relman), "deploy", "prod", "1.0.0", "--yes", "-o", "json")
    _cut(fleet, "1.1.0", 2)
    return fleet


def _one_environment(root: Path, clusters: int) -> None:
    """prod becomes the only environment; every cluster has facts of its own."""
    folder = root / "releases/environments"
    environment = yaml.safe_load((folder / "prod.yaml").read_text())
    facts = yaml.safe_load((root / "releases/facts/retail-prod-eksdemo.yaml").read_text())
    for old in [*folder.glob("*.yaml"), *(root / "releases/facts").glob("*.yaml")]:
        old.unlink()
    names = [f"prod-{number:04d}" for number in range(clusters)]
    environment.pop("after", None)
    first = environment["clusters"][0]
    environment["clusters"] = [{**first, "name": name} for name in names]
    (folder / "prod.yaml").write_text(yaml.safe_dump(environment, sort_keys=False))
    for number, name in enumerate(names):
        stores = {
            **facts["values"]["stores"],
            "catalogEndpoint": f"catalog.{name}.example.com:3306",
        }
        own = {
            **facts["values"],
            "clusterName": name,
            "vpcId": f"vpc-{number:017x}",
            "stores": stores,
        }
        document = {**facts, "cluster": name, "values": own}
        file = root / f"releases/facts/{name}.yaml"
        file.write_text(yaml.safe_dump(document, sort_keys=False))


def _cut(fleet: Fleet, version: str, catalog: int) -> None:
    digests = dict.fromkeys(SERVICES, 1) | {"catalog": catalog}
    images = [
        part
        for service, number in digests.items()
        for part in ("--image", f"{service}=registry.example.com/{service}@sha256:{number:064x}")
    ]
    fleet.run(str(fleet.relman), "cut", version, *images)
