"""What every cluster gets from us."""

from .objects import SERVICES, Object, Render, assert_outlives_its_release, ci_values, setting

SIZES = {"Mi": 1, "Gi": 1024}


def test_storage_class(render: Render) -> None:
    found = render("platform").one("StorageClass")
    assert found["metadata"]["name"] == "gp3-ebs"
    assert found["metadata"]["annotations"] == {
        "storageclass.kubernetes.io/is-default-class": "true"
    }
    assert found["provisioner"] == "ebs.csi.aws.com"
    assert found["parameters"] == {
        "type": "gp3",
        "iops": "3000",
        "throughput": "125",
        "encrypted": "true",
    }
    assert found["volumeBindingMode"] == "WaitForFirstConsumer"
    assert found["allowVolumeExpansion"] is True
    strict = render("platform", ci_values("platform", "strict")).one("StorageClass")
    assert strict["parameters"]["kmsKeyId"].startswith("arn:aws:kms:")


def test_ingress_class_names_its_parameters(render: Render) -> None:
    objects = render("platform")
    found = objects.one("IngressClass")
    assert found["spec"]["controller"] == "ingress.k8s.aws/alb"
    parameters = objects.one("IngressClassParams")
    assert parameters["apiVersion"] == "elbv2.k8s.aws/v1beta1"
    assert found["spec"]["parameters"] == {
        "apiGroup": "elbv2.k8s.aws",
        "kind": "IngressClassParams",
        "name": parameters["metadata"]["name"],
    }
    assert "scheme" not in parameters["spec"], "each Ingress says its own"


def test_everything_of_the_ingress_class_can_be_set(render: Render) -> None:
    spec = render("platform", ci_values("platform", "strict")).one("IngressClassParams")["spec"]
    assert spec["scheme"] == "internal"
    assert spec["tags"] == [{"key": "environment", "value": "staging"}]
    labels = {"kubernetes.io/metadata.name": "retail-staging"}
    assert spec["namespaceSelector"] == {"matchLabels": labels}


def test_namespace_is_restricted_and_kept(render: Render) -> None:
    metadata = render("platform").one("Namespace")["metadata"]
    for mode in ("enforce", "audit", "warn"):
        assert metadata["labels"][f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert metadata["labels"][f"pod-security.kubernetes.io/{mode}-version"] == "latest"
    assert_outlives_its_release({"metadata": metadata})


def test_everything_is_denied_first(render: Render) -> None:
    spec = render("platform").one("NetworkPolicy")["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_defaults_are_in_the_namespace(render: Render) -> None:
    objects = render("platform", ci_values("platform", "strict"))
    assert objects.one("Namespace")["metadata"]["name"] == "retail-staging"
    for kind in ("NetworkPolicy", "ResourceQuota", "LimitRange"):
        assert objects.one(kind)["metadata"]["namespace"] == "retail-staging"


def amount(text: str) -> float:
    if text[-1:] == "m":
        return int(text[:-1]) / 1000
    return float(text[:-2]) * SIZES[text[-2:]] if text[-2:] in SIZES else float(text)


def largest(objects: list[Object], kind: str, resource: str) -> float:
    """What a service takes at its most replicas, with one more during a rollout."""
    (scaler,) = [item for item in objects if item["kind"] == "HorizontalPodAutoscaler"]
    (workload,) = [item for item in objects if item["kind"] == "Deployment"]
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    replicas: int = scaler["spec"]["maxReplicas"] + 1
    return replicas * amount(container["resources"][kind][resource])


def test_the_quota_holds_the_store_at_its_most(render: Render) -> None:
    hard = render("platform").one("ResourceQuota")["spec"]["hard"]
    services = [render(service) for service in SERVICES]
    for kind in ("requests", "limits"):
        for resource in ("cpu", "memory"):
            most = sum(largest(objects, kind, resource) for objects in services)
            assert most <= amount(hard[f"{kind}.{resource}"]), (kind, resource)


def test_every_part_can_be_turned_off(render: Render) -> None:
    off = {
        "storageClass.enabled": False,
        "ingressClass.enabled": False,
        "priorityClasses.enabled": False,
        "namespace.enabled": False,
    }
    assert render("platform", setting(off)) == []
    kinds = {item["kind"] for item in render("platform")}
    for path, gone in (
        ("networkPolicy.defaultDeny", {"NetworkPolicy"}),
        ("resourceQuota.enabled", {"ResourceQuota"}),
        ("limitRange.enabled", {"LimitRange"}),
        ("ingressClass.enabled", {"IngressClass", "IngressClassParams"}),
    ):
        assert {item["kind"] for item in render("platform", setting({path: False}))} == kinds - gone


def test_priority_classes(render: Render) -> None:
    classes = render("platform").of("PriorityClass")
    assert {item["metadata"]["name"]: item["value"] for item in classes} == {
        "retail-critical": 100000,
        "retail-default": 10000,
    }
    assert not any(item["globalDefault"] for item in classes)
