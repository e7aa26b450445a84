"""The charts that a repository has, and the images in their values, for `relman init`."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.adapters import charts, yaml
from relman.core import images
from relman.core.errors import Invalid, Place, RelmanError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relman.adapters.snapshot import Snapshot
    from relman.core.models.project import ImageFormat


@dataclass(frozen=True)
class FoundImage:
    """An image in a chart's values: where, how, and its reference."""

    path: str
    format: ImageFormat
    reference: str


@dataclass(frozen=True)
class FoundChart:
    """A chart of the repository. `app_version` is what its images have for a tag by custom, where
    its values name none."""

    folder: str
    name: str
    app_version: str
    library: bool
    dependencies: dict[str, str]
    values: dict[str, Any]


def found_charts(snapshot: Snapshot) -> Iterator[FoundChart]:
    """Every chart that is no part of another one. Raises Invalid for one that can't be read."""
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
            app_version=str(metadata.get("appVersion") or ""),
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


def tops(found: Sequence[FoundChart]) -> list[FoundChart]:
    """Charts that nothing else depends on: what is installed."""
    used = {folder for chart in found for folder in chart.dependencies.values()}
    return [chart for chart in found if not chart.library and chart.folder not in used]


def found_images(values: Any, prefix: str, default_tag: str) -> Iterator[FoundImage]:
    """Values called image (or ending in Image) that look like one."""
    if not isinstance(values, dict):
        return
    for key, value in values.items():
        path = f"{prefix}{str(key).replace('.', chr(92) + '.')}"
        called_image = key == "image" or str(key).endswith("Image")
        image = _image(path, value, default_tag or "latest") if called_image else None
        if image:
            yield image
        else:
            yield from found_images(value, f"{path}.", default_tag)


def _image(path: str, value: Any, default_tag: str) -> FoundImage | None:
    if isinstance(value, dict) and value.get("repository"):
        style: ImageFormat = "digest" if "digest" in value else "tag"
        repository = "/".join(
            filter(None, (str(value.get("registry") or ""), str(value["repository"])))
        )
        reference = f"{repository}:{value.get('tag') or default_tag}"
    elif isinstance(value, str) and value:
        style, reference = "string", value
    else:
        return None
    try:
        images.parse(reference)
    except RelmanError:
        return None
    return FoundImage(path, style, reference)
