"""Rendered objects and values, as the tests of the charts speak of them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHARTS = ROOT / "charts"
SERVICES = ("catalog", "cart", "orders", "checkout", "ui")

Object = dict[str, Any]
Values = dict[str, Any]


class Objects(list[Object]):
    """Rendered objects, found by kind and name."""

    def of(self, kind: str) -> "Objects":
        return Objects(item for item in self if item["kind"] == kind)

    def one(self, kind: str, name: str = "") -> Object:
        found = [item for item in self.of(kind) if name in ("", item["metadata"]["name"])]
        assert len(found) == 1, f"{kind} {name}: {len(found)} of them"
        return found[0]

    def workloads(self) -> "Objects":
        return Objects([*self.of("Deployment"), *self.of("StatefulSet")])

    def workload(self, name: str = "") -> Object:
        found = [item for item in self.workloads() if name in ("", item["metadata"]["name"])]
        assert len(found) == 1, f"workload {name}: {len(found)} of them"
        return found[0]

    def pod(self, name: str = "") -> Object:
        pod: Object = self.workload(name)["spec"]["template"]["spec"]
        return pod

    def container(self, name: str = "") -> Object:
        container: Object = self.pod(name)["containers"][0]
        return container

    def environment(self, name: str = "") -> dict[str, str]:
        data: dict[str, str] = self.one("ConfigMap", name)["data"]
        return data


Render = Callable[..., Objects]
Text = Callable[..., dict[str, str]]
Refusal = Callable[[str, Values], str]


def documents(text: str) -> Iterator[Object]:
    return (item for item in yaml.load_all(text, Loader=yaml.CSafeLoader) if item)


def nested(path: str, value: Any) -> Values:
    for key in reversed(path.split(".")):
        value = {key: value}
    values: Values = value
    return values


def merged(*parts: Values) -> Values:
    result: Values = {}
    for part in parts:
        for key, value in part.items():
            old = result.get(key)
            deeper = isinstance(old, dict) and isinstance(value, dict)
            result[key] = merged(old or {}, value) if deeper else value
    return result


def setting(paths: Values) -> Values:
    """Values from dotted paths, so that a test reads as the values it sets."""
    return merged(*(nested(path, value) for path, value in paths.items()))


def ci_cases() -> list[tuple[str, str]]:
    """Each chart with the name of each of its ci/ values."""
    files = sorted(CHARTS.glob("*/ci/*-values.yaml"))
    return [(path.parent.parent.name, path.stem.removesuffix("-values")) for path in files]


def ci_values(chart: str, name: str) -> Values:
    text = (CHARTS / chart / "ci" / f"{name}-values.yaml").read_text()
    values: Values = yaml.safe_load(text) or {}
    return values


def assert_outlives_its_release(item: Object) -> None:
    """Neither Helm nor Argo CD takes it away, and what is left over is no difference."""
    annotations = item["metadata"]["annotations"]
    assert annotations["helm.sh/resource-policy"] == "keep"
    options = annotations["argocd.argoproj.io/sync-options"].split(",")
    assert set(options) == {"Prune=false", "Delete=false"}
    assert annotations["argocd.argoproj.io/compare-options"] == "IgnoreExtraneous"
