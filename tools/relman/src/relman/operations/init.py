"""`relman init`: the files to start from, by looking at the charts that a repository has."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from relman.adapters import commits, files, yaml
from relman.adapters.git import open_repository
from relman.adapters.object_reader import ObjectReader
from relman.adapters.snapshot import Snapshot
from relman.core import consistency
from relman.core.errors import Invalid, Refused
from relman.core.models.base import DNS_LABEL
from relman.operations import bootstrap_files, discovery, init_bootstrap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from relman.operations.discovery import FoundChart, FoundImage


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
        found = list(discovery.found_charts(snapshot))
        has_bootstrap = snapshot.oid(bootstrap_files.FOLDER) is not None
    finally:
        reader.close()
    tops = discovery.tops(found)
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
    if "bootstrap" in environments:
        raise Invalid(
            "'bootstrap' is not a name for an environment",
            hint="argocd/bootstrap is kept for what is written by hand",
        )
    if not environments or len(set(environments)) != len(environments):
        raise Invalid("the environments must be at least one, each once", hint="dev,staging,prod")


def _url(remote: str | None, root: Path) -> str | None:
    """The remote as a URL; git also takes a plain path."""
    if remote is None or "://" in remote or re.match(r"[^/]+@[^/]+:", remote):
        return remote
    return (root / remote).resolve().as_uri()


def _project(
    name: str,
    remote: str | None,
    branch: str,
    tops: Sequence[FoundChart],
    found: Sequence[FoundChart],
) -> dict[str, Any]:
    by_folder = {chart.folder: chart for chart in found}
    components: dict[str, FoundChart] = {}
    services: dict[str, Any] = {}
    for top in tops:
        component = _unused(components, _slug(top.name), _slug(top.folder))
        components[component] = top
        for wanted, service in _services(component, top, by_folder):
            services[_unused(services, wanted, _slug(f"{component}-{wanted}"))] = service
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
            component: {"chart": top.folder, "namespace": component}
            for component, top in components.items()
        },
    }


def _unused(taken: Collection[str], *names: str) -> str:
    """The first name that is free, so that nothing found takes the place of something else."""
    numbered = (f"{names[-1][:50]}-{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain(names, numbered) if name not in taken)


def _services(
    component: str, top: FoundChart, by_folder: dict[str, FoundChart]
) -> Iterator[tuple[str, Any]]:
    for image in discovery.found_images(top.values, "", top.app_version):
        name = _slug(image.path.removesuffix(".image").replace(".", "-"))
        yield component if image.path == "image" else name, _service(component, image)
    for key, folder in top.dependencies.items():
        chart = by_folder.get(folder)
        if chart is None or chart.library:
            continue
        for image in discovery.found_images(chart.values, f"{key}.", chart.app_version):
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
    kept = re.sub("[^a-z0-9]", "-", text.lower()).strip("-")
    return kept[: consistency.RELEASE_NAME].rstrip("-") or "project"
