"""A lab whose one chart prints whatever objects an environment's values hold, so that a test of a
plan says what is there before and after, and nothing else."""

from __future__ import annotations

import atexit
import copy
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from . import lab as laboratory
from .lab import DIGEST, Lab, git
from .states import environment

DEV = "releases/environments/dev.yaml"
IMAGE = f"registry.example.com/raw:1@{DIGEST.format(1)}"
TEMPLATE = "{{- range .Values.objects }}\n---\n{{ toYaml . }}\n{{- end }}\n"
PROJECT = """apiVersion: relman/v1
kind: Project
name: raw
repository: {url: https://git.example.com/raw.git}
components:
  raw: {chart: charts/raw, namespace: raw}
"""
Objects = dict[str, dict[str, Any]]


def thing(api_version: str, kind: str, name: str = "x", **more: Any) -> dict[str, Any]:
    """A Kubernetes object."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **more}


def workload(kind: str = "Deployment", name: str = "app", **spec: Any) -> dict[str, Any]:
    """A Deployment or one of its relatives."""
    labels = {"app": name}
    pod = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "app", "image": IMAGE}]},
    }
    whole = {"selector": {"matchLabels": labels}, "template": pod, "replicas": 3, **spec}
    return thing("apps/v1", kind, name, spec=whole)


def container(objects: Objects, key: str = "app") -> dict[str, Any]:
    """The first container of a workload."""
    found: dict[str, Any] = objects[key]["spec"]["template"]["spec"]["containers"][0]
    return found


@functools.cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="relman-raw-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    root = folder / "clone"
    root.mkdir()
    git("init", "--quiet", "--initial-branch", "main", cwd=root)
    git("config", "user.name", "Robin", cwd=root)
    git("config", "user.email", "robin@example.com", cwd=root)
    lab = Lab(root)
    lab.write("charts/raw/Chart.yaml", laboratory.CHART.format(name="raw"))
    lab.write("charts/raw/values.yaml", "objects: []\n")
    lab.write("charts/raw/templates/all.yaml", TEMPLATE)
    lab.write("releases/relman.yaml", PROJECT)
    for name, after in (("dev", ""), ("prod", "[dev]")):
        lab.write(f"releases/environments/{name}.yaml", environment(name, after))
    lab.commit()
    lab.ok("cut", "1.0.0")
    return folder


def having(folder: Path, objects: Objects, more: str = "") -> Lab:
    """A lab of one's own in which dev runs these objects."""
    shutil.copytree(_template(), folder)
    lab = Lab(folder / "clone")
    wants(lab, objects, more)
    lab.ok("deploy", "dev", "--yes")
    return lab


def wants(lab: Lab, objects: Objects, more: str = "") -> None:
    """Commits that dev is to have these objects."""
    values = yaml.safe_dump({"values": {"raw": {"objects": list(objects.values())}}})
    lab.write(DEV, environment("dev", more=values + more))
    lab.git("add", "--all")
    lab.git("commit", "--quiet", "--allow-empty", "--message", "what dev wants")


def plan(lab: Lab, *arguments: str) -> dict[str, Any]:
    """The plan of dev as data."""
    found: dict[str, Any] = lab.ok("plan", "dev", *arguments, "-o", "json").json
    return found


def change(tmp_path: Path, before: Objects, after: Objects) -> dict[str, Any]:
    """The plan of going from some objects to others."""
    lab = having(tmp_path / "lab", before)
    wants(lab, after)
    return plan(lab)


def copied(objects: Objects) -> Objects:
    """A deep copy, to be changed."""
    return copy.deepcopy(objects)
