"""`relman init`: the files to start from, by looking at the charts that a repository has."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.adapters import charts, commits, files, yaml
from relman.adapters.git import open_repository
from relman.adapters.snapshot import ObjectReader, Snapshot
from relman.core import images
from relman.core.errors import Invalid, Place, Refused, RelmanError
from relman.core.models.base import DNS_LABEL
from relman.operations import bootstrap_files, init_bootstrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from relman.core.models.project import ImageFormat


@dataclass(frozen=True)
class FoundImage:
    """An image in a chart's values: where, how, and its reference."""

    path: str
    format: ImageFormat
    reference: str


@dataclass(frozen=True)
class FoundChart:
    """A chart of the repository."""

    folder: str
    name: str
    library: bool
    dependencies: dict[str, str]
    values: dict[str, Any]


def init(folder: Path, name: str | None, environments: Sequence[str]) -> list[str]:
    """Writes releases/, and argocd/bootstrap/ where there is none, into the checkout; the paths
    written. Nothing is committed.

    Raises Refused when releases/relman.yaml exists, Invalid when there is no chart.
    """
    git = open_repository(folder)
    project_name = name or _slug(git.root.name)
    _refuse_names(project_name, environments)
    reader = ObjectReader(git)
    try:
        snapshot = Snapshot(git, reader, commits.worktree_tree(git))
        if snapshot.oid("releases/relman.yaml"):
            raise Refused("releases/relman.yaml exists already", hint="edit it; relman lint checks")
        found = list(_charts(snapshot))
        has_bootstrap = snapshot.oid(bootstrap_files.FOLDER) is not None
    finally:
        reader.close()
    tops = _tops(found)
    if not tops:
        raise Invalid("there is no chart in this repository", hint="helm create charts/NAME")
    remote = _url(git.remote_url("origin"), git.root)
    branch = git.run("symbolic-ref", "--short", "HEAD").text or "main"
    project = _project(project_name, remote, branch, tops, found)
    written: dict[str, Any] = {}
    for index, environment in enumerate(environments):
        after = [environments[index - 1]] if index else []
        written[f"releases/environments/{environment}.yaml"] = _environment(environment, after)
    # Last, since it is what says that this was done.
    written["releases/relman.yaml"] = project
    if there := [path for path in written if (git.root / path).exists()]:
        raise Refused(f"{there[0]} exists already", hint="relman init starts from nothing")
    texts = {path: yaml.dump(document) for path, document in written.items()}
    if not has_bootstrap:
        where = project["repository"]
        texts = (
            init_bootstrap.files(project_name, where["url"], where["branch"], environments) | texts
        )
    for path, text in texts.items():
        files.write(git.root / path, text)
    return list(texts)


def _refuse_names(project: str, environments: Sequence[str]) -> None:
    for name in (project, *environments):
        if not re.fullmatch(DNS_LABEL.strip("^$"), name):
            raise Invalid(
                f"{name!r} is not a name", hint="lower-case letters, digits and dashes, at most 63"
            )
    if not environments or len(set(environments)) != len(environments):
        raise Invalid("the environments must be at least one, each once", hint="dev,staging,prod")


def _url(remote: str | None, root: Path) -> str | None:
    """The remote as a URL; git also takes a plain path."""
    if remote is None or "://" in remote or re.match(r"[^/]+@[^/]+:", remote):
        return remote
    return (root / remote).resolve().as_uri()


def _charts(snapshot: Snapshot) -> Iterator[FoundChart]:
    entries = snapshot.files(".")
    folders = {posixpath.dirname(one.path) for one in entries if one.path.endswith("/Chart.yaml")}
    if any(entry.path == "Chart.yaml" for entry in entries):
        raise Invalid(
            "the chart at the repository's root can't hold releases/ beside it",
            place=Place("Chart.yaml"),
            hint="git mv it into a folder of its own: charts/NAME",
        )
    for entry in entries:
        folder, file = posixpath.split(entry.path)
        if file != "Chart.yaml" or _is_inside(folder, folders):
            continue
        metadata = yaml.load(snapshot.blob(entry.oid), entry.path) or {}
        if not isinstance(metadata, dict) or "name" not in metadata:
            raise Invalid("has no name", place=Place(entry.path))
        values = yaml.load(snapshot.read(f"{folder}/values.yaml") or b"{}", f"{folder}/values.yaml")
        yield FoundChart(
            folder=folder,
            name=str(metadata["name"]),
            library=metadata.get("type") == "library",
            dependencies=_file_dependencies(folder, metadata),
            values=values if isinstance(values, dict) else {},
        )


def _is_inside(folder: str, charts: set[str]) -> bool:
    """Whether a chart lies below another one: a vendored dependency, a test's chart."""
    parts = folder.split("/")
    return any("/".join(parts[:depth]) in charts for depth in range(1, len(parts)))


def _file_dependencies(folder: str, metadata: dict[str, Any]) -> dict[str, str]:
    """Folders of dependencies by the key that their values stand under."""
    found = {}
    for dependency in charts.dependencies(metadata, folder):
        repository = str(dependency.get("repository") or "")
        if repository.startswith("file://"):
            path = posixpath.normpath(posixpath.join(folder, repository.removeprefix("file://")))
            found[str(dependency.get("alias") or dependency.get("name"))] = path
    return found


def _tops(found: Sequence[FoundChart]) -> list[FoundChart]:
    """Charts that nothing else depends on: what is installed."""
    used = {folder for chart in found for folder in chart.dependencies.values()}
    return [chart for chart in found if not chart.library and chart.folder not in used]


def _project(
    name: str,
    remote: str | None,
    branch: str,
    tops: Sequence[FoundChart],
    found: Sequence[FoundChart],
) -> dict[str, Any]:
    services: dict[str, Any] = {}
    for top in tops:
        services |= dict(_services(top, {chart.folder: chart for chart in found}))
    return {
        "apiVersion": "relman/v1",
        "kind": "Project",
        "name": name,
        "repository": {
            "url": remote or "https://github.com/OWNER/REPOSITORY.git",
            "branch": branch,
        },
        "argocd": {"chart": init_bootstrap.CHART},
        "services": services,
        "components": {
            _slug(top.name): {"chart": top.folder, "namespace": _slug(top.name)} for top in tops
        },
    }


def _services(top: FoundChart, by_folder: dict[str, FoundChart]) -> Iterator[tuple[str, Any]]:
    component = _slug(top.name)
    for image in _images(top.values, ""):
        name = _slug(image.path.removesuffix(".image").replace(".", "-"))
        yield component if image.path == "image" else name, _service(component, image)
    for key, folder in top.dependencies.items():
        chart = by_folder.get(folder)
        if chart is None or chart.library:
            continue
        for image in _images(chart.values, f"{key}."):
            rest = image.path.removeprefix(f"{key}.").removesuffix("image").strip(".")
            yield (
                _slug("-".join(filter(None, (key, rest.replace(".", "-"))))),
                _service(component, image),
            )


def _service(component: str, image: FoundImage) -> dict[str, Any]:
    return {
        "image": image.reference,
        "component": component,
        "paths": [image.path],
        "format": image.format,
    }


def _images(values: Any, prefix: str) -> Iterator[FoundImage]:
    """Values called image (or ending in Image) that look like one."""
    if not isinstance(values, dict):
        return
    for key, value in values.items():
        path = f"{prefix}{str(key).replace('.', chr(92) + '.')}"
        called_image = key == "image" or str(key).endswith("Image")
        image = _image(path, value) if called_image else None
        if image:
            yield image
        else:
            yield from _images(value, f"{path}.")


def _image(path: str, value: Any) -> FoundImage | None:
    if isinstance(value, dict) and value.get("repository"):
        style: ImageFormat = "digest" if "digest" in value else "tag"
        repository = "/".join(
            filter(None, (str(value.get("registry") or ""), str(value["repository"])))
        )
        reference = f"{repository}:{value.get('tag') or 'latest'}"
    elif isinstance(value, str) and value:
        style, reference = "string", value
    else:
        return None
    try:
        images.parse(reference)
    except RelmanError:
        return None
    return FoundImage(path, style, reference)


def _environment(name: str, after: list[str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "apiVersion": "relman/v1",
        "kind": "Environment",
        "name": name,
        "after": after,
        "clusters": [{"name": name}],
    }
    return {key: value for key, value in document.items() if value != []}


def _slug(text: str) -> str:
    kept = "".join(char if char.isalnum() else "-" for char in text.lower()).strip("-")
    return kept[:63].rstrip("-") or "project"
