"""`relman bootstrap`: Argo CD on a cluster, and the root Applications of the environments that it
is to deliver. Running it again brings both to what the repository says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from relman.adapters import control_plane, helm_release, kubernetes
from relman.adapters.api_answers import NotServed, Rejected
from relman.adapters.helm_release import Place
from relman.core import fields, live_objects
from relman.core.errors import Refused
from relman.core.models.base import Model
from relman.core.models.plan import FieldChange
from relman.operations import bootstrap_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.adapters.api_server import Api
    from relman.core.models.project import ArgoChart
    from relman.operations.repository import Repository

RELEASE = "argocd"


class Step(Model):
    """One thing that is brought to what the repository says. `before` is an installed chart's
    version, `fields` are those of an object that change, from what is there."""

    what: Literal["chart", "object"]
    name: str
    change: Literal["added", "changed", "none"]
    before: str = ""
    after: str = ""
    note: str = ""
    fields: tuple[FieldChange, ...] = ()


class Bootstrap(Model):
    """What a cluster needs to be given. `done` says whether it has been."""

    cluster: str
    context: str
    environments: tuple[str, ...]
    steps: tuple[Step, ...]
    done: bool = False

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return any(step.change != "none" for step in self.steps)


@dataclass(frozen=True)
class Wanted:
    """The chart with its values (None where it is left alone) and the objects."""

    chart: ArgoChart | None
    values: dict[str, Any]
    objects: tuple[dict[str, Any], ...]


def bootstrap(
    repository: Repository,
    cluster: str,
    *,
    only_root: bool,
    agree: Callable[[Bootstrap], bool],
    progress: Callable[[str], None],
) -> Bootstrap:
    """Looks, lets `agree` decide, and does it.

    Raises Refused when no environment is delivered from there or `agree` says no, Invalid for
    files under argocd/bootstrap that can't be right, Unavailable when the cluster can't be
    asked or Helm fails.
    """
    context = bootstrap_files.context_of(repository, cluster)
    environments = bootstrap_files.served(repository, cluster, context)
    wanted = _wanted(repository, environments, only_root)
    place = Place(context, repository.project.argocd.namespace, RELEASE)
    api = kubernetes.connect(context)
    try:
        api.get("/version")
        found = Bootstrap(
            cluster=cluster,
            context=context,
            environments=tuple(environments),
            steps=tuple(_looked(api, place, wanted)),
        )
        if not agree(found):
            return found
        _do(api, place, wanted, found, progress)
        return found.model_copy(update={"done": True})
    finally:
        api.close()


def _wanted(repository: Repository, environments: list[str], only_root: bool) -> Wanted:
    chart = repository.project.argocd.chart
    if not only_root and chart is None:
        raise Refused(
            "releases/relman.yaml doesn't say which chart installs Argo CD",
            hint="argocd.chart: {repo: ..., version: ...}; or --only-root, where it runs already",
        )
    return Wanted(
        chart=None if only_root else chart,
        values=bootstrap_files.values(repository),
        objects=tuple(bootstrap_files.objects(repository, environments)),
    )


def _looked(api: Api, place: Place, wanted: Wanted) -> list[Step]:
    chart = [_chart(place, wanted.chart, wanted.values)] if wanted.chart else []
    return chart + [_object(api, manifest) for manifest in wanted.objects]


def _chart(place: Place, chart: ArgoChart, values: dict[str, Any]) -> Step:
    name = f"{chart.name} in {place.namespace}"
    there = helm_release.installed(place)
    if there is None:
        return Step(what="chart", name=name, change="added", after=chart.version)
    changed = fields.compare(there.values, values)
    whole = there.status == "deployed"
    same = there.version == chart.version and not changed and whole
    return Step(
        what="chart",
        name=name,
        change="none" if same else "changed",
        before=there.version,
        after=chart.version,
        note="" if whole else f"Helm's last run ended as {there.status}",
        fields=changed,
    )


def _object(api: Api, manifest: dict[str, Any]) -> Step:
    metadata = manifest["metadata"]
    name = f"{manifest['kind']}/{metadata.get('namespace', '')}/{metadata['name']}"
    try:
        live = api.get(api.locate(manifest))
    except NotServed:
        live = None
    if live is None:
        return Step(what="object", name=name, change="added")
    try:
        wanted = api.apply(manifest, dry_run=True)
    except Rejected as error:
        return Step(what="object", name=name, change="changed", note=error.message)
    sides = (live_objects.comparable(one, set()) for one in (live, wanted))
    changed = fields.compare(*sides)
    return Step(what="object", name=name, change="changed" if changed else "none", fields=changed)


def _do(
    api: Api, place: Place, wanted: Wanted, found: Bootstrap, progress: Callable[[str], None]
) -> None:
    chart = next((step for step in found.steps if step.what == "chart"), None)
    if wanted.chart and chart and chart.change != "none":
        progress(f"{wanted.chart.name} {wanted.chart.version}: waiting until it runs")
        helm_release.install(place, wanted.chart, wanted.values)
    steps = [step for step in found.steps if step.what == "object"]
    for step, manifest in zip(steps, wanted.objects, strict=True):
        if step.change != "none":
            progress(f"applying {step.name}")
            control_plane.apply_when_served(api, manifest)
