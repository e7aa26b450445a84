"""What a plan says about objects: added, removed, changed field by field; restarts; risks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .lab import DIGEST
from .objects import Objects, change, container, copied, having, plan, thing, wants, workload

SCALER = thing("autoscaling/v2", "HorizontalPodAutoscaler", spec={
    "minReplicas": 5, "maxReplicas": 9,
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app"},
})  # fmt: skip


def _paths(found: dict[str, Any], kind: str) -> dict[str, tuple[Any, Any]]:
    """The changed fields of the object of a kind: before and after by path."""
    return {
        field["path"]: (field["before"], field["after"])
        for one in found["objects"]
        if one["object"]["kind"] == kind
        for field in one["fields"]
    }


def _ids(found: dict[str, Any]) -> set[str]:
    return {risk["id"] for risk in found["risks"]}


def test_added_and_removed_objects(tmp_path: Path) -> None:
    old = {"a": thing("v1", "ConfigMap", "old", data={"a": "1"})}
    new = {"b": thing("v1", "ConfigMap", "new", data={"b": "1"})}
    found = change(tmp_path, old, new)
    shown = [(one["change"], one["object"]["name"]) for one in found["objects"]]
    assert sorted(shown) == [("added", "new"), ("removed", "old")]
    assert found["objects"][0]["object"] == {
        "cluster": "dev", "component": "raw", "apiVersion": "v1", "kind": "ConfigMap",
        "namespace": "raw", "name": shown[0][1],
    }  # fmt: skip
    assert found["restarts"] == []
    assert found["risks"] == []


def test_a_new_api_version_changes_an_object_and_does_not_replace_it(tmp_path: Path) -> None:
    spec = SCALER["spec"]
    old = {"a": thing("autoscaling/v1", "HorizontalPodAutoscaler", spec=spec)}
    new = {"a": thing("autoscaling/v2", "HorizontalPodAutoscaler", spec=spec)}
    found = change(tmp_path, old, new)
    assert [one["change"] for one in found["objects"]] == ["changed"]
    changed = _paths(found, "HorizontalPodAutoscaler")
    assert changed == {"apiVersion": ("autoscaling/v1", "autoscaling/v2")}


def test_an_object_that_moves_to_another_namespace_is_replaced(tmp_path: Path) -> None:
    one = thing("v1", "ConfigMap")
    found = change(
        tmp_path, {"a": one}, {"a": {**one, "metadata": {"name": "x", "namespace": "other"}}}
    )
    shown = sorted((one["change"], one["object"]["namespace"]) for one in found["objects"])
    assert shown == [("added", "other"), ("removed", "raw")]


def test_what_only_looks_different_is_no_change(tmp_path: Path) -> None:
    """Order of keys, comments and quotes don't reach the cluster."""
    lab = having(tmp_path / "lab", {"a": thing("v1", "ConfigMap", data={"a": "1", "b": "2"})})
    template = lab.root / "charts/raw/templates/all.yaml"
    template.write_text("# said anew\n" + template.read_text())
    lab.commit()
    lab.ok("cut", "1.1.0")
    assert plan(lab)["objects"] == []


def test_fields_of_a_container_are_found_by_its_name(tmp_path: Path) -> None:
    before: Objects = {"app": workload()}
    container(before)["env"] = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    container(before)["ports"] = [{"containerPort": 80}, {"containerPort": 81}]
    after = copied(before)
    container(after)["env"] = [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}]
    container(after)["ports"] = [{"containerPort": 80, "name": "http"}, {"containerPort": 81}]
    after["app"]["spec"]["template"]["metadata"]["annotations"] = {"a.b/c": "d"}
    found = change(tmp_path, before, after)
    spec = "spec.template.spec.containers[app]"
    assert _paths(found, "Deployment") == {
        f"{spec}.env[A]": ({"name": "A", "value": "1"}, None),
        f"{spec}.env[B].value": ("2", "3"),
        f"{spec}.env[C]": (None, {"name": "C", "value": "4"}),
        f"{spec}.ports[80].name": (None, "http"),
        "spec.template.metadata.annotations": (None, {"a.b/c": "d"}),
    }


def test_a_key_with_dots_and_a_changed_type(tmp_path: Path) -> None:
    before: Objects = {"a": thing("v1", "ConfigMap", data={"a.b": "1", "same": "x"})}
    after: Objects = {"a": thing("v1", "ConfigMap", data={"a.b": "2", "same": "x"})}
    assert _paths(change(tmp_path, before, after), "ConfigMap") == {r"data.a\.b": ("1", "2")}


def test_the_order_of_a_list_counts(tmp_path: Path) -> None:
    """Init containers run in their order."""
    before: Objects = {"app": workload()}
    spec = before["app"]["spec"]["template"]["spec"]
    spec["initContainers"] = [{"name": n, "image": container(before)["image"]} for n in "ab"]
    after = copied(before)
    after["app"]["spec"]["template"]["spec"]["initContainers"].reverse()
    found = change(tmp_path, before, after)
    path = "spec.template.spec.initContainers"
    assert _paths(found, "Deployment") == {path: (["a", "b"], ["b", "a"])}
    assert [restart["because"] for restart in found["restarts"]] == [[path]]


def test_lists_and_test_hooks(tmp_path: Path) -> None:
    """A List is its items; Argo CD never applies Helm's test hooks."""
    hook = thing("v1", "Pod", "probe", spec={"containers": [{"name": "a", "image": "x"}]})
    hook["metadata"]["annotations"] = {"helm.sh/hook": "test"}
    items = [thing("v1", "ConfigMap", "one"), thing("v1", "ConfigMap", "two")]
    found = change(
        tmp_path, {}, {"l": {"apiVersion": "v1", "kind": "List", "items": items}, "h": hook}
    )
    assert sorted(one["object"]["name"] for one in found["objects"]) == ["one", "two"]


# -- restarts ---------------------------------------------------------------------------------


def test_an_object_that_is_rendered_twice(tmp_path: Path) -> None:
    """Argo CD would apply the last one and drop the other, whatever is wrong with it."""
    broken = thing("v1", "ConfigMap", data={"a": 1})
    other = thing("v1", "ConfigMap", data={"a": "2"})
    lab = having(tmp_path / "lab", {})
    wants(lab, {"a": broken, "b": other})
    done = lab.relman("refresh", "dev", "--yes")
    assert done.code == 1
    objects = next(gate for gate in plan(lab)["gates"] if gate["gate"] == "objects")
    assert objects["verdict"] == "fail"
    invalid = "; ".join(objects["evidence"]["invalid"])
    assert "data.a: 1 is not of type" in invalid
    assert "ConfigMap/x: is rendered more than once" in invalid
    said = {one["message"] for one in lab.relman("lint", "-o", "json").json}
    assert any("is rendered more than once" in message for message in said)
    hook = {"annotations": {"helm.sh/hook": "pre-install"}}
    before = {**thing("v1", "ConfigMap"), "metadata": {"name": "x", **hook}}
    wants(lab, {"a": other, "b": other, "c": before})
    lab.ok("refresh", "dev", "--yes")


@pytest.mark.parametrize(("kind", "replicas", "pods"), [
    ("Deployment", 3, 3), ("StatefulSet", 2, 2), ("Deployment", None, 1), ("DaemonSet", None, None),
])  # fmt: skip
def test_pods_that_restart(
    tmp_path: Path, kind: str, replicas: int | None, pods: int | None
) -> None:
    """A DaemonSet has a pod for each node, of which a plan knows nothing."""
    before: Objects = {"app": workload(kind, replicas=replicas)}
    if replicas is None:
        del before["app"]["spec"]["replicas"]
    after = copied(before)
    container(after)["image"] = f"registry.example.com/raw:2@{DIGEST.format(2)}"
    found = change(tmp_path, before, after)
    because = ["spec.template.spec.containers[app].image"]
    shown = [(r["object"]["kind"], r["pods"], r["because"]) for r in found["restarts"]]
    assert shown == [(kind, pods, because)]


@pytest.mark.parametrize("hpa_first", [True, False])
def test_an_autoscaler_says_how_many_pods_restart_at_least(tmp_path: Path, hpa_first: bool) -> None:
    app = workload()
    del app["spec"]["replicas"]
    before: Objects = {"hpa": SCALER, "app": app} if hpa_first else {"app": app, "hpa": SCALER}
    after = copied(before)
    container(after)["args"] = ["x"]
    assert [restart["pods"] for restart in change(tmp_path, before, after)["restarts"]] == [5]


def test_no_pod_restarts_when_only_the_number_of_replicas_changes(tmp_path: Path) -> None:
    found = change(tmp_path, {"a": workload(replicas=2)}, {"a": workload(replicas=4)})
    assert _paths(found, "Deployment") == {"spec.replicas": (2, 4)}
    assert found["restarts"] == []
    assert found["risks"] == []


# -- risks ------------------------------------------------------------------------------------

CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
CRD = {"group": "example.com", "names": {"kind": "X", "plural": "xs"}, "scope": "Namespaced",
       "versions": [{"name": "v1", "served": True, "storage": True}]}  # fmt: skip
KEPT: Objects = {
    "PersistentVolumeClaim": thing("v1", "PersistentVolumeClaim", spec=CLAIM),
    "PersistentVolume": thing("v1", "PersistentVolume"),
    "StorageClass": thing("storage.k8s.io/v1", "StorageClass", provisioner="ebs.csi.aws.com"),
    "Namespace": thing("v1", "Namespace"),
    "CustomResourceDefinition": thing(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", spec=CRD
    ),
    "StatefulSet": workload("StatefulSet", "x"),
    "PodDisruptionBudget": thing("policy/v1", "PodDisruptionBudget"),
    "HorizontalPodAutoscaler": SCALER,
}
CLUSTER_WIDE = {"PersistentVolume", "StorageClass", "Namespace", "CustomResourceDefinition"}


def test_each_kind_that_must_not_be_lost_unnoticed(tmp_path: Path) -> None:
    found = change(tmp_path, KEPT, {})
    places = {kind: kind if kind in CLUSTER_WIDE else f"{kind}/raw" for kind in KEPT}
    assert _ids(found) == {f"remove:dev/{place}/x" for place in places.values()}
    assert all(risk["summary"] and risk["object"]["kind"] in KEPT for risk in found["risks"])


def test_objects_of_the_whole_cluster_stay_when_a_component_moves(tmp_path: Path) -> None:
    """A StorageClass has no namespace: choosing another one for the component removes nothing."""
    lab = having(tmp_path / "lab", {"s": KEPT["StorageClass"]})
    wants(lab, {"s": KEPT["StorageClass"]}, "components:\n  raw: {namespace: elsewhere}\n")
    found = plan(lab)
    assert found["objects"] == []
    assert found["risks"] == []


def test_everything_else_moves_with_the_component(tmp_path: Path) -> None:
    """Charts seldom write a namespace, so the text stays the same; the objects don't."""
    kept = {"c": KEPT["PersistentVolumeClaim"]}
    lab = having(tmp_path / "lab", kept)
    wants(lab, kept, "components:\n  raw: {namespace: elsewhere}\n")
    found = plan(lab)
    shown = sorted((one["change"], one["object"]["namespace"]) for one in found["objects"])
    assert shown == [("added", "elsewhere"), ("removed", "raw")]
    assert _ids(found) == {"remove:dev/PersistentVolumeClaim/raw/x"}


SERVICE = {"selector": {"app": "a"}, "clusterIP": "10.0.0.1", "ports": [{"port": 80}]}
ROLE = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role"}
RBAC = "rbac.authorization.k8s.io/v1"
STORAGE = "storage.k8s.io/v1"
OTHER = {"selector": {"matchLabels": {"app": "other"}}}
CLAIMS = [{"metadata": {"name": "a"}, "spec": CLAIM}]


def _job(policy: str) -> dict[str, Any]:
    pod = {"restartPolicy": policy, "containers": [{"name": "a"}]}
    return {"spec": {"template": {"spec": pod}}}


def _storage(size: str) -> dict[str, Any]:
    return {"spec": {**CLAIM, "resources": {"requests": {"storage": size}}}}


# Kind (with its API version), what is before, what is after, and the risk that must be told.
Case = tuple[str, str, dict[str, Any], dict[str, Any], str]
DESTRUCTIVE: list[Case] = [
    ("v1", "Service", {"spec": SERVICE},
     {"spec": {**SERVICE, "selector": {"app": "b"}}}, "selector"),
    ("v1", "Service", {"spec": SERVICE}, {"spec": {**SERVICE, "clusterIP": "None"}}, "immutable"),
    ("v1", "PersistentVolumeClaim", {"spec": CLAIM},
     {"spec": {**CLAIM, "storageClassName": "gp3"}}, "immutable"),
    ("v1", "PersistentVolumeClaim", _storage("2Gi"), _storage("1Gi"), "immutable"),
    (STORAGE, "StorageClass", {"provisioner": "a"}, {"provisioner": "b"}, "immutable"),
    (STORAGE, "StorageClass", {"provisioner": "a", "parameters": {"t": "1"}},
     {"provisioner": "a", "parameters": {"t": "2"}}, "immutable"),
    ("batch/v1", "Job", _job("Never"), _job("OnFailure"), "immutable"),
    (RBAC, "RoleBinding", {"roleRef": {**ROLE, "name": "a"}}, {"roleRef": {**ROLE, "name": "b"}},
     "immutable"),
    ("v1", "ConfigMap", {"immutable": True, "data": {"a": "1"}},
     {"immutable": True, "data": {"a": "2"}}, "immutable"),
    ("v1", "Secret", {"type": "Opaque"}, {"type": "kubernetes.io/tls"}, "immutable"),
]  # fmt: skip
WORKLOADS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("Deployment", {}, OTHER, "selector"),
    ("DaemonSet", {}, OTHER, "selector"),
    ("StatefulSet", {}, OTHER, "selector"),
    ("StatefulSet", {}, {"serviceName": "y"}, "immutable"),
    ("StatefulSet", {"volumeClaimTemplates": CLAIMS}, {}, "immutable"),
    ("StatefulSet", {}, {"podManagementPolicy": "Parallel"}, "immutable"),
    ("StatefulSet", {"replicas": 3}, {"replicas": 0}, "scale-to-zero"),
    ("Deployment", {"replicas": 3}, {"replicas": 0}, "scale-to-zero"),
    ("Deployment", {}, {"replicas": 0}, "scale-to-zero"),
]
HARMLESS: list[Case] = [
    ("v1", "PersistentVolumeClaim", _storage("1Gi"), _storage("2Gi"), ""),
    (STORAGE, "StorageClass", {"provisioner": "a"},
     {"provisioner": "a", "allowVolumeExpansion": True}, ""),
    ("v1", "Namespace", {}, {"spec": {"finalizers": []}}, ""),
    ("v1", "ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}, ""),
]  # fmt: skip


def _workload(kind: str, name: str, more: dict[str, Any]) -> dict[str, Any]:
    found = workload(kind, name, **more)
    if "replicas" not in more:
        del found["spec"]["replicas"]
    return found


def _sides(cases: list[Case]) -> tuple[Objects, Objects, set[str]]:
    """Every case as an object of its own, so that one plan judges them all."""
    before: Objects = {}
    after: Objects = {}
    expected = set()
    for number, (api_version, kind, old, new, risk) in enumerate(cases):
        name = f"case-{number}"
        before[name] = thing(api_version, kind, name, **old)
        after[name] = thing(api_version, kind, name, **new)
        place = "" if kind in CLUSTER_WIDE else "raw/"
        expected |= {f"{risk}:dev/{kind}/{place}{name}"} if risk else set()
    return before, after, expected


def test_every_change_that_destroys_or_that_the_cluster_would_refuse(tmp_path: Path) -> None:
    before, after, expected = _sides(DESTRUCTIVE)
    for number, (kind, old, new, risk) in enumerate(WORKLOADS):
        name = f"work-{number}"
        before[name], after[name] = _workload(kind, name, old), _workload(kind, name, new)
        expected.add(f"{risk}:dev/{kind}/raw/{name}")
    assert _ids(change(tmp_path, before, after)) == expected


def test_changes_that_are_harmless(tmp_path: Path) -> None:
    before, after, _ = _sides(HARMLESS)
    before["app"], after["app"] = workload(), workload(minReadySeconds=5)
    found = change(tmp_path, before, after)
    assert [one["change"] for one in found["objects"]] == ["changed"] * 5
    assert found["risks"] == []


def test_a_component_that_is_switched_off_takes_its_objects_along(tmp_path: Path) -> None:
    lab = having(tmp_path / "lab", KEPT)
    wants(lab, KEPT, "components:\n  raw: {enabled: false}\n")
    found = plan(lab)
    assert {one["change"] for one in found["objects"]} == {"removed"}
    assert len(found["risks"]) == len(KEPT)


def test_each_risk_must_be_accepted_by_its_id(tmp_path: Path) -> None:
    lab = having(tmp_path / "lab", KEPT)
    claim, guard = KEPT["PersistentVolumeClaim"], KEPT["PodDisruptionBudget"]
    rest = {key: one for key, one in KEPT.items() if one not in (claim, guard)}
    wants(lab, rest)
    first, second = "remove:dev/PersistentVolumeClaim/raw/x", "remove:dev/PodDisruptionBudget/raw/x"
    tip = lab.git("rev-parse", "main")
    for accepted, missing in (((), (first, second)), ((first,), (second,)), ((second,), (first,))):
        options = [part for one in accepted for part in ("--accept", one)]
        done = lab.relman("refresh", "dev", "--yes", *options)
        assert done.code == 1
        assert "not accepted: " + ", ".join(missing) + "\n" in done.err
        assert all(f"--accept {one}" in done.err for one in missing)
    assert lab.git("rev-parse", "main") == tip
    lab.ok("refresh", "dev", "--yes", "--accept", first, "--accept", second)
    record = lab.ok("history", "dev", "-n", "1", "-o", "json").json[0]
    assert sorted(record["accepted"]) == [first, second]


def test_an_accepted_risk_does_not_excuse_another_cluster(tmp_path: Path) -> None:
    more = "clusters:\n  - name: east\n  - name: west\n"
    kept = {"n": KEPT["Namespace"]}
    lab = having(tmp_path / "lab", kept, more)
    wants(lab, {}, more)
    found = _ids(plan(lab))
    assert len(found) == 2
    one, other = sorted(found)
    done = lab.relman("refresh", "dev", "--yes", "--accept", one)
    assert done.code == 1
    assert other in done.err
    assert one not in done.err.split("not accepted:")[1]


def test_the_text_shows_what_the_json_says(tmp_path: Path) -> None:
    before: Objects = {"app": workload(), "n": KEPT["PersistentVolumeClaim"]}
    lab = having(tmp_path / "lab", before)
    after = {"app": copied(before)["app"], "c": thing("v1", "ConfigMap", "new")}
    container(after)["args"] = ["--fast"]
    wants(lab, after)
    shown = lab.ok("plan", "dev").out
    for part in (
        "refresh dev: 1.0.0 (now 1.0.0)",
        "+ ConfigMap/raw/new  [dev]",
        "- PersistentVolumeClaim/raw/x  [dev]",
        "~ Deployment/raw/app  [dev]",
        '    spec.template.spec.containers[app].args: (none) -> ["--fast"]',
        "* Deployment/raw/app restarts 3 pods: containers[app].args",
        "accept with --accept remove:dev/PersistentVolumeClaim/raw/x",
        "objects: 1 added, 1 changed, 1 removed; pods restarted: 3; files: 1",
        plan(lab)["hash"],
    ):
        assert part in shown
