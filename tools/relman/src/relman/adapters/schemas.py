"""Kubernetes's own schemas of its objects (from the package kubernetes-validate), checked by a
compiled validator."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from relman.core import masking
from relman.core.errors import Unavailable

MOST_ERRORS = 5
BASE = "https://kubernetes.io/api/"


@lru_cache
def versions() -> list[str]:
    """The minor versions that there are schemas for, oldest first, as in 1.35."""
    names = [entry.name for entry in _root().iterdir() if entry.name.endswith("-local-strict")]
    minors = [name.removeprefix("v").split("-")[0].rsplit(".", 1)[0] for name in names]
    return sorted(minors, key=lambda minor: int(minor.split(".")[1]))


def closest(version: str | None) -> str:
    """The version to check against: the same minor, else the nearest that there is."""
    known = versions()
    minor = ".".join((version or known[-1]).removeprefix("v").split(".")[:2])
    return min(known, key=lambda have: abs(int(have.split(".")[1]) - int(minor.split(".")[1])))


def errors(document: dict[str, Any], version: str) -> list[str] | None:
    """What breaks the schema, `path: reason` each; None where there is no schema for the kind."""
    api_version, kind = str(document.get("apiVersion", "")), str(document.get("kind", ""))
    validator = _validator(api_version, kind, version)
    if validator is None:
        return None
    return _errors(validator, document)


def _errors(validator: Any, document: dict[str, Any]) -> list[str]:
    found = []
    for error in validator.iter_errors(document):
        path = ".".join(str(part) for part in error.instance_path) or "(the object)"
        found.append(f"{path}: {_safe(error, document)}")
    return found[:MOST_ERRORS]


def _safe(error: Any, document: dict[str, Any]) -> str:
    """The validator quotes the value; one that may be a secret is left out."""
    if document.get("kind") == "Secret" or _names_secret(error.instance_path, document):
        return "has a value that its schema refuses"
    if isinstance(error.instance, dict | list) and masking.mask(error.instance) != error.instance:
        return "is not of the form that its schema wants"
    return str(error.message)


def _names_secret(keys: list[str | int], document: Any) -> bool:
    """Whether a field on the way, or the pair that a `value` belongs to, is called like one."""
    here = document
    for key in keys:
        label = here.get("name", "") if isinstance(here, dict) and key == "value" else key
        if masking.named_secret(str(label)):
            return True
        here = here[key]
    return False


@lru_cache(maxsize=256)
def _validator(api_version: str, kind: str, version: str) -> Any:
    import jsonschema_rs

    group, _, name = api_version.rpartition("/")
    stem = "-".join(part for part in (kind, group.split(".")[0], name) if part).lower()
    folder = _root() / f"v{version}.0-local-strict"
    file = folder / f"{stem}.json"
    if not file.is_file():
        return None
    schema = json.loads(file.read_text())
    return jsonschema_rs.validator_for(schema, registry=_registry(version), base_uri=BASE)


@lru_cache(maxsize=2)
def _registry(version: str) -> Any:
    """The definitions that every schema of a version refers to."""
    import jsonschema_rs

    file = _root() / f"v{version}.0-local-strict" / "_definitions.json"
    definitions = json.loads(file.read_text())
    return jsonschema_rs.Registry([(f"{BASE}_definitions.json", definitions)])


@lru_cache
def _root() -> Path:
    """The package's data; importing the package itself would take 0.2 s."""
    spec = find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("the package kubernetes-validate is missing", hint="make setup")
    return Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema"
