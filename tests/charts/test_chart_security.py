"""Pod Security "restricted", rule by rule, and that no secret is in what is rendered."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from .objects import Object, Objects, Render, Values, ci_values, merged, setting

# https://kubernetes.io/docs/concepts/security/pod-security-standards/
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"}


def violations(pod: Object) -> Iterator[str]:
    """What the API server would refuse in a namespace that enforces restricted."""
    yield from (key for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key))
    for volume in pod.get("volumes", []):
        yield from (f"volume {kind}" for kind in volume.keys() - {"name"} - VOLUMES)
    shared = pod.get("securityContext", {})
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        context = {**shared, **container.get("securityContext", {})}
        yield from container_violations(container, context)


def container_violations(container: Object, context: Object) -> Iterator[str]:
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if context.get("runAsNonRoot") is not True or context.get("runAsUser") == 0:
        yield "runs as root"
    if context.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile"
    if context.get("capabilities") != {"drop": ["ALL"]}:
        yield "capabilities"
    if context.get("privileged") or any("hostPort" in port for port in container.get("ports", [])):
        yield "privileged or hostPort"


def test_pods_are_restricted(render: Render, ci_case: tuple[str, Values]) -> None:
    chart, values = ci_case
    for workload in render(chart, values).workloads():
        assert list(violations(workload["spec"]["template"]["spec"])) == []


def test_a_large_user_id_is_written_as_a_whole_number(render: Render) -> None:
    context = render("cart", {"runAsUser": 1000650000}).pod()["securityContext"]
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        assert repr(context[key]) == "1000650000"


def test_the_check_would_find_a_violation(render: Render) -> None:
    pod = render("catalog").pod()
    pod["hostNetwork"] = True
    pod["volumes"].append({"name": "host", "hostPath": {"path": "/"}})
    pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    assert list(violations(pod)) == ["hostNetwork", "volume hostPath", "allowPrivilegeEscalation"]


def test_the_root_filesystem_is_read_only_but_for_tmp(
    render: Render, ci_case: tuple[str, Values]
) -> None:
    chart, values = ci_case
    for workload in render(chart, values).workloads():
        pod = workload["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]
        assert pod["enableServiceLinks"] is False


def test_tokens_are_mounted_only_where_asked(render: Render, ci_case: tuple[str, Values]) -> None:
    chart, values = ci_case
    objects = render(chart, values)
    for account in objects.of("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False
    for workload in objects.workloads():
        assert workload["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


def test_a_token_can_be_asked_for(render: Render) -> None:
    pod = render("ui", {"serviceAccount": {"automountToken": True}}).pod()
    assert pod["automountServiceAccountToken"] is True


def test_the_account_can_be_one_that_exists(render: Render) -> None:
    objects = render("cart", {"serviceAccount": {"create": False, "name": "carts"}})
    assert not objects.of("ServiceAccount")
    assert objects.pod()["serviceAccountName"] == "carts"


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item)


def test_no_secret_in_any_object(render: Render, ci_case: tuple[str, Values]) -> None:
    chart, values = ci_case
    objects = render(chart, values)
    assert not objects.of("Secret")
    assert {"secretKeyRef", "secretRef", "secretObjects"}.isdisjoint(keys(objects))
    for workload in objects.workloads():
        pod = workload["spec"]["template"]["spec"]
        assert not [volume for volume in pod["volumes"] if "secret" in volume]
        for container in pod["containers"]:
            assert all("value" not in variable for variable in container.get("env", []))


def test_settings_are_strings_and_hold_no_secret(
    render: Render, ci_case: tuple[str, Values]
) -> None:
    chart, values = ci_case
    for config in render(chart, values).of("ConfigMap"):
        assert all(isinstance(value, str) for value in config["data"].values())
        words = ("PASSWORD", "_TOKEN", "API_KEY", "REDIS_URL", "USERNAME", "_USER")
        assert not [key for key in config["data"] if key.endswith(words)]


def test_nothing_that_breaks_carts(render: Render, ci_case: tuple[str, Values]) -> None:
    chart, values = ci_case
    for config in render(chart, values).of("ConfigMap"):
        assert "RETAIL_CART_PERSISTENCE_DYNAMODB_ENDPOINT" not in config["data"]
        assert "RETAIL_CART_PERSISTENCE_DYNAMODB_CREATE_TABLE" not in config["data"]


def entries(objects: Objects, name: str = "") -> dict[str, Object]:
    parameters = objects.one("SecretProviderClass", name)["spec"]["parameters"]
    return {entry["objectAlias"]: entry for entry in yaml.safe_load(parameters["objects"])}


def test_secrets_come_from_secrets_manager(render: Render) -> None:
    values = merged(ci_values("catalog", "search"), setting({"aws.region": "eu-central-1"}))
    objects = render("catalog", values)
    spec = objects.one("SecretProviderClass")["spec"]
    assert spec["provider"] == "aws"
    assert spec["parameters"]["usePodIdentity"] == "true"
    assert spec["parameters"]["region"] == "eu-central-1"
    found = entries(objects)
    assert found["database.json"]["objectName"] == "catalog-db-secret"
    assert found["search.json"]["objectName"].startswith("arn:aws:secretsmanager:")
    assert {entry["objectType"] for entry in found.values()} == {"secretsmanager"}
    assert {item["objectAlias"]: item["path"] for item in found["database.json"]["jmesPath"]} == {
        # A key that is no identifier must be quoted for JMESPath.
        "RETAIL_CATALOG_PERSISTENCE_USER": '"user-name"',
        "RETAIL_CATALOG_PERSISTENCE_PASSWORD": "password",
    }


def test_without_a_region_the_provider_finds_it(render: Render) -> None:
    objects = render("checkout", ci_values("checkout", "redis"))
    assert "region" not in objects.one("SecretProviderClass")["spec"]["parameters"]


@pytest.mark.parametrize(
    ("service", "case", "variables"),
    [
        ("catalog", "mysql", ["CATALOG_PERSISTENCE_PASSWORD", "CATALOG_PERSISTENCE_USER"]),
        (
            "orders",
            "postgres-sqs",
            ["ORDERS_PERSISTENCE_PASSWORD", "ORDERS_PERSISTENCE_USERNAME"],
        ),
        (
            "orders",
            "rabbitmq",
            ["ORDERS_MESSAGING_RABBITMQ_PASSWORD", "ORDERS_MESSAGING_RABBITMQ_USERNAME"],
        ),
        ("checkout", "redis", ["CHECKOUT_PERSISTENCE_REDIS_URL"]),
        ("ui", "openai", ["UI_CHAT_OPENAI_API_KEY"]),
    ],
)
def test_the_container_reads_what_is_mounted(
    render: Render, service: str, case: str, variables: list[str]
) -> None:
    objects = render(service, ci_values(service, case))
    container, pod = objects.container(), objects.pod()
    arguments = container["args"]
    assert arguments[0] == "/mnt/secrets"
    read = arguments[1 : arguments.index("--")]
    assert read == [f"RETAIL_{variable}" for variable in variables]
    mounted = [
        item["objectAlias"] for entry in entries(objects).values() for item in entry["jmesPath"]
    ]
    assert sorted(mounted) == sorted(read)
    mount = {"name": "secrets", "mountPath": "/mnt/secrets", "readOnly": True}
    assert mount in container["volumeMounts"]
    (volume,) = [volume for volume in pod["volumes"] if "csi" in volume]
    assert volume["csi"]["driver"] == "secrets-store.csi.k8s.io"
    assert volume["csi"]["volumeAttributes"] == {
        "secretProviderClass": objects.one("SecretProviderClass")["metadata"]["name"]
    }


@pytest.mark.parametrize("service", ["catalog", "cart", "orders", "checkout", "ui"])
def test_a_service_in_memory_has_no_secrets(render: Render, service: str) -> None:
    objects = render(service)
    assert not objects.of("SecretProviderClass")
    assert not [volume for volume in objects.pod()["volumes"] if "csi" in volume]
