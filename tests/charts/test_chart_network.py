"""Every edge of the network: the ones that are there, and that there are no others."""

from collections.abc import Iterator
from typing import Any

import pytest

from .objects import SERVICES, Object, Objects, Render, Values, ci_values, merged, setting

AGENT = ("169.254.170.23/32", 80)
ANYWHERE = ("0.0.0.0/0", 443)
DNS = {("kube-system/kube-dns", 53)}
SUBNET = "10.0.64.0/20"

Edge = tuple[str, int]


def peer(item: Object) -> str:
    """A peer in a word: a CIDR, a service, a namespace or a service in a namespace."""
    if "ipBlock" in item:
        return str(item["ipBlock"]["cidr"])
    labels: dict[str, str] = item.get("podSelector", {}).get("matchLabels", {})
    namespace = item.get("namespaceSelector", {}).get("matchLabels", {})
    parts = [*namespace.values(), *labels.values()]
    return "/".join(parts)


def edges(rules: list[Object], side: str) -> set[Edge]:
    return {
        (peer(item), port["port"])
        for rule in rules
        for item in rule[side]
        for port in rule["ports"]
    }


def policy(objects: Objects, name: str = "") -> tuple[set[Edge], set[Edge]]:
    """Who may call, and whom it may call."""
    spec = objects.one("NetworkPolicy", name)["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    return edges(spec["ingress"], "from"), edges(spec["egress"], "to")


def both(render: Render, service: str, values: Values) -> tuple[set[Edge], set[Edge]]:
    return policy(render(service, values))


CALLERS: dict[str, set[Edge]] = {
    "catalog": {("ui", 8080)},
    "cart": {("ui", 8080)},
    "orders": {("ui", 8080), ("checkout", 8080)},
    "checkout": {("ui", 8080)},
    "ui": set(),
}
CALLED: dict[str, set[Edge]] = {
    "checkout": {("orders", 8080)},
    "ui": {("catalog", 8080), ("cart", 8080), ("checkout", 8080), ("orders", 8080)},
}


@pytest.mark.parametrize("service", SERVICES)
def test_in_memory(render: Render, service: str) -> None:
    incoming, outgoing = both(render, service, {})
    assert incoming == CALLERS[service]
    assert outgoing == DNS | CALLED.get(service, set())


def test_every_call_is_admitted_and_every_admission_is_used(render: Render) -> None:
    objects = render("retail")
    names = {"cart": "carts"}
    calls = {
        (service, callee)
        for service in SERVICES
        for callee, port in policy(objects, names.get(service, service))[1]
        if port == 8080
    }
    admitted = {
        (caller, service)
        for service in SERVICES
        for caller, _ in policy(objects, names.get(service, service))[0]
    }
    assert calls == admitted


def test_dns_goes_over_udp_and_tcp(render: Render) -> None:
    (rule, *_) = render("cart").one("NetworkPolicy")["spec"]["egress"]
    assert rule["ports"] == [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]


@pytest.mark.parametrize(
    ("service", "case", "expected"),
    [
        ("catalog", "mysql", {(SUBNET, 3306), ("10.0.80.0/20", 3306)}),
        ("catalog", "search", {(SUBNET, 3306), (SUBNET, 443)}),
        ("cart", "dynamodb", {AGENT, ANYWHERE}),
        ("orders", "postgres-sqs", {(SUBNET, 5432), AGENT, ANYWHERE}),
        ("orders", "rabbitmq", {("broker", 5672)}),
        ("checkout", "redis", {(SUBNET, 6379), ("orders", 8080)}),
        ("ui", "openai", {*CALLED["ui"], ANYWHERE}),
        ("ui", "ingress", {*CALLED["ui"], AGENT, ANYWHERE}),
    ],
)
def test_datastores_and_aws(render: Render, service: str, case: str, expected: set[Edge]) -> None:
    outgoing = both(render, service, ci_values(service, case))[1]
    telemetry = {("observability", 4317), ("observability", 4318)}
    assert outgoing - telemetry == DNS | expected


def test_brokers_elsewhere(render: Render) -> None:
    values = setting(
        {
            "app.messaging.provider": "rabbitmq",
            "app.messaging.rabbitmq.addresses": "amqps://b-1.mq.example.com:5671",
            "app.messaging.rabbitmq.secret.name": "orders-mq-secret",
            "networkPolicy.datastoreCidrs": [SUBNET],
        }
    )
    assert both(render, "orders", values)[1] == DNS | {(SUBNET, 5671)}


def test_the_broker(render: Render) -> None:
    assert both(render, "broker", {}) == ({("orders", 5672)}, DNS)


@pytest.mark.parametrize("service", SERVICES)
def test_a_collector(render: Render, service: str) -> None:
    telemetry = {"endpoint": "http://collector.watch:4318", "namespace": "watch"}
    outgoing = both(render, service, {"openTelemetry": telemetry})[1]
    collector = {("watch", 4317), ("watch", 4318)}
    assert outgoing == DNS | collector | CALLED.get(service, set())


def test_the_broker_needs_no_collector(render: Render) -> None:
    telemetry = {"endpoint": "http://collector.watch:4318", "namespace": "watch"}
    assert both(render, "broker", {"global": {"openTelemetry": telemetry}})[1] == DNS


def test_metrics_are_scraped_from_one_namespace(render: Render) -> None:
    values = {"metrics": {"enabled": True, "namespace": "prometheus"}}
    assert both(render, "ui", values)[0] == {("prometheus", 8080)}


def test_the_load_balancer_by_itself(render: Render) -> None:
    assert both(render, "ui", ci_values("ui", "ingress"))[0] == {("10.0.0.0/20", 8080)}


def test_further_rules(render: Render) -> None:
    rule: dict[str, Any] = {"ports": [{"port": 9000, "protocol": "TCP"}]}
    block = [{"ipBlock": {"cidr": "192.0.2.0/24"}}]
    network = {
        "extraIngress": [{"from": block, **rule}],
        "extraEgress": [{"to": block, **rule}],
    }
    incoming, outgoing = both(render, "cart", {"networkPolicy": network})
    assert incoming == CALLERS["cart"] | {("192.0.2.0/24", 9000)}
    assert outgoing == DNS | {("192.0.2.0/24", 9000)}


def test_narrowed_aws_and_ipv6(render: Render) -> None:
    agents = ["169.254.170.23/32", "fd00:ec2::23/128"]
    network = {"networkPolicy": {"httpsCidrs": ["10.0.0.0/16"], "podIdentityCidrs": agents}}
    outgoing = both(render, "cart", merged(ci_values("cart", "dynamodb"), network))[1]
    assert outgoing == DNS | {AGENT, ("fd00:ec2::23/128", 80), ("10.0.0.0/16", 443)}


@pytest.mark.parametrize("key", ["httpsCidrs", "podIdentityCidrs"])
def test_an_empty_list_opens_nothing(render: Render, key: str) -> None:
    """Kubernetes takes a rule without peers for one that admits everybody."""
    closed = setting({f"networkPolicy.{key}": []})
    values = merged(ci_values("cart", "dynamodb"), closed)
    rules = render("cart", values).one("NetworkPolicy")["spec"]["egress"]
    assert all(rule["to"] for rule in rules)
    left = {"httpsCidrs": AGENT, "podIdentityCidrs": ANYWHERE}[key]
    assert edges(rules, "to") == DNS | {left}


def test_an_environment_says_the_datastores_once(render: Render) -> None:
    objects = render("retail", ci_values("retail", "aws"))
    for name, port in (("catalog", 3306), ("orders", 5432), ("checkout", 6379)):
        outgoing = policy(objects, name)[1]
        assert {(SUBNET, port), ("10.0.80.0/20", port)} <= outgoing
    assert SUBNET not in {cidr for cidr, _ in policy(objects, "ui")[1]}


def test_the_policy_can_be_turned_off(render: Render) -> None:
    assert not render("catalog", {"networkPolicy": {"enabled": False}}).of("NetworkPolicy")


def load_balancer_edges(objects: Objects) -> Iterator[tuple[str, set[Edge]]]:
    for item in objects.of("NetworkPolicy"):
        if item["metadata"]["name"].endswith("-from-load-balancer"):
            name = item["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
            assert item["spec"]["policyTypes"] == ["Ingress"]
            yield name, edges(item["spec"]["ingress"], "from")


def test_the_load_balancer_reaches_what_the_ingress_opens_and_nothing_else(
    render: Render,
) -> None:
    values = ci_values("retail", "aws")
    subnets = {("10.0.0.0/20", 8080), ("10.0.16.0/20", 8080)}
    assert dict(load_balancer_edges(render("retail", values))) == dict.fromkeys(SERVICES, subnets)
    closed = merged(values, setting({"ingress.api.cart": False, "ingress.api.orders": False}))
    assert set(dict(load_balancer_edges(render("retail", closed)))) == {"catalog", "checkout", "ui"}
    assert dict(load_balancer_edges(render("retail"))) == {}


def test_a_service_without_a_policy_is_not_closed_by_the_load_balancers(render: Render) -> None:
    values = merged(ci_values("retail", "aws"), setting({"ui.networkPolicy.enabled": False}))
    assert "ui" not in dict(load_balancer_edges(render("retail", values)))


def test_a_broker_elsewhere_goes_before_the_one_of_the_store(render: Render) -> None:
    values = setting(
        {
            "orders.app.messaging.provider": "rabbitmq",
            "orders.app.messaging.rabbitmq.addresses": "amqps://b-1.mq.example.com:5671",
            "orders.app.messaging.rabbitmq.secret.name": "orders-mq-secret",
            "global.networkPolicy.datastoreCidrs": [SUBNET],
        }
    )
    assert policy(render("retail", values), "orders")[1] == DNS | {(SUBNET, 5671)}
