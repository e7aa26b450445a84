"""What a service can have beside its pods: storage, metrics, telemetry, an ingress."""

from .objects import SERVICES, Object, Objects, Render, assert_outlives_its_release, ci_values


def test_storage_for_several_replicas_is_a_claim_for_each(render: Render) -> None:
    objects = render("catalog", {"storage": {"enabled": True}})
    workload = objects.one("StatefulSet")
    (claim,) = workload["spec"]["volumeClaimTemplates"]
    assert claim["metadata"]["name"] == "catalog-cache"
    assert claim["spec"]["resources"]["requests"]["storage"] == "10Gi"
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert not objects.of("PersistentVolumeClaim")
    assert objects.one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["kind"] == "StatefulSet"
    headless = objects.one("Service", workload["spec"]["serviceName"])
    assert headless["spec"]["clusterIP"] == "None"
    mounts = {item["name"]: item["mountPath"] for item in objects.container()["volumeMounts"]}
    assert mounts["catalog-cache"] == "/var/cache/catalog"


def test_storage_for_one_replica_may_be_one_claim(render: Render) -> None:
    objects = render("orders", ci_values("orders", "storage"))
    claim = objects.one("PersistentVolumeClaim")
    assert claim["metadata"]["name"] == "orders-data"
    assert claim["spec"]["resources"]["requests"]["storage"] == "20Gi"
    assert_outlives_its_release(claim)
    deployment = objects.one("Deployment")["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    assert {"claimName": "orders-data"} in [
        volume.get("persistentVolumeClaim") for volume in objects.pod()["volumes"]
    ]


def test_metrics(render: Render) -> None:
    def annotations(objects: Objects) -> Object:
        found: Object = objects.workload()["spec"]["template"]["metadata"]["annotations"]
        return {key: value for key, value in found.items() if key.startswith("prometheus.io/")}

    assert annotations(render("cart")) == {}
    assert annotations(render("cart", {"metrics": {"enabled": True}})) == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8080",
        "prometheus.io/path": "/actuator/prometheus",
    }
    monitored = render("catalog", {"metrics": {"enabled": True, "type": "serviceMonitor"}})
    assert annotations(monitored) == {}
    (endpoint,) = monitored.one("ServiceMonitor")["spec"]["endpoints"]
    assert endpoint == {"port": "http", "path": "/metrics", "interval": "30s"}


def test_telemetry_is_off_without_a_collector(render: Render) -> None:
    for service in SERVICES:
        environment = render(service).environment()
        assert environment["OTEL_SDK_DISABLED"] == "true"
        assert "OTEL_SERVICE_NAME" not in environment, "its presence starts catalog's tracing"


def test_telemetry_is_on_with_a_collector(render: Render) -> None:
    telemetry = {"endpoint": "http://collector.observability:4318", "namespace": "observability"}
    environment = render("checkout", {"openTelemetry": telemetry}).environment()
    assert environment["OTEL_SDK_DISABLED"] == "false"
    assert environment["OTEL_SERVICE_NAME"] == "shop-checkout"
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == telemetry["endpoint"]
    assert environment["OTEL_EXPORTER_OTLP_PROTOCOL"] == "http/protobuf"


def test_a_service_can_have_its_own_ingress(render: Render) -> None:
    ingress = render("ui", ci_values("ui", "ingress")).one("Ingress")["spec"]
    assert ingress["ingressClassName"] == "alb"
    (rule,) = ingress["rules"]
    assert rule["host"] == "shop.example.com"
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == "shop-ui"


def test_datastores_get_names_in_the_cluster(render: Render) -> None:
    service = render("catalog", ci_values("catalog", "mysql")).one("Service", "catalog-db")
    assert service["spec"] == {
        "type": "ExternalName",
        "externalName": "catalog.abcdefgh.eu-central-1.rds.amazonaws.com",
    }
