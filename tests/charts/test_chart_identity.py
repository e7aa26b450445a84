"""Names, labels, selectors and images, and what makes pods roll."""

import re

import pytest

from .objects import SERVICES, Object, Objects, Render, ci_values, merged, setting

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("tag", "digest", "reference"),
    [
        ("1.2.3", "", "example.com/catalog:1.2.3"),
        ("1.2.3", DIGEST, f"example.com/catalog:1.2.3@{DIGEST}"),
        ("", DIGEST, f"example.com/catalog@{DIGEST}"),
    ],
)
def test_image_reference(render: Render, tag: str, digest: str, reference: str) -> None:
    image = {"repository": "example.com/catalog", "tag": tag, "digest": digest}
    assert render("catalog", {"image": image}).container()["image"] == reference


@pytest.mark.parametrize("service", SERVICES)
def test_default_image(render: Render, service: str) -> None:
    image = f"public.ecr.aws/aws-containers/retail-store-sample-{service}:1.6.2"
    assert render(service).container()["image"] == image


@pytest.mark.parametrize(
    ("tag", "label"),
    [("1.2.3", "1.2.3"), ("x" * 80, "x" * 63), ("a" * 62 + "-b", "a" * 62), ("", "a" * 12)],
)
def test_the_version_label_is_always_a_valid_label(render: Render, tag: str, label: str) -> None:
    objects = render("catalog", {"image": {"tag": tag, "digest": DIGEST}})
    labels = objects.workload()["metadata"]["labels"]
    assert labels["app.kubernetes.io/version"] == label
    assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", label)


def test_recommended_labels(render: Render) -> None:
    for item in render("catalog"):
        assert item["metadata"]["labels"] == {
            "helm.sh/chart": "catalog-0.1.0",
            "app.kubernetes.io/name": "catalog",
            "app.kubernetes.io/instance": "shop",
            "app.kubernetes.io/version": "1.6.2",
            "app.kubernetes.io/component": "backend",
            "app.kubernetes.io/part-of": "retail-store",
            "app.kubernetes.io/managed-by": "Helm",
        }
        assert item["metadata"]["namespace"] == "store"


def selectors(objects: Objects) -> list[Object]:
    """Everything by which pods are chosen."""
    return [
        item["spec"].get("selector", item["spec"].get("podSelector"))
        for kind in ("Deployment", "StatefulSet", "Service", "PodDisruptionBudget", "NetworkPolicy")
        for item in objects.of(kind)
    ]


@pytest.mark.parametrize("values", [{}, {"storage": {"enabled": True}}])
def test_selectors_never_change(render: Render, values: Object) -> None:
    """Not with an image, a label, a setting or the chart's version, which they can't contain."""
    stable = {"app.kubernetes.io/name": "catalog", "app.kubernetes.io/instance": "shop"}
    changed = setting(
        {
            "image.tag": "9.9.9",
            "image.digest": DIGEST,
            "podLabels.a": "b",
            "replicaCount": 5,
            "metrics.enabled": True,
        }
    )
    changed["commonLabels"] = {"example.com/team": "y"}
    for objects in (render("catalog", values), render("catalog", merged(values, changed))):
        found = selectors(objects)
        assert all(item in (stable, {"matchLabels": stable}) for item in found), found
        pod_labels = objects.workload()["spec"]["template"]["metadata"]["labels"]
        assert stable.items() <= pod_labels.items()


def test_a_chart_version_alone_restarts_no_pod(render: Render) -> None:
    template = render("catalog").workload()["spec"]["template"]
    assert "helm.sh/chart" not in template["metadata"]["labels"]


def checksums(objects: Objects) -> Object:
    annotations = objects.workload()["spec"]["template"]["metadata"]["annotations"]
    return {key: value for key, value in annotations.items() if key.startswith("checksum/")}


def test_a_changed_setting_or_secret_rolls_the_pods(render: Render) -> None:
    values = ci_values("catalog", "mysql")
    before = checksums(render("catalog", values))
    assert set(before) == {"checksum/config", "checksum/secrets"}
    assert checksums(render("catalog", values)) == before
    config = checksums(render("catalog", merged(values, {"environment": {"LOG": "1"}})))
    assert config["checksum/config"] != before["checksum/config"]
    renamed = setting({"app.persistence.secret.name": "another"})
    secrets = checksums(render("catalog", merged(values, renamed)))
    assert secrets["checksum/secrets"] != before["checksum/secrets"]
    assert secrets["checksum/config"] == before["checksum/config"]


def test_names(render: Render) -> None:
    def name(values: Object, release: str) -> str:
        found: str = render("catalog", values, release).one("Service")["metadata"]["name"]
        return found

    assert name({}, "shop") == "shop-catalog"
    assert name({}, "my-catalog") == "my-catalog"
    assert name({"fullnameOverride": "products"}, "shop") == "products"
    assert name({"nameOverride": "products"}, "shop") == "shop-products"
    # A StatefulSet's pods bear its name, a hyphen and a hash of ten in a label of 63.
    assert name({}, "r" * 53) == "r" * 44 + "-catalog"
    assert len(name({"nameOverride": "n" * 63}, "shop")) == 52
    assert len(name({"fullnameOverride": "n" * 63}, "shop")) == 52
