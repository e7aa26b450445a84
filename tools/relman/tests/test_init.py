"""relman init on repositories of several shapes: what it writes is linted and cut at once."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from . import api_servers
from . import lab as laboratory
from .lab import DIGEST, Lab, git
from .states import helm

PROJECT = "releases/relman.yaml"


def _repository(folder: Path, files: dict[str, str], remote: str = "") -> Lab:
    folder.mkdir(parents=True, exist_ok=True)
    git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    git("config", "user.name", "Robin", cwd=folder)
    git("config", "user.email", "robin@example.com", cwd=folder)
    lab = Lab(folder)
    for path, text in files.items():
        lab.write(path, text)
    lab.git("add", "--all")
    lab.git("commit", "--quiet", "--allow-empty", "--message", "charts")
    if remote:
        lab.git("remote", "add", "origin", remote)
    return lab


def _chart(folder: str, name: str, values: str = "", more: str = "") -> dict[str, str]:
    return {
        f"{folder}/Chart.yaml": laboratory.CHART.format(name=name) + more,
        f"{folder}/values.yaml": values or laboratory.VALUES.format(name=name),
        f"{folder}/templates/all.yaml": laboratory.TEMPLATE,
    }


def _project(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((lab.root / PROJECT).read_text())
    return found


def _works(lab: Lab) -> dict[str, Any]:
    """What init wrote passes lint, is cut with digests, and is deployed; the project."""
    lab.ok("init")
    assert lab.git("status", "--porcelain").splitlines() == ["?? argocd/", "?? releases/"]
    lab.commit("init")
    assert lab.relman("lint").code == 0, lab.relman("lint").out
    project = _project(lab)
    given = [
        f"{name}=registry.example.com/{name}:1@{DIGEST.format(1)}" for name in project["services"]
    ]
    lab.ok("cut", "1.0.0", *(part for image in given for part in ("--image", image)))
    lab.ok("deploy", "dev", "--yes")
    assert f"@{DIGEST.format(1)}" in lab.ok("render", "dev").out
    return project


def test_a_single_chart_as_helm_creates_it(tmp_path: Path) -> None:
    lab = _repository(tmp_path / "my-app", {"README.md": "x\n"})
    subprocess.run([helm(), "create", "web"], cwd=lab.root, check=True, capture_output=True)
    (lab.root / "charts").mkdir()
    shutil.move(lab.root / "web", lab.root / "charts/web")
    lab.commit()
    project = _works(lab)
    assert project["name"] == "my-app"
    assert project["components"] == {"web": {"chart": "charts/web", "namespace": "web"}}
    assert project["services"]["web"]["format"] == "tag"
    assert project["services"]["web"]["paths"] == ["image"]
    # Its values leave the tag to appVersion, and so does what is declared.
    assert project["services"]["web"]["image"] == "nginx:1.16.0"


def test_charts_and_images_of_one_name(tmp_path: Path) -> None:
    """Two teams that called their chart alike: nothing of either is lost."""
    side = "side: {image: {repository: registry.example.com/side, tag: '1'}}\n"
    values = laboratory.VALUES.format(name="web") + side
    files = _chart("blue/web", "web", values) | _chart("green/web", "web", values)
    project = _works(_repository(tmp_path / "Größe", files))
    assert project["name"] == "gr--e"
    charts = {name: one["chart"] for name, one in project["components"].items()}
    assert charts == {"web": "blue/web", "green-web": "green/web"}
    owners = {name: one["component"] for name, one in project["services"].items()}
    assert owners == {
        "web": "web", "side": "web", "green-web": "green-web", "green-web-side": "green-web",
    }  # fmt: skip


@pytest.mark.parametrize(
    "folder",
    ["chart", "charts/web", "deploy/charts/web", "infra/helm/charts/web", "services/web/chart"],
)
def test_wherever_a_chart_lies(tmp_path: Path, folder: str) -> None:
    lab = _repository(tmp_path / "app", _chart(folder, "web"))
    assert _works(lab)["components"]["web"]["chart"] == folder


def test_a_chart_at_the_top_of_the_repository_is_explained(tmp_path: Path) -> None:
    """Its digest would cover releases/ too, so it can't be released from there."""
    files = {path.removeprefix("x/"): text for path, text in _chart("x", "web").items()}
    lab = _repository(tmp_path / "app", files)
    done = lab.relman("init")
    assert done.code == 2
    assert "Chart.yaml" in done.err
    assert "folder" in done.err


def test_an_umbrella_with_an_alias(tmp_path: Path) -> None:
    files = _chart("charts/web", "web") | {
        "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies:\n"
        "  - {name: web, alias: front, version: 0.1.0, repository: 'file://../web'}\n"
        "  - {name: web, alias: back, version: 0.1.0, repository: 'file://../web'}\n",
        "charts/shop/values.yaml": "{}\n",
    }
    project = _works(_repository(tmp_path / "shop", files))
    paths = {name: service["paths"] for name, service in project["services"].items()}
    assert paths == {"front": ["front.image"], "back": ["back.image"]}
    assert list(project["components"]) == ["shop"]


def test_images_as_strings(tmp_path: Path) -> None:
    files = _chart("charts/web", "web", "image: nginx:1.27\nreplicas: 1\nsettings: {}\n")
    template = laboratory.TEMPLATE.replace(
        '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"', "{{ .Values.image }}"
    )
    files["charts/web/templates/all.yaml"] = template
    project = _works(_repository(tmp_path / "app", files))
    assert project["services"]["web"] == {
        "image": "nginx:1.27", "component": "web", "paths": ["image"], "format": "string",
    }  # fmt: skip


def test_an_image_with_a_key_for_its_digest(tmp_path: Path) -> None:
    values = laboratory.VALUES.format(name="web").replace("tag:", "digest: ''\n  tag:")
    files = _chart("charts/web", "web", values)
    files["charts/web/templates/all.yaml"] = laboratory.TEMPLATE.replace(
        "{{ .Values.image.tag }}", "{{ .Values.image.tag }}@{{ .Values.image.digest }}"
    )
    assert _works(_repository(tmp_path / "app", files))["services"]["web"]["format"] == "digest"


def test_library_charts_and_tests_are_no_components(tmp_path: Path) -> None:
    files = _chart("charts/web", "web") | _chart("charts/lib", "lib", more="type: library\n")
    files |= _chart("charts/web/charts/sub", "sub")
    lab = _repository(tmp_path / "app", files)
    lab.ok("init")
    assert list(_project(lab)["components"]) == ["web"]


def test_the_path_and_the_name(tmp_path: Path) -> None:
    lab = _repository(tmp_path / "My_App.2", _chart("charts/web", "web"))
    written = lab.ok("init", "--environments", "qa, live").out.split()
    environments = ["releases/environments/qa.yaml", "releases/environments/live.yaml"]
    assert written == [
        "argocd/bootstrap/values.yaml", "argocd/bootstrap/projects.yaml",
        "argocd/bootstrap/applications/qa.yaml", "argocd/bootstrap/applications/live.yaml",
        *environments, PROJECT,
    ]  # fmt: skip
    assert _project(lab)["name"] == "my-app-2"
    qa, live = (yaml.safe_load((lab.root / path).read_text()) for path in environments)
    assert live["after"] == ["qa"]
    assert "after" not in qa


def test_the_bootstrap_is_one_that_bootstrap_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = _repository(tmp_path / "app", _chart("charts/web", "web"), "https://example.com/app.git")
    lab.ok("init")
    assert _project(lab)["argocd"]["chart"]["name"] == "argo-cd"
    with api_servers.serving() as server:
        file = api_servers.kubeconfig(tmp_path / "kubeconfig", {"hub": server.url})
        monkeypatch.setenv("KUBECONFIG", str(file))
        done = lab.ok("bootstrap", "hub", "--only-root", "--worktree", "--yes", "-o", "json")
    assert [one["name"] for one in done.json["steps"]] == [
        "AppProject/argocd/app-root",
        "Application/argocd/app-dev",
        "Application/argocd/app-staging",
        "Application/argocd/app-prod",
    ]


def test_a_bootstrap_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    own = {"argocd/bootstrap/root.yaml": "kind: Mine\n"}
    lab = _repository(tmp_path / "app", _chart("charts/web", "web") | own)
    assert "bootstrap" not in lab.ok("init").out


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://git.example.com/team/app.git", "https://git.example.com/team/app.git"),
        ("git@git.example.com:team/app.git", "git@git.example.com:team/app.git"),
        ("ssh://git@git.example.com/team/app.git", "ssh://git@git.example.com/team/app.git"),
        ("/srv/app.git", "file:///srv/app.git"),
    ],
)
def test_the_remote_is_what_argo_cd_reads(tmp_path: Path, remote: str, url: str) -> None:
    lab = _repository(tmp_path / "app", _chart("charts/web", "web"), remote)
    lab.ok("init")
    assert _project(lab)["repository"] == {"url": url, "branch": "main"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--environments", "../../../outside"), "../../../outside"),
        (("--environments", "Dev"), "Dev"),
        (("--environments", "dev,dev"), "dev"),
        (("--environments", "bootstrap,dev"), "argocd/bootstrap is kept"),
        (("--environments", ","), "environment"),
        (("--name", "My App"), "My App"),
    ],
)
def test_names_that_can_not_be(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    lab = _repository(tmp_path / "a/b/app", _chart("charts/web", "web"))
    done = lab.relman("init", *arguments)
    assert done.code == 2, done.err
    assert says in done.err
    assert not (lab.root / "releases").exists()
    assert list(tmp_path.rglob("outside.yaml")) == []


def _existing(lab: Lab) -> None:
    lab.ok("init")


def _nothing(lab: Lab) -> None:
    lab.git("rm", "-rq", "charts")


def _broken(lab: Lab) -> None:
    lab.write("charts/web/Chart.yaml", "name: [\n")


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (_existing, 1, "releases/relman.yaml exists already"),
        (_nothing, 2, "there is no chart in this repository"),
        (_broken, 2, "charts/web/Chart.yaml"),
    ],
)
def test_what_init_refuses(
    tmp_path: Path, change: Callable[[Lab], None], code: int, says: str
) -> None:
    lab = _repository(tmp_path / "app", _chart("charts/web", "web"))
    change(lab)
    before = lab.git("status", "--porcelain")
    done = lab.relman("init")
    assert done.code == code
    assert says in done.err
    assert lab.git("status", "--porcelain") == before


def test_a_repository_without_commits(tmp_path: Path) -> None:
    """Charts that were never committed are charts too."""
    folder = tmp_path / "app"
    lab = _repository(folder, {})
    shutil.rmtree(folder / ".git")
    git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    for path, text in _chart("charts/web", "web").items():
        lab.write(path, text)
    assert "releases/relman.yaml" in lab.ok("init").out
