"""A control plane for each environment, registered in Argo CD as remote clusters.

First of these files: beside another sandbox it would take more memory than a small machine has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from relman.adapters import kubernetes

from .world import World

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sandbox

STORE = "/apis/apps/v1/namespaces/retail-store/deployments"


def test_each_environment_has_a_cluster_of_its_own(folder: Path) -> None:
    own = World(folder)
    up = own.sandbox("up", "--clusters", "3")
    assert up.returncode == 0, up.stderr
    own.release("1.0.0", to="staging")
    own.wait("dev")
    running = {name: len(_deployments(own, name)) for name in ("dev", "staging", "prod")}
    assert running == {"dev": 5, "staging": 5, "prod": 0}
    addresses = {one["address"] for one in own.now()["processes"] if "apiserver" in one["name"]}
    assert len(addresses) == 3


def _deployments(own: World, environment: str) -> list[str]:
    context = f"retail-{environment}-eksdemo"
    api = kubernetes.connect(context, config_file=own.status["kubeconfig"])
    return [one["metadata"]["name"] for one in api.items(STORE)]


def test_a_number_that_does_not_fit(folder: Path) -> None:
    refused = World(folder).sandbox("up", "--clusters", "2")
    assert refused.returncode == 2
    assert "--clusters 3" in refused.stderr
    assert not folder.exists()
