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
        found.append(f"{path}: {_safe(error, path, document)}")
    return found[:MOST_ERRORS]


def _safe(error: Any, path: str, document: dict[str, Any]) -> str:
    """The validator quotes the value; one that may be a secret is left out."""
    name = path.rpartition(".")[2]
    hidden = document.get("kind") == "Secret" or masking.looks_secret(name, "value")
    return "has a value that its schema refuses" if hidden else str(error.message)


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
