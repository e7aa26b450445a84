"""What is rendered is valid, clean and always the same; what is written renders anywhere."""

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from .conftest import rendered
from .objects import CHARTS, Object, Render, Text, Values, ci_cases

SCHEMAS = Path(str(files("kubernetes_validate"))) / "kubernetes-json-schema"
VERSIONS = ("1.33", "1.34", "1.35", "1.36")
# Their definitions come with their controllers.
CUSTOM = {"SecretProviderClass", "ServiceMonitor", "IngressClassParams"}


@cache
def definitions(version: str) -> jsonschema_rs.Registry:
    text = (SCHEMAS / f"v{version}.0-local-strict" / "_definitions.json").read_text()
    return jsonschema_rs.Registry([("urn:definitions", json.loads(text))])


@cache
def validator(version: str, kind: str, api: str) -> Any:
    """Kubernetes's own schema of a kind, with unknown fields refused."""
    group, _, name = api.rpartition("/")
    parts = [kind.lower(), *([group.split(".")[0]] if group else []), name]
    path = SCHEMAS / f"v{version}.0-local-strict" / f"{'-'.join(parts)}.json"
    schema = json.loads(path.read_text())
    return jsonschema_rs.validator_for(schema, registry=definitions(version))


def errors(item: Object, version: str) -> list[str]:
    schema = validator(version, item["kind"], item["apiVersion"])
    return [f"{error.instance_path}: {error.message}" for error in schema.iter_errors(item)]


@pytest.mark.parametrize("version", VERSIONS)
def test_objects_are_valid_for_kubernetes(
    render: Render, ci_case: tuple[str, Values], version: str
) -> None:
    chart, values = ci_case
    for item in render(chart, values):
        if item["kind"] not in CUSTOM:
            assert errors(item, version) == [], item["metadata"]["name"]


def test_the_schemas_would_find_an_unknown_field(render: Render) -> None:
    workload = render("catalog").workload()
    workload["spec"]["template"]["spec"]["containers"][0]["livenessProbes"] = {}
    assert "livenessProbes" in str(errors(workload, "1.36"))


def test_names_are_unique(render: Render, ci_case: tuple[str, Values]) -> None:
    chart, values = ci_case
    names = [(item["kind"], item["metadata"]["name"]) for item in render(chart, values)]
    assert len(names) == len(set(names))


def test_the_text_is_clean_and_always_the_same(
    render_text: Text, built_charts: Path, ci_case: tuple[str, Values]
) -> None:
    chart, values = ci_case
    first = render_text(chart, values)
    assert rendered(built_charts / chart, values, "shop") == first
    for path, text in first.items():
        if path.endswith("NOTES.txt"):
            continue
        for number, line in enumerate(text.strip().splitlines(), 1):
            assert line.strip(), f"{path}:{number}: blank line"
            assert line == line.rstrip(), f"{path}:{number}: trailing space"
            assert "<no value>" not in line


def test_a_release_may_have_any_name(render: Render) -> None:
    (instance,) = {
        item["metadata"]["labels"]["app.kubernetes.io/instance"]
        for item in render("retail", {}, "another")
    }
    assert instance == "another"


# What a renderer without a cluster cannot answer, or answers differently each time.
FORBIDDEN = re.compile(
    r"\.Capabilities|\blookup\b|\brand[A-Z]\w*|\bnow\b|\buuidv4\b|\bgen[A-Z]\w*|\bhtpasswd\b|\btpl\b"
)


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*/templates/*")), ids=lambda path: path.name)
def test_templates_depend_on_their_values_alone(path: Path) -> None:
    code = re.findall(r"\{\{-?(?!-? */\*)(.*?)\}\}", path.read_text(), re.DOTALL)
    assert [part for part in code if FORBIDDEN.search(part)] == []


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*/Chart.yaml")), ids=lambda p: p.parent.name)
def test_charts_have_what_they_need(path: Path) -> None:
    metadata = yaml.safe_load(path.read_text())
    assert metadata["name"] == path.parent.name
    assert "kubeVersion" not in metadata
    for dependency in metadata.get("dependencies", []):
        assert (path.parent / dependency["repository"].removeprefix("file://")).is_dir()
    library = metadata["type"] == "library"
    assert (path.parent / "values.schema.json").is_file() is not library
    assert library or path.parent.name in {chart for chart, _ in ci_cases()}


def nulls(value: Any) -> bool:
    if isinstance(value, dict):
        return any(nulls(item) for item in value.values())
    return value is None


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*/values.yaml")), ids=lambda p: p.parent.name)
def test_no_value_is_null(path: Path) -> None:
    # Helm 4.2 ignores a parent's null for a dependency's value.
    assert not nulls(yaml.safe_load(path.read_text()))
