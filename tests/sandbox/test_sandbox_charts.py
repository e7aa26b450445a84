"""Every chart with every one of its ci/ values, in front of a real API server's validation.

Before the other files, while nothing is deployed: what exists already would be changed, not made.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from relman.adapters import helm_cli
from relman.core.models.sandbox import SandboxFile
from relman.core.sandbox import standins

from ..charts.objects import CHARTS, ci_cases
from .world import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from .world import World

pytestmark = pytest.mark.sandbox

NAMESPACE = "ci"


@pytest.fixture(scope="session")
def prepared(started: World) -> World:
    """The kinds that upstream charts bring, and a namespace in which `restricted` is enforced."""
    text = (ROOT / "releases/sandbox.yaml").read_text()
    for one in SandboxFile.model_validate(yaml.safe_load(text)).definitions:
        started.api.apply(standins.definition(one))
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": NAMESPACE, "labels": labels}
    started.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    return started


@pytest.mark.parametrize(("chart", "values"), ci_cases())
def test_the_api_server_takes_every_object(
    prepared: World, built_charts: Path, chart: str, values: str
) -> None:
    command = [
        str(helm_cli.executable()), "template", "shop", str(built_charts / chart), "--namespace",
        NAMESPACE, "--values", str(CHARTS / chart / f"ci/{values}-values.yaml"),
    ]  # fmt: skip
    text = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    found = [one for one in yaml.safe_load_all(text) if one]
    assert found
    for one in found:
        _dry_run(prepared, one)


def _dry_run(world: World, manifest: dict[str, Any]) -> None:
    if world.api.resource(manifest["apiVersion"], manifest["kind"]).namespaced:
        manifest["metadata"]["namespace"] = NAMESPACE
    world.api.apply(manifest, dry_run=True)
