"""`relman bootstrap`: Argo CD by its chart, through the real Helm, and the root Applications, on
an API server that is played."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from relman.adapters import control_plane, helm_cli

from .api_servers import ApiServer, status
from .lab import Lab
from .states import helm as command_line

PROJECT = """apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop-root, namespace: argocd}
spec: {sourceRepos: [x]}
"""
ROOT = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: shop-{name}, namespace: argocd, labels: {{relman/environment: {name}}}}}
spec:
  project: shop-root
  source: {{repoURL: "{url}", targetRevision: main, path: argocd/{name}/applications}}
"""
ROOTS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"


@pytest.fixture
def shop(lab: Lab) -> Lab:
    """A repository with its bootstrap."""
    url = yaml.safe_load(lab.read("releases/relman.yaml"))["repository"]["url"]
    lab.write("argocd/bootstrap/projects.yaml", PROJECT)
    for name in ("dev", "staging", "prod"):
        path = f"argocd/bootstrap/applications/{name}.yaml"
        lab.write(path, ROOT.format(name=name, url=url))
    lab.commit()
    return lab


def change(lab: Lab, path: str, before: str, after: str) -> None:
    text = lab.read(path)
    assert before in text
    lab.write(path, text.replace(before, after))
    lab.commit()


def test_what_is_missing_is_applied_and_the_second_run_does_nothing(
    server: ApiServer, shop: Lab
) -> None:
    done = shop.ok("bootstrap", "hub", "--only-root", "--yes", "-o", "json")
    assert [(one["name"], one["change"]) for one in done.json["steps"]] == [
        ("AppProject/argocd/shop-root", "added"),
        ("Application/argocd/shop-dev", "added"),
        ("Application/argocd/shop-staging", "added"),
        ("Application/argocd/shop-prod", "added"),
    ]
    assert done.json["done"]
    assert sorted(server.objects) == [
        f"{ROOTS}/shop-dev", f"{ROOTS}/shop-prod", f"{ROOTS}/shop-staging",
        "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects/shop-root",
    ]  # fmt: skip
    applied = [one.path for one in server.said("PATCH") if not one.dry]
    assert applied[0].endswith("/appprojects/shop-root")
    server.asked.clear()
    again = shop.ok("bootstrap", "hub", "--only-root", "--yes")
    assert [one for one in server.said("PATCH") if not one.dry] == []
    assert "hub is as it should be" in again.err


def test_a_dry_run_shows_and_changes_nothing(server: ApiServer, shop: Lab) -> None:
    shop.ok("bootstrap", "hub", "--only-root", "--yes")
    server.objects[f"{ROOTS}/shop-dev"]["spec"]["source"]["path"] = "elsewhere"
    before = json.dumps(server.objects)
    done = shop.ok("bootstrap", "hub", "--only-root", "--dry-run")
    assert "~ Application/argocd/shop-dev" in done.out
    assert "spec.source.path: elsewhere -> argocd/dev/applications" in done.out
    assert "= Application/argocd/shop-prod" in done.out
    assert json.dumps(server.objects) == before


def test_nobody_to_ask(server: ApiServer, shop: Lab) -> None:
    done = shop.relman("bootstrap", "hub", "--only-root")
    assert done.code == 1
    assert "add --yes" in done.err
    assert server.objects == {}


def test_only_the_environments_of_this_argo_cd(server: ApiServer, shop: Lab) -> None:
    for name, context in (("dev", "hub"), ("staging", "other"), ("prod", "other")):
        path = f"releases/environments/{name}.yaml"
        shop.write(path, shop.read(path) + f"\nargocdContext: {context}\n")
    shop.commit()
    done = shop.ok("bootstrap", "hub", "--only-root", "--yes", "-o", "json")
    assert done.json["environments"] == ["dev"]
    refused = shop.relman("bootstrap", "third", "--only-root", "--yes")
    assert refused.code == 1
    assert "no environment is delivered from third (dev: hub, staging: other" in refused.err


def test_a_cluster_is_found_by_its_name_or_context(server: ApiServer, shop: Lab) -> None:
    change(shop, "releases/environments/dev.yaml", "- name: dev", "- name: dev\n    context: hub")
    done = shop.ok("bootstrap", "dev", "--only-root", "--yes", "-o", "json")
    assert (done.json["cluster"], done.json["context"]) == ("dev", "hub")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("targetRevision: main", "targetRevision: trunk", "but relman writes to 'main'"),
        ("argocd/dev/applications", "argocd/prod/applications", "spec.source.path"),
        ("kind: Application", "kind: ''", "isn't an object with apiVersion"),
        ("metadata: {", "metadata: {{", "isn't valid YAML"),
    ],
)
def test_files_that_cant_be_right(
    server: ApiServer, shop: Lab, before: str, after: str, says: str
) -> None:
    change(shop, "argocd/bootstrap/applications/dev.yaml", before, after)
    done = shop.relman("bootstrap", "hub", "--only-root", "--yes")
    assert done.code == 2
    assert says in done.err
    assert server.objects == {}


def test_no_root_application(server: ApiServer, shop: Lab) -> None:
    (shop.root / "argocd/bootstrap/applications/prod.yaml").unlink()
    shop.commit()
    done = shop.relman("bootstrap", "hub", "--only-root", "--yes")
    assert done.code == 2
    assert "there is no root Application for prod" in done.err


def test_without_argo_cd_its_kinds_are_missing(
    server: ApiServer, shop: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_plane, "SERVED_SECONDS", -1.0)
    del server.served["argoproj.io/v1alpha1"]
    done = shop.relman("bootstrap", "hub", "--only-root", "--yes")
    assert done.code == 4
    assert "hub has no AppProject of argoproj.io/v1alpha1" in done.err


def test_no_chart(server: ApiServer, shop: Lab) -> None:
    settings = yaml.safe_load(shop.read("releases/relman.yaml"))
    del settings["argocd"]
    shop.write("releases/relman.yaml", yaml.safe_dump(settings))
    shop.commit()
    done = shop.relman("bootstrap", "hub", "--yes")
    assert done.code == 1
    assert "doesn't say which chart installs Argo CD" in done.err


def test_a_right_that_is_missing(server: ApiServer, shop: Lab) -> None:
    server.script = lambda asked: status(403, "no") if asked.method == "PATCH" else None
    done = shop.relman("bootstrap", "hub", "--only-root", "--yes")
    assert done.code == 4
    assert "does not allow this (403)" in done.err


@pytest.fixture
def charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A chart repository with argo-cd 1.0.0 and 1.1.0, of one ConfigMap, and the real Helm."""
    monkeypatch.setenv("PATH", str(Path(command_line()).parent), prepend=":")
    for name in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"HELM_{name}_HOME", str(tmp_path / f"helm-{name}"))
    helm_cli.executable.cache_clear()
    helm_cli._command.cache_clear()
    folder = tmp_path / "charts"
    folder.mkdir()
    entries = [_package(folder, version) for version in ("1.0.0", "1.1.0")]
    index = {"apiVersion": "v1", "entries": {"argo-cd": entries}}
    (folder / "index.yaml").write_text(json.dumps(index))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    web = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{web.server_port}"
    web.shutdown()
    web.server_close()
    thread.join()
    helm_cli.executable.cache_clear()
    helm_cli._command.cache_clear()


def _package(folder: Path, version: str) -> dict[str, object]:
    metadata = {"apiVersion": "v2", "name": "argo-cd", "version": version}
    template = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argo}\n"
        "data: {domain: {{ .Values.domain | quote }}, version: {{ .Chart.Version | quote }}}\n"
    )
    files = {"Chart.yaml": json.dumps(metadata), "templates/all.yaml": template}
    with tarfile.open(folder / f"argo-cd-{version}.tgz", "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"argo-cd/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return {**metadata, "urls": [f"argo-cd-{version}.tgz"]}


@pytest.fixture
def whole(shop: Lab, charts: str) -> Lab:
    """The shop, with a chart and values for Argo CD."""
    settings = yaml.safe_load(shop.read("releases/relman.yaml"))
    settings["argocd"] = {"chart": {"repo": charts, "version": "1.0.0"}}
    shop.write("releases/relman.yaml", yaml.safe_dump(settings))
    shop.write("argocd/bootstrap/values.yaml", "domain: argo.example.com\n")
    shop.commit()
    return shop


def test_the_chart_is_installed_then_left_alone_then_upgraded(
    server: ApiServer, whole: Lab
) -> None:
    def run(*arguments: str) -> dict[str, object]:
        done = whole.ok("bootstrap", "hub", "--yes", "-o", "json", *arguments)
        return next(one for one in done.json["steps"] if one["what"] == "chart")

    assert run()["change"] == "added"
    argo = "/api/v1/namespaces/argocd/configmaps/argo"
    assert server.objects[argo]["data"] == {"domain": "argo.example.com", "version": "1.0.0"}
    assert f"{ROOTS}/shop-dev" in server.objects
    assert run()["change"] == "none"
    change(whole, "releases/relman.yaml", "version: 1.0.0", "version: 1.1.0")
    change(whole, "argocd/bootstrap/values.yaml", "argo.example.com", "argo.example.org")
    step = run("--dry-run")
    assert (step["change"], step["before"], step["after"]) == ("changed", "1.0.0", "1.1.0")
    assert server.objects[argo]["data"]["version"] == "1.0.0"
    assert run()["change"] == "changed"
    assert server.objects[argo]["data"] == {"domain": "argo.example.org", "version": "1.1.0"}


def test_a_chart_that_is_not_there(server: ApiServer, whole: Lab) -> None:
    change(whole, "releases/relman.yaml", "version: 1.0.0", "version: 9.9.9")
    done = whole.relman("bootstrap", "hub", "--yes")
    assert done.code == 4
    assert "Helm fails on argocd in hub" in done.err
    assert f"{ROOTS}/shop-dev" not in server.objects
