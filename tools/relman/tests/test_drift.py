"""`relman drift`: clusters against git, by what the API server says of both sides."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from relman.adapters import api_server as adapter

from . import api_servers
from .api_servers import ApiServer, Asked, status
from .lab import Lab

TRACKING = "argocd.argoproj.io/tracking-id"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
SECRET = """apiVersion: v1
kind: Secret
metadata:
  name: web
stringData:
  password: {{ .Values.password | quote }}
  color: green
"""
SCALER = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  maxReplicas: 4
"""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=lambda _: None))


@pytest.fixture
def server(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """The cluster dev, which has what git has."""
    with api_servers.serving() as fake:
        kubeconfig = api_servers.kubeconfig(tmp_path / "kubeconfig", {"dev": fake.url})
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        fake.admit = _defaulted
        lab.cut("1.0.0")
        lab.ok("deploy", "dev", "1.0.0", "--yes")
        deliver(fake, lab)
        yield fake


def _defaulted(manifest: dict[str, Any]) -> None:
    if manifest["kind"] == "Deployment":
        manifest["spec"].setdefault("revisionHistoryLimit", 10)


def deliver(fake: ApiServer, lab: Lab, environment: str = "dev") -> None:
    """Everything that git has is there, as Argo CD applies it."""
    rendered = lab.ok("render", environment, "-o", "json").json
    for application in rendered:
        name = f"{application['cluster']}-{application['component']}"
        for manifest in yaml.safe_load_all(application["text"]):
            # An API server keeps no nulls.
            live = {key: value for key, value in manifest.items() if value is not None}
            live["metadata"]["namespace"] = "shop"
            live["metadata"] |= {"uid": "7", "resourceVersion": "9", "generation": 3}
            _defaulted(live)
            live["metadata"]["annotations"] = {TRACKING: mark(name, live)}
            live["status"] = {"observedGeneration": 3}
            if live["kind"] == "Secret":
                live = fake_secret(live)
            fake.put(live)


def fake_secret(live: dict[str, Any]) -> dict[str, Any]:
    import base64

    text = live.pop("stringData")
    return live | {"data": {k: base64.b64encode(v.encode()).decode() for k, v in text.items()}}


def mark(application: str, live: dict[str, Any]) -> str:
    """What Argo CD writes on what it applies."""
    group = live["apiVersion"].rpartition("/")[0]
    metadata = live["metadata"]
    return f"{application}:{group}/{live['kind']}:{metadata['namespace']}/{metadata['name']}"


def drift(lab: Lab, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = lab.relman("drift", "dev", *arguments, "-o", "json")
    assert done.code == code, done.err
    found: dict[str, Any] = done.json
    return found


def objects(lab: Lab, *arguments: str) -> dict[str, dict[str, Any]]:
    """What differs, by kind and name."""
    found = drift(lab, *arguments)["applications"]
    every = [one for application in found for one in application["objects"]]
    return {f"{one['object']['kind']}/{one['object']['name']}": one for one in every}


def changes(one: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {field["path"]: (field["before"], field["after"]) for field in one["fields"]}


def test_nothing_differs(server: ApiServer, lab: Lab) -> None:
    """Not the defaults either, nor status, nor what the server writes."""
    before = copy.deepcopy(server.objects)
    found = drift(lab, "--exit-code")
    assert [one["compared"] for one in found["applications"]] == [4]
    assert [one["objects"] for one in found["applications"]] == [[]]
    assert server.objects == before
    assert {one.query["fieldManager"] for one in server.said("PATCH")} == {"argocd-controller"}
    assert all(one.dry for one in server.said("PATCH"))


def test_a_field_that_was_edited(server: ApiServer, lab: Lab) -> None:
    server.objects[WEB]["spec"]["replicas"] = 9
    (container,) = server.objects[WEB]["spec"]["template"]["spec"]["containers"]
    image, container["image"] = container["image"], "evil:1"
    found = objects(lab)
    assert set(found) == {"Deployment/web"}
    assert found["Deployment/web"]["by"] == "server"
    assert changes(found["Deployment/web"]) == {
        "spec.replicas": (2, 9),
        "spec.template.spec.containers[web].image": (image, "evil:1"),
    }
    text = lab.relman("drift", "dev", "--exit-code")
    assert text.code == 5
    assert "~ Deployment/shop/web  [dev]\n    spec.replicas: 2 -> 9" in text.out
    assert "dev-shop: 4 objects compared, 1 differ" in text.out


def test_missing_and_extra(server: ApiServer, lab: Lab) -> None:
    gone = server.objects.pop("/api/v1/namespaces/shop/configmaps/web")
    gone["metadata"] |= {"name": "old"}
    gone["metadata"]["annotations"] = {TRACKING: mark("dev-shop", gone)}
    server.put(gone)
    found = objects(lab)
    assert {name: one["state"] for name, one in found.items()} == {
        "ConfigMap/web": "missing",
        "ConfigMap/old": "extra",
    }


def test_what_is_no_extra(server: ApiServer, lab: Lab) -> None:
    """A copy of the mark on something else, another environment's, one that is to stay."""
    template = server.objects["/api/v1/namespaces/shop/configmaps/web"]
    marks = {
        "copied": "dev-shop:apps/Deployment:shop/web",
        "other": "prod-shop:/ConfigMap:shop/other",
        "stays": "dev-shop:/ConfigMap:shop/stays",
        "owned": "dev-shop:/ConfigMap:shop/owned",
        "odd": "dev-shop",
    }
    for name, value in marks.items():
        one = copy.deepcopy(template)
        one["metadata"] |= {"name": name, "annotations": {TRACKING: value}}
        server.put(one)
    root = "/api/v1/namespaces/shop/configmaps"
    server.objects[f"{root}/stays"]["metadata"]["annotations"] |= {
        "argocd.argoproj.io/sync-options": "Prune=false"
    }
    server.objects[f"{root}/owned"]["metadata"]["ownerReferences"] = [{"name": "x"}]
    assert objects(lab) == {}


def test_an_application_that_git_has_no_more(server: ApiServer, lab: Lab) -> None:
    lab.write(
        "releases/components/extra.yaml",
        "apiVersion: relman/v1\nkind: Component\n"
        "chart: charts/web\nnamespace: shop\nenabled: false\n",
    )
    lab.commit()
    one = copy.deepcopy(server.objects["/api/v1/namespaces/shop/configmaps/web"])
    one["metadata"] |= {"name": "left"}
    one["metadata"]["annotations"] = {TRACKING: mark("dev-extra", one)}
    server.put(one)
    found = drift(lab)["applications"]
    assert {one["application"]: len(one["objects"]) for one in found} == {
        "dev-shop": 0,
        "dev-extra": 1,
    }


def _again(lab: Lab, server: ApiServer, path: str, text: str) -> None:
    lab.write(path, text)
    lab.commit()
    lab.cut("1.1.0")
    lab.ok("deploy", "dev", "1.1.0", "--yes")
    deliver(server, lab)


def test_replicas_under_an_autoscaler(server: ApiServer, lab: Lab) -> None:
    _again(lab, server, "charts/web/templates/scaler.yaml", SCALER)
    server.objects[WEB]["spec"]["replicas"] = 4
    api = WEB.replace("/web", "/api")
    server.objects[api]["spec"]["replicas"] = 4
    assert set(objects(lab)) == {"Deployment/api"}


def test_what_argo_is_told_to_ignore(server: ApiServer, lab: Lab) -> None:
    ignored = (
        "    ignoreDifferences:\n"
        "      - {group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}\n"
    )
    text = lab.read("releases/relman.yaml").replace(
        "    chart: charts/shop\n", f"    chart: charts/shop\n{ignored}"
    )
    _again(lab, server, "releases/relman.yaml", text)
    server.objects[WEB]["spec"]["replicas"] = 4
    assert objects(lab) == {}


def test_a_secret_is_hidden(server: ApiServer, lab: Lab) -> None:
    lab.write(
        "charts/web/values.yaml", lab.read("charts/web/values.yaml") + "\npassword: hunter2\n"
    )
    _again(lab, server, "charts/web/templates/secret.yaml", SECRET)
    secret = "/api/v1/namespaces/shop/secrets/web"
    server.script = lambda asked: _refuses_dry_run(asked, "secrets")
    assert objects(lab) == {}
    server.objects[secret]["data"]["password"] = "c29tZXRoaW5n"
    done = lab.ok("drift", "dev", "-o", "json")
    assert changes(objects(lab)["Secret/web"]) == {
        "data.password": ("(hidden)", "(hidden)"),
    }
    assert "hunter2" not in done.out
    assert "c29tZXRoaW5n" not in done.out


def _refuses_dry_run(asked: Asked, part: str = "") -> api_servers.Answer | None:
    if asked.method == "PATCH" and part in asked.path:
        return status(400, "admission webhook x does not support dry run")
    return None


def test_where_a_dry_run_is_refused_only_gits_fields_count(server: ApiServer, lab: Lab) -> None:
    server.script = _refuses_dry_run
    live = server.objects[WEB]["spec"]
    live["template"]["spec"]["containers"][0]["imagePullPolicy"] = "Always"
    assert objects(lab) == {}
    live["replicas"] = 3
    live["template"]["spec"]["containers"][0]["image"] = "evil:1"
    (one,) = objects(lab).values()
    assert one["by"] == "fields"
    assert "does not support dry run" in one["note"]
    assert set(changes(one)) == {"spec.replicas", "spec.template.spec.containers[web].image"}


def test_without_the_right_to_apply_gits_fields_still_count(server: ApiServer, lab: Lab) -> None:
    server.script = lambda asked: status(403, "no patch") if asked.method == "PATCH" else None
    server.objects[WEB]["spec"]["replicas"] = 3
    (one,) = objects(lab).values()
    assert (one["by"], changes(one)) == ("fields", {"spec.replicas": (2, 3)})


def test_a_kind_that_the_cluster_does_not_have(server: ApiServer, lab: Lab) -> None:
    del server.served["apps/v1"]
    found = objects(lab)
    assert found["Deployment/web"]["state"] == "missing"
    assert "has no Deployment of apps/v1" in found["Deployment/web"]["note"]


def test_kinds_that_may_not_be_listed_are_left_out(server: ApiServer, lab: Lab) -> None:
    server.script = lambda asked: status(403) if asked.path == "/api/v1/secrets" else None
    assert objects(lab) == {}


def test_a_group_whose_own_server_is_away_is_left_out(server: ApiServer, lab: Lab) -> None:
    server.served["metrics.k8s.io/v1"] = []
    server.script = lambda asked: status(503) if "metrics" in asked.path else None
    assert objects(lab) == {}


def test_secrets_are_not_read_where_only_their_names_count(server: ApiServer, lab: Lab) -> None:
    drift(lab)
    (listed,) = [one for one in server.said("GET") if one.path == "/api/v1/secrets"]
    assert "PartialObjectMetadataList" in listed.headers["Accept"]


def _second(lab: Lab, tmp_path: Path, servers: dict[str, str]) -> None:
    api_servers.kubeconfig(tmp_path / "kubeconfig", servers)
    text = lab.read("releases/environments/dev.yaml")
    lab.write(
        "releases/environments/dev.yaml",
        text.replace("  - name: dev", "  - name: dev\n  - name: far\n    context: far-away"),
    )
    lab.commit()
    lab.ok("refresh", "dev", "--yes")


def test_a_cluster_that_is_away_ends_with_4_and_the_others_are_shown(
    server: ApiServer, lab: Lab, tmp_path: Path
) -> None:
    _second(lab, tmp_path, {"dev": server.url, "far-away": "http://127.0.0.1:1"})
    server.objects[WEB]["spec"]["replicas"] = 9
    found = drift(lab, code=4)
    assert list(found["unreachable"]) == ["far"]
    assert "far-away (http://127.0.0.1:1) can't be reached" in found["unreachable"]["far"]
    by_name = {one["application"]: one for one in found["applications"]}
    assert len(by_name["dev-shop"]["objects"]) == 1
    assert "can't be reached" in by_name["far-shop"]["problem"]
    text = lab.relman("drift", "dev", "--exit-code")
    assert text.code == 4
    assert "error: far was not looked at: " in text.err
    assert "far-shop" not in text.out


def test_a_context_of_ones_choice(server: ApiServer, lab: Lab, tmp_path: Path) -> None:
    _second(lab, tmp_path, {"mine": server.url})
    done = lab.relman("drift", "dev", "--context", "mine")
    assert done.code == 2
    assert "add --cluster: dev, far" in done.err
    assert drift(lab, "--context", "mine", "--cluster", "dev")["unreachable"] == {}
    assert "no context far-away; it has mine" in str(
        drift(lab, "--cluster", "far", code=4)["unreachable"]
    )


def test_usage(server: ApiServer, lab: Lab) -> None:
    done = lab.relman("drift", "dev", "--component", "nothing")
    assert done.code == 2
    assert "it has: shop on dev" in done.err
    done = lab.relman("drift", "prod")
    assert done.code == 1
    assert "prod runs nothing yet" in done.err
