"""Charts of the repository, written out at a commit so that Helm can read them.

Every chart is laid out with the charts that it depends on by `file://`, under the same paths as
in the repository, and its dependencies are built as Argo CD builds them.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.adapters import cache, helm, lean, yaml
from relman.core import hashes
from relman.core.errors import Invalid, Place

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from relman.adapters.snapshot import Entry, Snapshot
    from relman.core.models.project import Component

# Changes with what is written out beside a chart.
LAYOUT = "3"
# As a field, or by name: index . "Capabilities".
CAPABILITIES = re.compile(rb"\.Capabilities\b|[\"'`]Capabilities[\"'`]")


@dataclass(frozen=True)
class LocalChart:
    """A chart on disk. `key` is its content's name; `exact` says that it asks for the cluster's
    version or APIs, which only Helm's command line can be told; `lean` is where its lean copy
    is, if it has one."""

    folder: Path
    key: str
    exact: bool
    lean: Path | None = None


def metadata(snapshot: Snapshot, chart: str) -> dict[str, Any]:
    """A chart's Chart.yaml. Raises Invalid when there is none, or it is no map."""
    file = f"{chart}/Chart.yaml"
    content = snapshot.read(file)
    if content is None:
        raise Invalid(
            f"there is no chart at {chart}",
            place=Place(file),
            hint="mend the path, or commit the chart: submodules are not read",
        )
    data = yaml.load(content, file)
    if not isinstance(data, dict):
        raise Invalid("must be a map", place=Place(file))
    return data


def dependencies(chart_metadata: dict[str, Any], folder: str) -> list[dict[str, Any]]:
    """What a Chart.yaml depends on. Raises Invalid when that isn't a list of maps."""
    found = chart_metadata.get("dependencies") or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Invalid(
            "must be a list of maps with name, version and repository",
            place=Place(f"{folder}/Chart.yaml", key="dependencies"),
        )
    return found


def closure(snapshot: Snapshot, chart: str) -> list[str]:
    """The folders of a chart and of all that it depends on by file://, itself first."""
    found: list[str] = []
    waiting = [chart]
    while waiting:
        folder = waiting.pop(0)
        if folder in found:
            continue
        found.append(folder)
        for dependency in dependencies(metadata(snapshot, folder), folder):
            repository = str(dependency.get("repository") or "")
            if repository.startswith("file://"):
                waiting.append(_neighbour(folder, repository))
    return found


def _neighbour(folder: str, repository: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, repository.removeprefix("file://")))
    if path.startswith(("..", "/")):
        raise Invalid(
            f"the dependency {repository} leaves the repository",
            place=Place(f"{folder}/Chart.yaml", key="dependencies"),
        )
    return path


def digest(snapshot: Snapshot, components: Iterable[Component]) -> str:
    """The digest over the files of all charts of ours. It is worked out once for each content:
    git's own ids tell whether it was."""
    folders = sorted({f for c in components if not c.upstream for f in closure(snapshot, c.chart)})
    ids = [f"{folder}={snapshot.oid(folder)}" for folder in folders]
    name = f"digests/{cache.key('charts', *ids)}"
    known = cache.read_text(name)
    if known is not None:
        return known
    entries = snapshot.files(*folders) if folders else []
    found = hashes.of_files({one.path: snapshot.blob(_regular(one).oid) for one in entries})
    cache.write_text(name, found)
    return found


def _regular(entry: Entry) -> Entry:
    if entry.mode not in ("100644", "100755"):
        raise Invalid(
            "a chart may hold regular files only, no links and no submodules",
            place=Place(entry.path),
            hint="put the file itself there",
        )
    return entry


def materialise(snapshot: Snapshot, chart: str) -> LocalChart:
    """Writes a chart at the snapshot's commit into the cache, once for each content."""
    folders = closure(snapshot, chart)
    ids = [f"{folder}={snapshot.oid(folder)}" for folder in folders]
    key = cache.key("chart", LAYOUT, helm.identity(), chart, *sorted(ids))

    def fill(target: Path) -> None:
        for entry in snapshot.files(*folders):
            path = target / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(snapshot.blob(_regular(entry).oid))
        _build_dependencies(target / chart, metadata(snapshot, chart), chart)
        with lean.unpacked(target / chart) as whole:
            exact = any(_asks_for_cluster(path) for path in whole.rglob("*") if path.is_file())
            (target / "exact").write_text("yes" if exact else "no")
            if not exact:
                lean.prepare(whole, target / "lean")

    home = cache.directory(f"charts/{key}", fill)
    exact = (home / "exact").read_text() == "yes"
    slim = home / "lean"
    return LocalChart(home / chart, key, exact, slim if slim.is_dir() else None)


def _asks_for_cluster(path: Path) -> bool:
    """Whether a file of a chart, or of one that it depends on, looks at the cluster's version."""
    content = path.read_bytes()
    if path.name == "Chart.yaml":
        return bool(re.search(rb"\bkubeVersion\b", content))
    return bool(CAPABILITIES.search(content))


def _build_dependencies(folder: Path, chart_metadata: dict[str, Any], chart: str) -> None:
    """What is vendored in charts/ is used as it is, as Argo CD does."""
    if chart_metadata.get("dependencies") and not (folder / "charts").exists():
        helm.build_dependencies(folder, chart)
