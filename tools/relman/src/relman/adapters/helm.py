"""Helm inside this process (helm-python-sdk, which wraps Helm's own Go code).

It can't be told a Kubernetes version or API versions; charts that ask for them are rendered by
helm_cli. Tests compare the two on every chart.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from relman import __version__
from relman.adapters import lean_values, parts
from relman.core import masking
from relman.core.errors import Invalid, Place, Unavailable

if TYPE_CHECKING:
    from pathlib import Path


@lru_cache
def library() -> Any:
    """helm_python, loaded when it is first needed.

    A rendering makes much garbage and lives for milliseconds: with Go's default, a third of the
    time goes into collecting it. The variable is read once, when the library is loaded.
    """
    os.environ.setdefault("GOGC", "800")
    import helm_python

    return helm_python


@lru_cache
def available() -> bool:
    """Whether the library can be loaded on this machine."""
    try:
        library().helm_sdk_version()
    except (ImportError, OSError, RuntimeError):
        return False
    return True


@lru_cache
def identity() -> str:
    """Name and version of what renders, for cache keys."""
    try:
        return f"helm-python-sdk {metadata.version('helm-python-sdk')}, relman {__version__}"
    except metadata.PackageNotFoundError:
        return "helm"


def render(
    folder: Path,
    name: str,
    namespace: str,
    values: dict[str, Any],
    label: str,
    lean_copy: Path | None = None,
) -> str:
    """Templates and CRDs as one text; see `texts`."""
    return "".join(texts(folder, name, namespace, values, label, lean_copy))


def texts(
    folder: Path,
    name: str,
    namespace: str,
    values: dict[str, Any],
    label: str,
    lean_copy: Path | None = None,
) -> list[str]:
    """What each template and CRD renders, each text a document or several. `label` names the
    chart in errors.

    Raises Invalid with Helm's own words when the values or a template are at fault.
    """
    helm_python = library()
    try:
        whole = lean_values.merged(lean_copy, values) if lean_copy else None
        if lean_copy and whole is not None:
            templates, crds = parts.render(lean_copy, *whole, name, namespace)
        else:
            # A handle is changed by rendering (a subchart that a condition switched off stays
            # off), so each rendering loads its own.
            with helm_python.Chart.load(folder) as chart:
                templates = chart.render(values, name=name, namespace=namespace)
                crds = chart.crds
    except helm_python.HelmError as error:
        raise _classified(error, label) from error
    found = [(crd["filename"], crd["data"].strip()) for crd in crds]
    found += [(path, templates[path].strip()) for path in sorted(templates) if _is_manifest(path)]
    return [f"---\n# Source: {path}\n{text}\n" for path, text in found if text]


def build_dependencies(folder: Path, label: str) -> None:
    """`helm dependency build`. Raises Invalid or Unavailable with Helm's words."""
    helm_python = library()
    try:
        helm_python.dependency_build(folder)
    except helm_python.HelmError as error:
        raise Unavailable(
            f"the dependencies of {label} can't be built: {tidy(str(error))}",
            hint="a dependency from a chart repository needs the network, or a copy in charts/",
        ) from error


def _is_manifest(path: str) -> bool:
    file = path.rsplit("/", 1)[-1]
    return not file.startswith("_") and file != "NOTES.txt"


def _classified(error: Exception, label: str) -> Exception:
    helm_python = library()
    if isinstance(error, helm_python.HelmValuesError | helm_python.HelmRenderError):
        return Invalid(
            f"Helm refuses the values: {tidy(str(error))}",
            place=Place(label),
            hint=f"compare with {label}/values.schema.json and values.yaml",
        )
    if isinstance(error, helm_python.HelmChartLoadError | helm_python.HelmChartInvalidError):
        return Invalid(f"Helm can't load the chart: {tidy(str(error))}", place=Place(label))
    return Unavailable(f"Helm failed on {label}: {tidy(str(error))}")


REFUSED = re.compile(r"(at '([^']*)': )('(?:[^'\\]|\\.)*'|\S+)(?= )")


def tidy(text: str) -> str:
    """Helm's message on one line; a schema's error quotes the value, which may be a secret."""
    safe = str(masking.mask(REFUSED.sub(_hide_secret, text)))
    return "; ".join(line.strip(" -\t") for line in safe.splitlines() if line.strip(" -\t"))


def _hide_secret(found: re.Match[str]) -> str:
    named = any(masking.named_secret(key) for key in found[2].split("/"))
    return f"{found[1]}{masking.MASK}" if named else found[0]
