"""The gate `target`: what the objects need is served and there, and fits. The API server is a
fake on the loopback; tests/sandbox asks a real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from relman.adapters import api_server as adapter
from relman.operations import evidence

from . import api_servers
from .api_servers import Answer, ApiServer, status
from .gating import declare, gate, verdict
from .lab import Lab
from .states import edited

CLASSES = {
    "storage.k8s.io/v1": [("StorageClass", "storageclasses", False)],
    "networking.k8s.io/v1": [
        ("IngressClass", "ingressclasses", False), ("Ingress", "ingresses", True),
    ],
    "scheduling.k8s.io/v1": [("PriorityClass", "priorityclasses", False)],
}  # fmt: skip
CORE = [("ResourceQuota", "resourcequotas", True), ("LimitRange", "limitranges", True),
        ("PersistentVolumeClaim", "persistentvolumeclaims", True)]  # fmt: skip
CLAIM = """apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: web}
spec:
  storageClassName: fast
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 10Gi}}
"""
INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: alb
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""
GADGET = """apiVersion: example.com/v1
kind: Gadget
metadata: {name: web}
"""
DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  names: {kind: Gadget, plural: gadgets}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true}]
"""
QUOTA = """apiVersion: v1
kind: ResourceQuota
metadata: {name: most}
spec: {hard: {%s}}
"""
RANGE = """apiVersion: v1
kind: LimitRange
metadata: {name: defaults}
spec:
  limits: [{type: Container, default: {cpu: 1, memory: 1Gi}, defaultRequest: {cpu: 500m}}]
"""
SCALER = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 5
  maxReplicas: 9
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=lambda _: None))
    with api_servers.serving() as fake:
        fake.served |= CLASSES
        fake.served["v1"] = fake.served["v1"] + CORE
        fake.objects["/version"] = {"gitVersion": "v1.35.4"}
        config = api_servers.kubeconfig(tmp_path / "kubeconfig", {"dev": fake.url})
        monkeypatch.setenv("KUBECONFIG", str(config))
        yield fake


def with_objects(lab: Lab, *texts: str) -> Lab:
    """A release whose web has these too, guarded by the gate in dev."""
    for number, text in enumerate(texts):
        lab.write(f"charts/web/templates/more{number}.yaml", text)
    if lab.git("status", "--porcelain"):
        lab.commit("more objects")
    lab.cut("1.0.0")
    declare(lab, "dev", {"target": {}})
    return lab


def named(kind: str, name: str, **more: Any) -> dict[str, Any]:
    """A class of the cluster."""
    versions = {
        "StorageClass": "storage.k8s.io/v1",
        "IngressClass": "networking.k8s.io/v1",
        "PriorityClass": "scheduling.k8s.io/v1",
    }
    return {"apiVersion": versions[kind], "kind": kind, "metadata": {"name": name}, **more}


def test_a_cluster_that_has_all(lab: Lab, server: ApiServer) -> None:
    server.put(named("StorageClass", "fast"), named("IngressClass", "alb"))
    with_objects(lab, CLAIM, INGRESS)
    found = gate(lab, "target")
    assert (found["verdict"], found["summary"]) == ("pass", "dev (v1.35.4) can take it")
    lab.ok("deploy", "dev", "--yes")
    assert {one.method for one in server.asked} == {"GET"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (CLAIM, "dev: StorageClass fast is neither there nor comes with it"),
        (INGRESS, "dev: IngressClass alb is neither there nor comes with it"),
        (GADGET, "dev: Gadget of example.com/v1 is not served"),
        (INGRESS.replace("/v1", "/v1beta1"), "Ingress of networking.k8s.io/v1beta1 is not served"),
    ],
)
def test_what_is_not_there(lab: Lab, server: ApiServer, text: str, says: str) -> None:
    with_objects(lab, text)
    found = verdict(lab, "target")
    assert found[0] == "fail"
    assert says in found[1]
    done = lab.relman("deploy", "dev", "--yes")
    assert (done.code, lab.runs()["dev"]) == (1, None)


def test_priority_classes_of_pod_templates(lab: Lab, server: ApiServer) -> None:
    path = "charts/web/templates/all.yaml"
    text = (lab.root / path).read_text()
    lab.write(
        path, text.replace("      containers:", "      priorityClassName: vip\n      containers:")
    )
    with_objects(lab)
    assert "PriorityClass vip" in verdict(lab, "target")[1]
    server.put(named("PriorityClass", "vip"))
    assert verdict(lab, "target")[0] == "pass"


def test_what_comes_with_it(lab: Lab, server: ApiServer) -> None:
    made = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\n"
    server.served["apiextensions.k8s.io/v1"] = [
        ("CustomResourceDefinition", "customresourcedefinitions", False)
    ]
    with_objects(lab, CLAIM, made + "provisioner: x\n", GADGET, DEFINITION)
    assert verdict(lab, "target")[0] == "pass"


def test_a_version_that_a_definition_serves_no_more(lab: Lab, server: ApiServer) -> None:
    server.served["apiextensions.k8s.io/v1"] = [
        ("CustomResourceDefinition", "customresourcedefinitions", False)
    ]
    with_objects(lab, GADGET, DEFINITION.replace("served: true", "served: false"))
    assert "Gadget of example.com/v1 is not served" in verdict(lab, "target")[1]


def asking(lab: Lab, cpu: str, memory: str = "1Gi") -> None:
    """Both services ask for so much; each has two replicas."""
    for name in ("web", "api"):
        path = f"charts/{name}/templates/all.yaml"
        text = (lab.root / path).read_text()
        image = '          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
        assert image in text
        asked = f"          resources: {{requests: {{cpu: {cpu}, memory: {memory}}}}}\n"
        lab.write(path, text.replace(image, image + asked))
    lab.commit("requests")


@pytest.mark.parametrize(
    ("hard", "expected", "says"),
    [
        ("requests.cpu: 2, requests.memory: 4Gi, pods: 4", "pass", ""),
        ("requests.cpu: 1900m", "fail", "the quota most of shop: requests.cpu 2 of 1900m"),
        ("cpu: 1", "fail", "the quota most of shop: cpu 2 of 1"),
        ("memory: 3Gi", "fail", "memory 4Gi of 3Gi"),
        ("pods: 3", "fail", "pods 4 of 3"),
        ("limits.cpu: 100", "fail", "wants limits.cpu from every container; Deployment/"),
        ("count/secrets: 1", "pass", ""),
    ],
)
def test_quotas(lab: Lab, server: ApiServer, hard: str, expected: str, says: str) -> None:
    asking(lab, "500m")
    with_objects(lab, QUOTA % hard)
    found = verdict(lab, "target")
    assert found[0] == expected
    assert says in found[1]


def test_replicas_that_are_left_empty(lab: Lab, server: ApiServer) -> None:
    """As a chart writes them that leaves them to an autoscaler: it is one."""
    for name in ("web", "api"):
        edited(lab, f"charts/{name}/templates/all.yaml", "{{ .Values.replicas }}", "")
    with_objects(lab, QUOTA % "pods: 1")
    assert "pods 2 of 1" in verdict(lab, "target")[1]


def test_what_is_no_quantity_does_not_fit(lab: Lab, server: ApiServer) -> None:
    asking(lab, "a lot")
    with_objects(lab, QUOTA % "requests.cpu: 2")
    found = verdict(lab, "target")
    assert found[0] == "fail"
    assert "wants requests.cpu from every container; Deployment/" in found[1]


def test_a_quota_of_the_cluster(lab: Lab, server: ApiServer) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"pods": "1"}},
             "metadata": {"name": "theirs", "namespace": "shop"}}  # fmt: skip
    server.put(quota)
    with_objects(lab)
    assert "the quota theirs of shop: pods 4 of 1" in verdict(lab, "target")[1]
    server.put(quota | {"spec": {"hard": {"pods": "1"}, "scopes": ["Terminating"]}})
    assert verdict(lab, "target")[0] == "pass"


def test_a_quota_that_the_release_raises(lab: Lab, server: ApiServer) -> None:
    server.put(
        {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"pods": "1"}},
         "metadata": {"name": "most", "namespace": "shop"}}
    )  # fmt: skip
    with_objects(lab, QUOTA % "pods: 4")
    assert verdict(lab, "target")[0] == "pass"


def test_defaults_of_a_limit_range(lab: Lab, server: ApiServer) -> None:
    with_objects(lab, QUOTA % "limits.cpu: 4, requests.cpu: 2, requests.memory: 4Gi", RANGE)
    assert verdict(lab, "target")[0] == "pass"
    lab.write("charts/web/templates/more0.yaml", QUOTA % "limits.cpu: 3")
    lab.commit("less")
    lab.cut("1.1.0")
    assert "limits.cpu 4 of 3" in verdict(lab, "target")[1]


def test_the_least_that_an_autoscaler_keeps(lab: Lab, server: ApiServer) -> None:
    with_objects(lab, QUOTA % "pods: 6", SCALER)
    assert "pods 7 of 6" in verdict(lab, "target")[1]


# -- When it can't be asked -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (status(401), "does not accept the credentials"),
        (status(403, "nodes is forbidden"), "nodes is forbidden"),
        (status(503, "coming up"), "coming up"),
        (Answer(body=b"<html>"), "no API server"),
        (Answer(close=True), "can't be reached"),
    ],
)
def test_an_api_server_that_does_not_say(
    lab: Lab, server: ApiServer, answer: Answer, says: str
) -> None:
    with_objects(lab, CLAIM)
    server.script = lambda _: answer
    found = verdict(lab, "target")
    assert found[0] == "unknown"
    assert says in found[1]
    done = lab.relman("deploy", "dev", "--yes")
    assert (done.code, lab.runs()["dev"]) == (1, None)


def test_one_answer_that_is_missing(lab: Lab, server: ApiServer) -> None:
    """What the rest says is not enough."""
    server.put(named("StorageClass", "fast"))
    with_objects(lab, CLAIM)
    server.script = lambda asked: status(403) if "storageclasses" in asked.path else None
    assert verdict(lab, "target")[0] == "unknown"


def test_an_api_server_that_does_not_answer(
    lab: Lab, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    monkeypatch.setattr(evidence, "SECONDS", 0.5)
    with_objects(lab)
    server.script = lambda _: Answer(wait=never)
    try:
        found = verdict(lab, "target")
    finally:
        never.set()
    assert found[0] == "unknown"
    assert "no answer in" in found[1]


def test_no_context_for_the_cluster(
    lab: Lab, server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = api_servers.kubeconfig(tmp_path / "other", {"elsewhere": server.url})
    monkeypatch.setenv("KUBECONFIG", str(config))
    with_objects(lab)
    found = verdict(lab, "target")
    assert found[0] == "unknown"
    assert "aws eks update-kubeconfig" in found[1]
    clusters = [{"name": "dev", "context": "elsewhere"}]
    declare(lab, "dev", {"target": {}}, clusters=clusters)
    assert verdict(lab, "target")[0] == "pass"


def test_every_cluster_is_asked(
    lab: Lab, server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with api_servers.serving() as second:
        second.served["v1"] = second.served["v1"] + CORE
        servers = {"dev": server.url, "dev-b": second.url}
        monkeypatch.setenv("KUBECONFIG", str(api_servers.kubeconfig(tmp_path / "two", servers)))
        with_objects(lab)
        clusters = [{"name": "dev"}, {"name": "dev-b"}]
        declare(lab, "dev", {"target": {}}, clusters=clusters)
        assert verdict(lab, "target")[0] == "pass"
        del second.served["apps/v1"]
        found = verdict(lab, "target")
    assert found[0] == "fail"
    assert "dev-b: Deployment of apps/v1 is not served" in found[1]
