"""The store as a whole: its wiring, and the load balancer in front of it."""

import json
import re

import pytest

from .objects import SERVICES, Object, Objects, Render, Text, Values, ci_values, merged, setting

PREFIX = "alb.ingress.kubernetes.io/"


def names(objects: Objects, kind: str) -> set[str]:
    return {item["metadata"]["name"] for item in objects.of(kind)}


def test_a_bare_install_runs_the_five_services(render: Render) -> None:
    objects = render("retail")
    services = {"catalog", "carts", "orders", "checkout", "ui"}
    for kind in ("Deployment", "Service", "ServiceAccount", "ConfigMap", "NetworkPolicy"):
        assert names(objects, kind) == services, kind
    assert not objects.of("Ingress")
    assert not objects.of("StatefulSet")


def test_the_endpoints_lead_to_the_services(render: Render) -> None:
    objects = render("retail")
    ui = objects.environment("ui")
    found = {key: value for key, value in ui.items() if key.startswith("RETAIL_UI_ENDPOINTS_")}
    assert found == {
        "RETAIL_UI_ENDPOINTS_CATALOG": "http://catalog",
        "RETAIL_UI_ENDPOINTS_CARTS": "http://carts",
        "RETAIL_UI_ENDPOINTS_CHECKOUT": "http://checkout",
        "RETAIL_UI_ENDPOINTS_ORDERS": "http://orders",
    }
    checkout = objects.environment("checkout")["RETAIL_CHECKOUT_ENDPOINTS_ORDERS"]
    assert checkout == "http://orders"
    services = {f"http://{name}" for name in names(objects, "Service")}
    assert {*found.values(), checkout} <= services


def test_checkout_knows_orders_whatever_its_store(render: Render) -> None:
    for case in ("default", "aws"):
        environment = render("retail", ci_values("retail", case)).environment("checkout")
        assert environment["RETAIL_CHECKOUT_ENDPOINTS_ORDERS"] == "http://orders"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_left_out(render: Render, service: str) -> None:
    name = {"cart": "carts"}.get(service, service)
    assert name not in names(render("retail", {service: {"enabled": False}}), "Deployment")


def test_a_service_can_be_renamed_with_those_who_call_it(render: Render) -> None:
    renamed = setting(
        {
            "orders.nameOverride": "sales",
            "orders.fullnameOverride": "sales-2",
            "ui.app.endpoints.orders": "http://sales-2",
            "checkout.app.endpoints.orders": "http://sales-2",
            "ui.networkPolicy.to": [
                {"name": name, "port": 8080} for name in ("catalog", "cart", "checkout", "sales")
            ],
            "checkout.networkPolicy.to": [{"name": "sales", "port": 8080}],
        }
    )
    assert "sales-2" in names(render("retail", renamed), "Deployment")


def test_global_values_reach_every_service(render: Render) -> None:
    objects = render("retail", ci_values("retail", "aws"))
    for item in objects.of("SecretProviderClass"):
        assert item["spec"]["parameters"]["region"] == "eu-central-1"
    for config in objects.of("ConfigMap"):
        assert (
            config["data"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector.observability:4318"
        )
    assert objects.environment("carts")["AWS_REGION"] == "eu-central-1"
    assert objects.environment("orders")["AWS_REGION"] == "eu-central-1"
    assert "AWS_REGION" not in objects.environment("catalog"), "catalog calls no AWS service"


def test_a_service_can_differ_from_the_global_values(render: Render) -> None:
    own = setting({"cart.aws.region": "us-east-1"})
    objects = render("retail", merged(ci_values("retail", "aws"), own))
    assert objects.environment("carts")["AWS_REGION"] == "us-east-1"


def test_the_broker(render: Render) -> None:
    objects = render("retail", ci_values("retail", "broker"))
    broker = objects.one("StatefulSet", "broker")["spec"]
    assert broker["replicas"] == 1
    assert broker["serviceName"] == "broker-headless"
    assert objects.one("Service", "broker-headless")["spec"]["clusterIP"] == "None"
    (port,) = objects.one("Service", "broker")["spec"]["ports"]
    assert port["port"] == 5672
    orders = objects.environment("orders")
    assert orders["RETAIL_ORDERS_MESSAGING_PROVIDER"] == "rabbitmq"
    assert orders["RETAIL_ORDERS_MESSAGING_RABBITMQ_ADDRESSES"] == "broker:5672"


def annotations(objects: Objects) -> dict[str, str]:
    found: dict[str, str] = objects.one("Ingress")["metadata"]["annotations"]
    return {key.removeprefix(PREFIX): value for key, value in found.items()}


def test_the_load_balancer(render: Render) -> None:
    objects = render("retail", ci_values("retail", "aws"))
    assert objects.one("Ingress")["spec"]["ingressClassName"] == "alb"
    found = annotations(objects)
    assert found["scheme"] == "internet-facing"
    assert found["target-type"] == "ip"
    assert found["group.name"] == "retail"
    assert json.loads(found["listen-ports"]) == [{"HTTP": 80}, {"HTTPS": 443}]
    assert found["ssl-redirect"] == "443"
    assert found["ssl-policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert found["certificate-arn"].startswith("arn:aws:acm:")
    assert found["security-groups"] == "sg-0123456789abcdef0"
    assert found["external-dns.alpha.kubernetes.io/hostname"] == "shop.example.com"
    assert all(isinstance(value, str) for value in found.values())


def test_plain_http_only_where_asked(render: Render) -> None:
    found = annotations(render("retail", ci_values("retail", "broker")))
    assert json.loads(found["listen-ports"]) == [{"HTTP": 80}]
    assert not {"ssl-redirect", "ssl-policy", "certificate-arn"} & set(found)
    assert found["scheme"] == "internal"
    assert "security-groups" not in found, "the controller makes its own"


def paths(objects: Objects) -> dict[str, str]:
    (rule,) = objects.one("Ingress")["spec"]["rules"]
    assert rule["host"] == "shop.example.com"
    found: list[Object] = rule["http"]["paths"]
    assert {item["pathType"] for item in found} == {"Prefix"}
    return {item["path"]: item["backend"]["service"]["name"] for item in found}


def test_every_path_leads_to_a_service_with_a_health_check(render: Render) -> None:
    objects = render("retail", ci_values("retail", "aws"))
    assert paths(objects) == {
        "/api/v1/cart": "carts",
        "/api/v1/catalog": "catalog",
        "/api/v1/checkout": "checkout",
        "/api/v1/orders": "orders",
        "/": "ui",
    }
    for name in paths(objects).values():
        service = objects.one("Service", name)
        assert "http" in [port["name"] for port in service["spec"]["ports"]]
        assert f"{PREFIX}healthcheck-path" in service["metadata"]["annotations"]


@pytest.mark.parametrize("opened", ["catalog", "cart", "orders", "checkout"])
def test_an_environment_opens_one_path(render: Render, opened: str) -> None:
    closed = dict.fromkeys(("catalog", "cart", "orders", "checkout"), False)
    api = {"ingress": {"api": {**closed, opened: True}}}
    objects = render("retail", merged(ci_values("retail", "aws"), api))
    assert list(paths(objects)) == [f"/api/v1/{opened}", "/"]
    transforms = [key for key in annotations(objects) if key.startswith("transforms.")]
    assert transforms == [f"transforms.{paths(objects)[f'/api/v1/{opened}']}"]


def rewritten(objects: Objects, service: str, url: str) -> str:
    """What the load balancer makes of a URL on its way to a service."""
    found = annotations(objects).get(f"transforms.{service}")
    if found is None:
        return url
    (transform,) = json.loads(found)
    assert transform["type"] == "url-rewrite"
    (rewrite,) = transform["urlRewriteConfig"]["rewrites"]
    assert not re.search(r"\(\?|\\[0-9]", rewrite["regex"]), "no lookaround, no back-reference"
    return re.sub(rewrite["regex"], rewrite["replace"].replace("$1", r"\g<1>"), url)


@pytest.mark.parametrize(
    ("service", "url", "expected"),
    [
        ("catalog", "/api/v1/catalog/products", "/catalog/products"),
        ("catalog", "/api/v1/catalog/products?page=2&tags=a", "/catalog/products?page=2&tags=a"),
        ("catalog", "/api/v1/catalog", "/catalog"),
        ("catalog", "/api/v1/catalog/api/v1/catalog", "/catalog/api/v1/catalog"),
        ("carts", "/api/v1/cart/42/items", "/carts/42/items"),
        ("orders", "/api/v1/orders", "/orders"),
        ("checkout", "/api/v1/checkout/42/submit", "/checkout/42/submit"),
        ("ui", "/catalog/1", "/catalog/1"),
        ("ui", "/", "/"),
    ],
)
def test_paths_are_rewritten_to_what_the_service_serves(
    render: Render, service: str, url: str, expected: str
) -> None:
    objects = render("retail", ci_values("retail", "aws"))
    assert rewritten(objects, service, url) == expected


def test_annotations_can_be_added(render: Render) -> None:
    values = merged(
        ci_values("retail", "aws"),
        {"ingress": {"annotations": {f"{PREFIX}wafv2-acl-arn": "arn:aws:wafv2:x"}}},
    )
    assert annotations(render("retail", values))["wafv2-acl-arn"] == "arn:aws:wafv2:x"


def notes(render_text: Text, values: Values) -> str:
    return render_text("retail", values)["retail/templates/NOTES.txt"]


def test_the_notes_say_how_to_reach_it_and_what_is_lost(render_text: Text) -> None:
    bare = notes(render_text, {})
    assert "port-forward service/ui 8080:80" in bare
    assert "WARNING: catalog, cart, orders, checkout keep data in memory" in bare
    real = notes(render_text, ci_values("retail", "aws"))
    assert "https://shop.example.com" in real
    assert "WARNING" not in real
