"""Rendering in this process gives what Helm's command line gives: object by object and text by
text, over the laboratory's charts, this repository's charts, and every environment of it.

Where the library can't be exact (.Capabilities, kubeVersion), the command line renders.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from relman.adapters import helm, helm_cli
from relman.core import manifests

from . import lab as laboratory
from .lab import Lab, relman
from .states import REPOSITORY, environment
from .states import helm as command_line

CHARTS = REPOSITORY / "charts"
ENVIRONMENTS = sorted((REPOSITORY / "releases/environments").glob("*.yaml"))


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """helm is on PATH, with no configuration of the user's."""
    found = Path(command_line())
    monkeypatch.setenv("PATH", f"{found.parent}:{_path()}")
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"HELM_{name}_HOME", str(tmp_path / f"helm-{name}"))
    helm_cli.executable.cache_clear()
    helm_cli._command.cache_clear()


@functools.cache
def _path() -> str:
    import os

    return os.environ["PATH"]


def _documents(text: str) -> list[str]:
    """The text of each document, without the comment that says where it comes from: the command
    line repeats that for each document, the library has it once for each template."""
    found = []
    for document in manifests.split(text):
        lines = [line for line in document.splitlines() if not line.startswith("# Source: ")]
        found.append("\n".join(lines).strip())
    return sorted(found)


def _objects(text: str) -> dict[tuple[str, ...], Any]:
    loaded = [one for one in pyyaml.load_all(text, pyyaml.CSafeLoader) if one]
    return {
        (o["kind"], o["metadata"]["name"], o["metadata"].get("namespace", "")): o for o in loaded
    }


def _alike(
    folder: Path, values: dict[str, Any], name: str = "demo", namespace: str = "space"
) -> None:
    ours = helm.render(folder, name, namespace, values, folder.name)
    theirs = helm_cli.render(folder, name, namespace, values, folder.name)
    assert _objects(ours) == _objects(theirs)
    assert _documents(ours) == _documents(theirs)


# -- charts of the laboratory -----------------------------------------------------------------

EVERYTHING: dict[str, str] = {
    "Chart.yaml": "apiVersion: v2\nname: all\nversion: 0.1.0\nappVersion: '7'\n",
    "values.yaml": "list: [1, 2]\nmap: {a: 1}\nnothing: null\ntext: 'x'\n",
    "crds/widgets.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
                         "metadata: {name: widgets.example.com}\n",
    "files/data.txt": "some\ndata\n",
    "templates/_helpers.tpl": '{{- define "all.name" -}}{{ .Release.Name }}-x{{- end }}\n',
    "templates/NOTES.txt": "Thank you for {{ .Chart.Name }}\n",
    "templates/empty.yaml": "{{- if .Values.never }}\nkind: X\n{{- end }}\n",
    "templates/several.yaml": "---\n# first\nkind: A\napiVersion: v1\nmetadata: {name: one}\n---\n"
                              "kind: A\napiVersion: v1\nmetadata: {name: two}\n",
    "templates/sub/deep.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
                               '  name: {{ include "all.name" . }}\n'
                               "  namespace: {{ .Release.Namespace }}\n"
                               "data:\n  text: |\n"
                               '{{ .Files.Get "files/data.txt" | indent 4 }}\n'
                               "  when: {{ .Release.IsInstall }} {{ .Release.Revision }}\n"
                               "  by: {{ .Release.Service }}\n"
                               "  tpl: {{ tpl .Values.text . | quote }}\n"
                               "  none: {{ .Values.nothing | quote }}\n"
                               "  sum: {{ .Values.map | toYaml | sha256sum }}\n",
    "templates/hook.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n"
                           "  annotations:\n"
                           "    helm.sh/hook: pre-upgrade\n",
}  # fmt: skip


def _chart(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"map": {"a": 2, "b": {"c": [1]}}},
        {"list": [3], "text": "{{ .Release.Name }}"},
        {"map": None},
        {"nothing": "something", "never": True},
        {"text": 'a "quoted" \\ text\nwith: lines'},
    ],
)
def test_a_chart_that_uses_what_charts_use(tmp_path: Path, values: dict[str, Any]) -> None:
    files = EVERYTHING
    if values.get("never"):
        files = {**files, "templates/empty.yaml": files["templates/empty.yaml"].replace(
            "kind: X", "kind: X\nmetadata: {name: x}")}  # fmt: skip
    _alike(_chart(tmp_path / "all", files), values)


@pytest.mark.parametrize("enabled", [True, False])
def test_an_umbrella_with_conditions(tmp_path: Path, enabled: bool) -> None:
    """Rendering changes a loaded chart: off, on, and off again must be right each time."""
    laboratory.shop(tmp_path)
    folder = tmp_path / "charts/shop"
    helm.build_dependencies(folder, "shop")
    for switch in (enabled, not enabled, enabled):
        values = {"web": {"enabled": switch, "settings": {"A": "1"}}, "global": {"x": 1}}
        _alike(folder, values)


def test_crds_of_a_subchart(tmp_path: Path) -> None:
    sub = {**EVERYTHING, "Chart.yaml": EVERYTHING["Chart.yaml"].replace("all", "sub")}
    files = {**EVERYTHING, **{f"charts/sub/{path}": text for path, text in sub.items()}}
    files["charts/sub/crds/widgets.yaml"] = files["crds/widgets.yaml"].replace("widgets", "gadgets")
    files["charts/sub/templates/several.yaml"] = ""
    files["charts/sub/templates/sub/deep.yaml"] = ""
    files["charts/sub/templates/hook.yaml"] = ""
    _alike(_chart(tmp_path / "all", files), {})


def test_what_helm_create_makes(tmp_path: Path) -> None:
    subprocess.run(
        [command_line(), "create", str(tmp_path / "made")], check=True, capture_output=True
    )
    for values in ({}, {"ingress": {"enabled": True}, "autoscaling": {"enabled": True}}):
        _alike(tmp_path / "made", values)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("values.schema.json", '{"properties": {"text": {"type": "integer"}}}'),
        ("templates/x.yaml", '{{ required "text is needed" .Values.gone }}'),
        ("templates/x.yaml", "{{ .Values.a.b.c }}"),
        ("templates/x.yaml", "{{ nope }}"),
        ("Chart.yaml", "apiVersion: v2\nname: all\n"),
    ],
)
def test_both_refuse_the_same(tmp_path: Path, path: str, text: str) -> None:
    folder = _chart(tmp_path / "all", {**EVERYTHING, path: text})
    for render in (helm.render, helm_cli.render):
        with pytest.raises(Exception, match=r"text|gone|nil pointer|nope|version") as caught:
            render(folder, "demo", "space", {}, "all")
        assert getattr(caught.value, "exit_code", None) == 2


# -- charts that ask for the cluster ----------------------------------------------------------

CAPABILITIES = """apiVersion: v1
kind: ConfigMap
metadata:
  name: asked
data:
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  minor: {{ .Capabilities.KubeVersion.Minor | quote }}
  monitors: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" | quote }}
"""
CLUSTERS = """clusters:
  - name: old
    kubernetesVersion: "1.31"
  - name: new
    kubernetesVersion: v1.35.2
    apiVersions: [monitoring.coreos.com/v1]
"""


def _asking(lab: Lab) -> list[dict[str, Any]]:
    lab.write("releases/environments/dev.yaml", environment("dev", more=CLUSTERS))
    lab.commit()
    lab.cut("1.0.0")
    found: list[dict[str, Any]] = lab.ok("render", "dev", "--release", "1.0.0", "-o", "json").json
    return found


def test_a_chart_that_reads_capabilities_is_told_the_target(lab: Lab) -> None:
    lab.write("charts/web/templates/asked.yaml", CAPABILITIES)
    got = {}
    for one in _asking(lab):
        objects = _objects(one["text"])
        got[one["cluster"]] = objects["ConfigMap", "asked", ""]["data"]
    assert got == {
        "old": {"kube": "v1.31", "minor": "31", "monitors": "false"},
        "new": {"kube": "v1.35.2", "minor": "35", "monitors": "true"},
    }
    lab.ok("deploy", "dev", "--yes")
    application = pyyaml.safe_load(lab.read("argocd/dev/applications/new-shop.yaml"))
    told = application["spec"]["source"]["helm"]
    assert (told["kubeVersion"], told["apiVersions"]) == ("1.35.2", ["monitoring.coreos.com/v1"])


def test_capabilities_read_outside_of_templates_folders_name(lab: Lab) -> None:
    """A helper is read too, whatever the file is called."""
    lab.write("charts/web/templates/_helpers.tpl",
              '{{- define "k" }}{{ $.Capabilities.KubeVersion.Version }}{{ end }}')  # fmt: skip
    lab.write("charts/web/templates/asked.yaml",
              "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: asked}\n"
              'data: {kube: {{ include "k" . }}}\n')  # fmt: skip
    kubes = {one["cluster"]: _objects(one["text"])["ConfigMap", "asked", ""]["data"]["kube"]
             for one in _asking(lab)}  # fmt: skip
    assert kubes == {"old": "v1.31", "new": "v1.35.2"}


def test_capabilities_read_by_their_name(lab: Lab) -> None:
    lab.write("charts/web/templates/asked.yaml",
              "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: asked}\n"
              'data: {kube: {{ (index . "Capabilities").KubeVersion.Version }}}\n')  # fmt: skip
    kubes = {one["cluster"]: _objects(one["text"])["ConfigMap", "asked", ""]["data"]["kube"]
             for one in _asking(lab)}  # fmt: skip
    assert kubes == {"old": "v1.31", "new": "v1.35.2"}


def test_a_chart_that_wants_a_newer_kubernetes(lab: Lab) -> None:
    lab.write("charts/shop/Chart.yaml", laboratory.SHOP + "kubeVersion: '>=1.33.0'\n")
    lab.write("releases/environments/dev.yaml", environment("dev", more=CLUSTERS))
    lab.commit()
    lab.cut("1.0.0")
    assert lab.ok("render", "dev", "--release", "1.0.0", "--cluster", "new").out
    refused = lab.relman("render", "dev", "--release", "1.0.0", "--cluster", "old")
    assert refused.code == 2
    assert "requires kubeVersion: >=1.33.0" in refused.err


def test_a_chart_that_reads_capabilities_where_there_is_no_helm(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lab.write("charts/web/templates/asked.yaml", CAPABILITIES)
    lab.commit()
    lab.cut("1.0.0")
    (tmp_path / "bin").mkdir()
    git = shutil.which("git")
    assert git
    (tmp_path / "bin/git").symlink_to(git)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    helm_cli.executable.cache_clear()
    helm_cli._command.cache_clear()
    done = lab.relman("plan", "dev", "1.0.0")
    assert done.code == 4
    assert "helm is not installed" in done.err
    assert "make tools" in done.err


# -- this repository --------------------------------------------------------------------------


def _ours() -> list[tuple[str, str]]:
    """Every chart with each of its CI values and with its own defaults alone."""
    found = []
    for file in sorted(CHARTS.glob("*/Chart.yaml")):
        if "type: library" in file.read_text():
            continue
        chart = file.parent.name
        found.append((chart, ""))
        found += [(chart, ci.name) for ci in sorted(file.parent.glob("ci/*-values.yaml"))]
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of charts/ with the dependencies of each chart built."""
    charts = tmp_path_factory.mktemp("repository") / "charts"
    shutil.copytree(CHARTS, charts, ignore=shutil.ignore_patterns("charts", "*.tgz", "Chart.lock"))
    for file in sorted(charts.glob("*/Chart.yaml")):
        if "dependencies:" in file.read_text():
            helm.build_dependencies(file.parent, file.parent.name)
    return charts


@pytest.mark.parametrize(("chart", "values"), _ours())
def test_charts_of_this_repository(built: Path, chart: str, values: str) -> None:
    file = CHARTS / chart / "ci" / values
    given = pyyaml.safe_load(file.read_text()) if values else {}
    _alike(built / chart, given or {}, "store", "retail")


@pytest.mark.skipif(not ENVIRONMENTS, reason="this copy has no releases/environments")
@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.stem)
def test_every_component_of_every_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Through relman's own door, once with the library and once without it."""
    draft = ["render", file.stem, "--draft", "--worktree", "-o", "json"]
    sides = []
    for library in (True, False):
        monkeypatch.setenv("RELMAN_CACHE_DIR", str(tmp_path / f"cache-{library}"))
        if not library:
            monkeypatch.setattr(helm, "available", lambda: False)
        done = relman(*draft, cwd=REPOSITORY)
        assert done.code == 0, done.err
        sides.append(done.json)
    assert [(one["cluster"], one["component"]) for one in sides[0]] == [
        (one["cluster"], one["component"]) for one in sides[1]
    ]
    rendered = [pair for pair in zip(*sides, strict=True) if not pair[0]["why"]]
    assert rendered, "at least our own components can be rendered"
    for ours, theirs in rendered:
        assert _documents(ours["text"]) == _documents(theirs["text"]), ours["component"]


# -- upstream charts --------------------------------------------------------------------------


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def chart_repository(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A chart repository on the loopback with two versions of a chart; its address and folder."""
    import helm_python

    folder = tmp_path / "repository"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    address = f"http://127.0.0.1:{server.server_port}"
    for version in ("1.0.0", "1.1.0"):
        chart = laboratory.CHART.format(name="metrics").replace("0.1.0", version)
        files = {"Chart.yaml": chart, "values.yaml": laboratory.VALUES.format(name="metrics"),
                 "templates/all.yaml": laboratory.TEMPLATE}  # fmt: skip
        helm_python.package(_chart(tmp_path / version / "metrics", files), destination=folder)
    subprocess.run([command_line(), "repo", "index", str(folder), "--url", address], check=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield address, folder
    server.shutdown()
    server.server_close()
    thread.join()


def _metrics(lab: Lab, address: str, version: str, replicas: int) -> None:
    lab.write("releases/components/metrics.yaml",
              f"apiVersion: relman/v1\nkind: Component\nchart: metrics\nrepo: {address}\n"
              f"version: {version}\nnamespace: kube-system\n"
              f"values: {{replicas: {replicas}}}\n")  # fmt: skip
    lab.commit()
    lab.cut(version)


def test_an_upstream_chart_is_pulled_once_and_then_in_the_cache(
    lab: Lab, chart_repository: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RELMAN_CACHE_DIR", str(tmp_path / "cache"))
    address, folder = chart_repository
    _metrics(lab, address, "1.0.0", 1)
    unseen = lab.ok("plan", "dev", "-o", "json").json
    assert unseen["unrendered"][0]["after"] == "metrics 1.0.0"
    pulled = lab.ok("plan", "dev", "--pull", "-o", "json").json
    assert pulled["unrendered"] == []
    assert "metrics" in {one["object"]["component"] for one in pulled["objects"]}
    assert pulled["hash"] == unseen["hash"]
    shutil.rmtree(folder)
    assert lab.ok("plan", "dev", "-o", "json").json == pulled
    assert lab.ok("plan", "dev", "--pull", "-o", "json").json == pulled


def test_a_new_version_of_an_upstream_chart_field_by_field(
    lab: Lab, chart_repository: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RELMAN_CACHE_DIR", str(tmp_path / "cache"))
    address, _ = chart_repository
    _metrics(lab, address, "1.0.0", 1)
    lab.ok("deploy", "dev", "--yes", "--pull")
    _metrics(lab, address, "1.1.0", 3)
    found = lab.ok("plan", "dev", "--pull", "-o", "json").json
    assert [(one["object"]["component"], one["fields"]) for one in found["objects"]] == [
        ("metrics", [{"path": "spec.replicas", "before": 1, "after": 3}])
    ]


@pytest.mark.parametrize("version", ["9.9.9"])
def test_an_upstream_chart_that_can_not_be_pulled(
    lab: Lab, chart_repository: tuple[str, Path], version: str, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    """It is shown by version and values, with Helm's reason; the rest of the plan is there."""
    monkeypatch.setenv("RELMAN_CACHE_DIR", str(tmp_path / "cache"))
    address, _ = chart_repository
    lab.write("releases/components/metrics.yaml",
              f"apiVersion: relman/v1\nkind: Component\nchart: metrics\nrepo: {address}\n"
              f"version: {version}\nnamespace: kube-system\n")  # fmt: skip
    lab.commit()
    lab.cut("1.0.0")
    found = lab.ok("plan", "dev", "--pull", "-o", "json").json
    assert [one["component"] for one in found["unrendered"]] == ["metrics"]
    assert version in found["unrendered"][0]["why"]
    assert {one["object"]["component"] for one in found["objects"]} == {"shop"}
