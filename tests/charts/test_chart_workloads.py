"""What runs, and how it starts, stops, scales and spreads."""

import pytest

from .objects import SERVICES, Render, ci_values

JAVA = ["sh", "-c", "exec java $JAVA_OPTS -jar /app/app.jar"]


@pytest.mark.parametrize(
    ("service", "fewest", "most"),
    [("catalog", 3, 10), ("cart", 3, 10), ("orders", 2, 8), ("checkout", 2, 8), ("ui", 3, 12)],
)
def test_replicas(render: Render, service: str, fewest: int, most: int) -> None:
    objects = render(service)
    scaler = objects.one("HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (fewest, most)
    assert "replicas" not in objects.workload()["spec"], "the autoscaler's are left alone"
    fixed = render(service, {"autoscaling": {"enabled": False}})
    assert fixed.workload()["spec"]["replicas"] == fewest
    assert not fixed.of("HorizontalPodAutoscaler")


def test_the_autoscaler_watches_cpu_and_memory_and_scales_down_slowly(render: Render) -> None:
    spec = render("catalog").one("HorizontalPodAutoscaler")["spec"]
    assert [metric["resource"]["name"] for metric in spec["metrics"]] == ["cpu", "memory"]
    down = spec["behavior"]["scaleDown"]
    assert down["stabilizationWindowSeconds"] == 300
    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]


def test_the_rollout_never_goes_below_its_replicas(render: Render) -> None:
    strategy = render("catalog").workload()["spec"]["strategy"]
    assert strategy == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }


@pytest.mark.parametrize("service", SERVICES)
def test_probes(render: Render, service: str) -> None:
    java = service in ("cart", "orders", "ui")
    health = "/actuator/health/" if java else "/health"
    container = render(service).container()
    paths = {
        probe: container[f"{probe}Probe"]["httpGet"]["path"]
        for probe in ("startup", "readiness", "liveness")
    }
    live = health + "liveness" * java
    assert paths == {"startup": live, "readiness": health + "readiness" * java, "liveness": live}
    startup = container["startupProbe"]
    # catalog alone tries its database for 30 seconds before it gives up.
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 60
    assert {container[f"{probe}Probe"]["httpGet"]["port"] for probe in paths} == {"http"}


def test_the_load_balancer_drains_before_the_app_stops(render: Render) -> None:
    objects = render("ui")
    pause = objects.container()["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert 0 < pause < objects.pod()["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_load_balancer_checks_what_the_readiness_probe_checks(
    render: Render, service: str
) -> None:
    objects = render(service)
    annotations = objects.one("Service")["metadata"]["annotations"]
    path = objects.container()["readinessProbe"]["httpGet"]["path"]
    assert annotations["alb.ingress.kubernetes.io/healthcheck-path"] == path


def test_pods_spread_over_zones_and_hosts(render: Render) -> None:
    constraints = render("catalog").pod()["topologySpreadConstraints"]
    assert [item["topologyKey"] for item in constraints] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    off = render("catalog", {"topologySpread": {"enabled": False}})
    assert "topologySpreadConstraints" not in off.pod()


@pytest.mark.parametrize("service", SERVICES)
def test_resources(render: Render, service: str) -> None:
    memory = "512Mi" if service in ("cart", "orders", "ui") else "256Mi"
    assert render(service).container()["resources"] == {
        "requests": {"cpu": "100m", "memory": memory},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }


@pytest.mark.parametrize("service", SERVICES)
def test_the_budget_says_one_thing_and_leaves_room(render: Render, service: str) -> None:
    budget = render(service).one("PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget
    values = {"podDisruptionBudget": {"minAvailable": "50%", "maxUnavailable": ""}}
    budget = render(service, values).one("PodDisruptionBudget")["spec"]
    assert budget["minAvailable"] == "50%"
    assert "maxUnavailable" not in budget


@pytest.mark.parametrize(
    ("service", "case", "entry"),
    [
        ("catalog", "mysql", ["/app/main"]),
        ("checkout", "redis", ["node", "dist/main.js"]),
        ("orders", "postgres-sqs", JAVA),
        ("ui", "openai", JAVA),
        ("broker", "default", ["docker-entrypoint.sh", "rabbitmq-server"]),
    ],
)
def test_entry_points(render: Render, service: str, case: str, entry: list[str]) -> None:
    arguments = render(service, ci_values(service, case)).container()["args"]
    assert arguments[arguments.index("--") + 1 :] == entry


@pytest.mark.parametrize("service", SERVICES)
def test_without_secrets_the_image_starts_by_itself(render: Render, service: str) -> None:
    container = render(service).container()
    assert "command" not in container
    assert "args" not in container
