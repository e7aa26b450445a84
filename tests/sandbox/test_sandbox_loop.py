"""Releases on a real Argo CD and a real API server; every assertion is on what the latter says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from .world import ENVIRONMENTS, eventually, namespace, stored

if TYPE_CHECKING:
    from .world import World

pytestmark = pytest.mark.sandbox

APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
KINDS = (
    "apps/v1/deployments", "v1/services", "v1/configmaps", "v1/serviceaccounts",
    "networking.k8s.io/v1/networkpolicies", "networking.k8s.io/v1/ingresses",
    "policy/v1/poddisruptionbudgets", "autoscaling/v2/horizontalpodautoscalers",
    "v1/resourcequotas", "v1/limitranges",
)  # fmt: skip
EXPECTED = {"carts", "catalog", "checkout", "orders", "ui"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_service_is_ready(world: World, environment: str) -> None:
    deployments = world.objects(environment, "apps/v1/deployments")
    assert {one["metadata"]["name"] for one in deployments} == EXPECTED
    for one in deployments:
        assert one["status"]["readyReplicas"] == one["spec"]["replicas"], one["metadata"]["name"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_pods_run_the_digests_that_were_frozen(world: World, environment: str) -> None:
    version = world.runs()[environment]
    world.pull()
    release = yaml.safe_load(world.git("show", f"HEAD:releases/versions/{version}.yaml"))
    digests = {one["digest"] for one in release["images"].values()}
    pods = world.objects(environment, "v1/pods")
    images = {one["image"] for pod in pods for one in pod["spec"]["containers"]}
    assert {image.partition("@")[2] for image in images} == digests


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_autoscalers_scale(world: World, environment: str) -> None:
    for one in world.objects(environment, "autoscaling/v2/horizontalpodautoscalers"):
        conditions = {c["type"]: c["status"] for c in one["status"]["conditions"]}
        assert conditions["ScalingActive"] == "True", one["metadata"]["name"]
        assert one["status"]["currentReplicas"] >= one["spec"]["minReplicas"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_restricted_is_enforced_and_no_pod_is_refused(world: World, environment: str) -> None:
    there = world.api.get(f"/api/v1/namespaces/{namespace(environment)}")
    assert there is not None
    assert there["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    events = world.api.items(f"/api/v1/namespaces/{namespace(environment)}/events")
    assert [one["message"] for one in events if one["reason"] == "FailedCreate"] == []
    privileged = _pod("privileged", environment)
    privileged["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    with pytest.raises(Exception, match="violates PodSecurity"):
        world.api.apply(privileged)


def _pod(name: str, environment: str) -> dict[str, Any]:
    resources = {"cpu": "10m", "memory": "10Mi"}
    container = {
        "name": name,
        "image": "pause",
        "resources": {"requests": resources, "limits": resources},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace(environment)},
        "spec": {"containers": [container]},
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_rendered_object_passes_a_dry_run(world: World, environment: str) -> None:
    rendered = world.ok("render", environment)
    documents = [one for one in yaml.safe_load_all(rendered) if one]
    kinds = {one["kind"] for one in documents}
    assert {"NetworkPolicy", "HorizontalPodAutoscaler", "PodDisruptionBudget"} <= kinds
    assert ("SecretProviderClass" in kinds) == (environment != "dev")
    for one in documents:
        world.api.apply(one, dry_run=True)


def test_one_changed_service_restarts_only_its_pods(world: World) -> None:
    before = world.pods("dev")
    world.release("--image", f"catalog={world.push_image('catalog', '1.7.0')}")
    after = world.pods("dev")
    gone = {before[uid] for uid in before.keys() - after.keys()}
    new = {after[uid] for uid in after.keys() - before.keys()}
    assert (gone, new) == ({"catalog"}, {"catalog"})
    kept = before.keys() & after.keys()
    assert {before[uid] for uid in kept} == set(before.values()) - {"catalog"}


def test_drift_is_healed(world: World) -> None:
    path = f"/api/v1/namespaces/{namespace('dev')}/configmaps/catalog"
    before = world.api.get(path)
    assert before is not None
    key = next(iter(before["data"]))
    world.api.patch(path, {"data": {key: "changed by hand"}})
    eventually(
        lambda: (world.api.get(path) or {}).get("data") == before["data"],
        "the ConfigMap is as git has it again",
    )


def test_what_is_deleted_by_hand_comes_back(world: World) -> None:
    path = f"/api/v1/namespaces/{namespace('dev')}/services/ui"
    assert world.api.delete(path)
    eventually(lambda: world.api.get(path), "the Service is there again")


def test_an_object_that_leaves_the_chart_is_pruned(world: World) -> None:
    extra = world.clone / "charts/platform/templates/extra.yaml"
    world.pull()
    extra.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n"
        "  namespace: {{ .Values.namespace.name }}\n"
    )
    world.commit("Something more")
    world.release()
    path = f"/api/v1/namespaces/{namespace('dev')}/configmaps/extra"
    assert world.api.get(path) is not None
    world.pull()
    extra.unlink()
    world.commit("And less again")
    world.release()
    assert world.api.get(path) is None


def test_rollback_restores_every_object(world: World) -> None:
    """What the API server stores is the same as before the promotion, to the byte."""
    first = world.runs()["prod"]
    before = _stored(world)
    image = world.push_image("checkout", "1.8.0")
    second = world.release("--image", f"checkout={image}", to="prod")
    changed = _stored(world)
    assert changed != before
    assert world.runs()["prod"] == second
    world.ok("rollback", "prod", "--to", first, "--yes", "--reason", "a test", "--accept", "*")
    world.wait("prod")
    assert _stored(world) == before
    assert world.runs()["prod"] == first
    blocked = world.relman("promote", "staging", "prod", "--yes")
    assert blocked.returncode == 1
    assert "block" in blocked.stderr


def test_a_release_that_never_gets_ready_goes_no_further(world: World) -> None:
    """Staging never gets healthy, so prod's gate keeps it out, and staging goes back."""
    world.pull()
    prod = world.clone / "releases/environments/prod.yaml"
    prod.write_text(f"{prod.read_text()}gates:\n  health: {{}}\n")
    world.commit("Prod takes only what is healthy in staging")
    good = world.runs()["staging"]
    image = world.push_image("orders", "broken-1")
    bad = world.cut("--image", f"orders={image}")
    world.ok("deploy", "dev", bad, "--yes")
    world.ok("promote", "dev", "staging", "--yes")
    late = world.relman("wait", "staging", "--timeout", "10s", "--stable", "1s")
    assert late.returncode == 1, late.stderr
    assert "retail-staging-eksdemo-retail" in late.stdout + late.stderr
    refused = world.relman("promote", "staging", "prod", "--yes")
    assert refused.returncode == 1
    assert "the gate health is" in refused.stderr
    world.ok("rollback", "staging", "--yes", "--reason", "orders never gets ready")
    world.wait("staging")
    assert world.runs()["staging"] == good
    images = {one["spec"]["containers"][0]["image"] for one in world.objects("staging", "v1/pods")}
    assert not any(":broken" in image for image in images)


def _stored(world: World) -> dict[str, Any]:
    return {
        f"{kind}/{one['metadata']['name']}": stored(one)
        for kind in KINDS
        for one in world.objects("prod", kind)
    }


def test_audit_and_status_agree_with_what_runs(world: World) -> None:
    world.ok("audit")
    for environment, release in world.runs().items():
        query = f"relman/environment={environment},relman/component"
        live = world.api.items(APPLICATIONS, labelSelector=query)
        assert {one["metadata"]["labels"]["relman/release"] for one in live} == {release}
        assert {one["status"]["sync"]["status"] for one in live} == {"Synced"}
