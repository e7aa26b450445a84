"""Subcharts that are rendered once for the values that reach them give what whole charts give.

Every chart here is rendered for clusters that differ in what one part of it gets, in one process,
and compared with Helm's command line, which renders each cluster for itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from relman.adapters import helm, lean, lean_values, parts

from . import lab as laboratory
from .lab import Lab
from .test_parity import _documents, on_path

__all__ = ["on_path"]  # helm is on PATH, with no configuration of the user's

CLUSTERS = """
  - {name: plain}
  - {name: web, values: {shop: {web: {replicas: 3}}}}
  - {name: api, values: {shop: {api: {replicas: 4, settings: {A: "1"}}}}}
  - {name: both, values: {shop: {web: {replicas: 3}, api: {replicas: 4}}}}
  - {name: without, values: {shop: {api: {enabled: false}}}}
  - {name: shared, values: {shop: {global: {host: example.com}}}}
  - {name: tagged, values: {shop: {tags: {front: false}}}}
  - {name: again, values: {shop: {web: {replicas: 3}}}}
"""
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  %s\n"
ROOT, WEB, API = ("charts/shop/templates/root.yaml", "charts/web/templates/more.yaml",
                  "charts/api/templates/more.yaml")  # fmt: skip
BY_PATH = (
    '{{ include "shop/charts/web/templates/all.yaml"'
    ' (dict "Chart" .Chart "Values" .Values.web) | sha256sum }}'
)
OWN = '{{ include (print $.Template.BasePath "/all.yaml") . | sha256sum }}'
HELPER = "charts/web/templates/_helpers.tpl"

APART: dict[str, dict[str, str]] = {
    "nothing but subcharts": {},
    "the root reads everything": {
        ROOT: MAP % ("root", "sum: {{ .Values | toJson | sha256sum }}"),
    },
    "global reaches all": {
        WEB: MAP % ("web-host", "host: {{ .Values.global.host | default 1 | quote }}"),
        API: MAP % ("api-host", "host: {{ .Values.global.host | default 2 | quote }}"),
    },
    "a subchart's helper is used by the root": {
        HELPER: '{{ define "web.name" }}{{ .Chart.Name }}-{{ .Release.Name }}{{ end }}',
        ROOT: MAP % ("root", 'name: {{ include "web.name" . }}'),
    },
    "a subchart's template by its path": {
        ROOT: MAP % ("root", f"sum: {BY_PATH}"),
    },
    "its own template by its path": {
        WEB: MAP % ("web-sum", f"sum: {OWN}"),
    },
    "a name that another template defines": {
        WEB: '{{ define "web.word" }}word{{ end }}' + MAP % ("web-word", "a: b"),
        API: MAP % ("api-word", 'word: {{ include "web.word" . }}'),
    },
    "maps of its own": {
        WEB: '{{- $own := dict "a" .Values.replicas }}{{- $_ := set $own "b" "set it" }}'
             + MAP % ("web-own", "own: {{ $own | toJson | quote }}"),
    },
    "words that only look dangerous": {
        WEB: '{{/* tpl, merge: "x */}}' + MAP % ("web-words", 'a: {{ "now | tpl" | quote }}'),
    },
}  # fmt: skip
TOGETHER: dict[str, dict[str, str]] = {
    "changes its own values": {
        WEB: '{{- $_ := set .Values "replicas" 9 }}' + MAP % ("web-set", "a: b"),
        ROOT: MAP % ("root", "replicas: {{ .Values.web.replicas | quote }}"),
    },
    "changes a map through a variable": {
        WEB: '{{- $all := .Values }}{{- $_ := set $all "replicas" 9 }}' + MAP % ("web-set", "a: b"),
        ROOT: MAP % ("root", "replicas: {{ .Values.web.replicas | quote }}"),
    },
    "merges into values": {
        API: '{{- $_ := merge .Values (dict "added" "x") }}' + MAP % ("api-merge", "a: b"),
        ROOT: MAP % ("root", "added: {{ .Values.api.added | quote }}"),
    },
    "changes the release": {
        WEB: '{{- $_ := set .Release "Name" "other" }}' + MAP % ("web-release", "a: b"),
        ROOT: MAP % ("root", "name: {{ .Release.Name | quote }}"),
    },
    "text as a template": {
        WEB: MAP % ("web-tpl", "a: {{ tpl (printf \"%s\" .Values.replicas) . | quote }}"),
    },
    "one name defined twice": {
        WEB: '{{ define "word" }}web{{ end }}' + MAP % ("web-word", 'a: {{ include "word" . }}'),
        API: '{{ define "word" }}api{{ end }}' + MAP % ("api-word", 'a: {{ include "word" . }}'),
    },
    "the context of a subchart": {
        ROOT: MAP % ("root", "sum: {{ .Subcharts.web.Values | toJson | sha256sum }}"),
    },
    "values imported from a subchart": {
        "charts/shop/Chart.yaml": laboratory.SHOP.replace(
            "    condition: web.enabled\n",
            "    condition: web.enabled\n    import-values: [{child: image, parent: api.extra}]\n"),
        API: MAP % ("api-extra", "extra: {{ .Values.extra | toJson | quote }}"),
    },
}  # fmt: skip


def _shop(lab: Lab, files: dict[str, str]) -> None:
    tagged = laboratory.SHOP.replace("condition: api.enabled", "tags: [front]\n" + " " * 4
                                     + "condition: api.enabled")  # fmt: skip
    lab.write("charts/shop/Chart.yaml", tagged)
    for path, text in files.items():
        lab.write(path, text)
    environment = f"apiVersion: relman/v1\nkind: Environment\nname: dev\nclusters:{CLUSTERS}"
    lab.write("releases/environments/dev.yaml", environment)


@pytest.mark.parametrize("files", [*APART.values(), *TOGETHER.values()], ids=[*APART, *TOGETHER])
def test_clusters_that_differ_in_one_part(
    lab: Lab, files: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _shop(lab, files)
    sides = []
    for library in (True, False):
        monkeypatch.setenv("RELMAN_CACHE_DIR", str(tmp_path / f"cache-{library}"))
        if not library:
            monkeypatch.setattr(helm, "available", lambda: False)
        sides.append(lab.ok("render", "dev", "--draft", "--worktree", "-o", "json").json)
    for ours, theirs in zip(*sides, strict=True):
        assert _documents(ours["text"]) == _documents(theirs["text"]), ours["cluster"]


@pytest.mark.parametrize("together", [False, True])
def test_which_charts_are_apart(lab: Lab, together: bool, tmp_path: Path) -> None:
    """The test above would pass as well if nothing were rendered apart."""
    for number, (what, files) in enumerate((TOGETHER if together else APART).items()):
        lab.git("checkout", "--quiet", "--force", "main")
        lab.git("clean", "-dffxq")
        _shop(lab, files)
        helm.build_dependencies(lab.root / "charts/shop", "shop")
        prepared = tmp_path / str(number)
        with lean.unpacked(lab.root / "charts/shop") as chart:
            lean.prepare(chart, prepared)
        assert (prepared / parts.OUTLINE).exists() != together, what
        for values in () if together else ({}, {"api": {"enabled": False}}):
            assert lean_values.merged(prepared, values), what
