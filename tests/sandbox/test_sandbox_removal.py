"""What goes, goes whole. Last, since what it removes is gone for the other tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .world import eventually, namespace

if TYPE_CHECKING:
    from .world import World

pytestmark = pytest.mark.sandbox

APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"


def test_removing_an_environment_cleans_up(world: World) -> None:
    """The root Application leaves what it made in place; each Application takes its objects."""
    assert world.objects("staging", "apps/v1/deployments")
    assert world.api.delete(f"{APPLICATIONS}/retail-staging")
    query = "relman/environment=staging,relman/component"
    found = world.api.items(APPLICATIONS, labelSelector=query)
    assert len(found) >= 2
    for one in found:
        world.api.delete(f"{APPLICATIONS}/{one['metadata']['name']}")
    eventually(
        lambda: not world.api.items(APPLICATIONS, labelSelector=query), "the Applications are gone"
    )
    eventually(
        lambda: (
            world.api.get(f"/api/v1/namespaces/{namespace('staging')}") is None or not _left(world)
        ),
        "nothing of the store is left",
    )


def _left(world: World) -> list[str]:
    kinds = (
        "apps/v1/deployments", "v1/services", "autoscaling/v2/horizontalpodautoscalers",
        "policy/v1/poddisruptionbudgets", "networking.k8s.io/v1/networkpolicies",
        "networking.k8s.io/v1/ingresses", "v1/pods",
    )  # fmt: skip
    return [one["metadata"]["name"] for one in world.objects("staging", *kinds)]
