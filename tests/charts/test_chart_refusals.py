"""What the charts refuse, and that they say why."""

from typing import Any

import pytest

from .objects import SERVICES, Refusal, Render, ci_values, merged, setting
from .refused import CASES, SHARED, UMBRELLA


def assert_refused(refusal: Refusal, chart: str, paths: dict[str, Any], words: list[str]) -> None:
    message = refusal(chart, setting(paths))
    assert all(word in message for word in words), message


@pytest.mark.parametrize(("chart", "good", "spoiled", "words"), CASES)
def test_a_service_refuses(
    render: Render,
    refusal: Refusal,
    chart: str,
    good: dict[str, Any],
    spoiled: dict[str, Any],
    words: list[str],
) -> None:
    assert render(chart, setting(good))
    assert_refused(refusal, chart, {**good, **spoiled}, words)


@pytest.mark.parametrize(("good", "spoiled", "words"), SHARED)
def test_every_service_refuses(
    render: Render,
    refusal: Refusal,
    good: dict[str, Any],
    spoiled: dict[str, Any],
    words: list[str],
) -> None:
    assert render("cart", setting(good))
    assert_refused(refusal, "cart", {**good, **spoiled}, words)


@pytest.mark.parametrize("service", SERVICES)
def test_unknown_keys_are_refused_everywhere(refusal: Refusal, service: str) -> None:
    for path in ("x", "app.x", "image.x", "networkPolicy.x", "probes.startup.x", "storage.x"):
        assert "'x' not allowed" in refusal(service, setting({path: 1}))


@pytest.mark.parametrize(
    ("available", "replicas", "blocks"),
    [
        (2, 3, False),
        (3, 3, True),
        ("50%", 3, False),
        ("67%", 3, True),
        ("50%", 1, True),
        (0, 1, False),
    ],
)
def test_a_budget_that_blocks_every_eviction_is_refused(
    render: Render, refusal: Refusal, available: Any, replicas: int, blocks: bool
) -> None:
    values = setting(
        {
            "podDisruptionBudget.minAvailable": available,
            "podDisruptionBudget.maxUnavailable": "",
            "replicaCount": replicas,
            "autoscaling.enabled": False,
        }
    )
    if blocks:
        assert "would block every eviction" in refusal("catalog", values)
    else:
        assert render("catalog", values).one("PodDisruptionBudget")


@pytest.mark.parametrize(("spoiled", "words"), UMBRELLA)
def test_the_umbrella_refuses(refusal: Refusal, spoiled: dict[str, Any], words: list[str]) -> None:
    message = refusal("retail", merged(ci_values("retail", "aws"), setting(spoiled)))
    assert all(word in message for word in words), message


def test_the_umbrella_refuses_a_broker_by_another_name(render: Render, refusal: Refusal) -> None:
    case = ci_values("retail", "broker")
    renamed = setting({"broker.fullnameOverride": "mq"})
    assert "is broker, and the broker is mq and broker" in refusal("retail", merged(case, renamed))
    whole = setting(
        {
            "broker.fullnameOverride": "mq",
            "broker.nameOverride": "mq",
            "orders.app.messaging.rabbitmq.service": "mq",
        }
    )
    assert render("retail", merged(case, whole)).one("StatefulSet", "mq")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("storageClass.encrypted", False),
        ("storageClass.iops", 100),
        ("namespace.podSecurity.level", "none"),
        ("ingressClass.sslPolicy", "ELBSecurityPolicy-2016-08"),
        ("priorityClasses.classes", {"system-store": {"value": 1, "description": ""}}),
        ("resourceQuota.hard", {"pods": 10}),
        ("resourceQuota.hard", {"requests.memory": "10 GB"}),
        ("limitRange.max", {"memory": "2GiB"}),
        ("storageClass.kmsKeyId", "my key"),
        ("namespace.labels", {"pod-security.kubernetes.io/enforce": "privileged"}),
        ("namespace.labels", {"team": "the store"}),
    ],
)
def test_the_platform_refuses(refusal: Refusal, path: str, value: Any) -> None:
    assert path.rsplit(".", maxsplit=1)[-1] in refusal("platform", setting({path: value}))


@pytest.mark.parametrize("chart", [*SERVICES, "broker", "platform"])
def test_a_chart_can_be_a_dependency(render: Render, chart: str) -> None:
    """Helm hands `global` to every dependency, and an umbrella's condition adds `enabled`."""
    assert render(chart, {"enabled": True, "global": {"anything": {"goes": 1}}})
