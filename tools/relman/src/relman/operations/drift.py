"""`relman drift`: what clusters have, against what git has.

Both sides of an object come from the API server: what it has, and what it would have after
Argo CD's next apply, by a dry-run in Argo CD's name. So its defaults are no differences, and
what other managers own isn't looked at, as little as Argo CD does.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from relman.adapters import kubernetes
from relman.core import live_objects
from relman.core.errors import Invalid, Unavailable
from relman.core.models.drift import ApplicationDrift, Drift, ObjectDrift
from relman.operations import contexts, drift_extra, drift_objects, drift_parts, looking, rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from relman.adapters.api_server import Api
    from relman.operations.drift_parts import Chosen, Part
    from relman.operations.repository import Repository

CLUSTERS_AT_ONCE = 4


def drift(
    repository: Repository,
    environment: str,
    chosen: Chosen,
    *,
    pull: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Drift:
    """Compares an environment with its clusters. A cluster that can't be asked is in the answer.

    Raises Invalid for a cluster or a component that the environment doesn't have, Refused when
    nothing runs there.
    """
    settings = repository.environment(environment)
    release = looking.running(repository, environment)
    targets = drift_parts.targets(repository, settings, chosen)
    clusters = sorted({target.cluster for target in targets.values()})
    if chosen.context and len(clusters) > 1:
        raise Invalid(
            f"--context is one cluster's, and {environment} has {len(clusters)}",
            hint=f"add --cluster: {', '.join(clusters)}",
        )
    renderer = rendered.Renderer(repository.snapshot, pull)
    known = drift_parts.known(repository, settings, targets, chosen)

    def one(cluster: str) -> tuple[list[ApplicationDrift], str]:
        mine = {name: target for name, target in targets.items() if target.cluster == cluster}
        progress(f"looking at {cluster}")
        parts = [drift_parts.part(renderer, name, target) for name, target in mine.items()]
        context = chosen.context or contexts.of_cluster(repository, settings, cluster)
        return _cluster(parts, context, {k: v for k, v in known.items() if v[0] == cluster})

    with ThreadPoolExecutor(CLUSTERS_AT_ONCE) as pool:
        found = dict(zip(clusters, pool.map(one, clusters), strict=True))
    return Drift(
        environment=environment,
        release=release,
        applications=tuple(app for apps, _ in found.values() for app in apps),
        unreachable={cluster: why for cluster, (_, why) in found.items() if why},
    )


def _cluster(
    parts: list[Part], context: str, known: dict[str, tuple[str, str]]
) -> tuple[list[ApplicationDrift], str]:
    """The Applications of one cluster, and why it can't be asked, if it can't."""
    try:
        api = kubernetes.connect(context)
        try:
            return _asked(api, parts, known), ""
        finally:
            api.close()
    except Unavailable as error:
        problem = f"{error}; {error.hint}" if error.hint else str(error)
        return [_unknown(part, problem) for part in parts], problem


def _asked(
    api: Api, parts: list[Part], known: dict[str, tuple[str, str]]
) -> list[ApplicationDrift]:
    api.get("/version")
    owned = live_objects.scaled(one for part in parts for one in part.objects)
    found = {part.name: _application(api, part, owned) for part in parts}
    extra = _extra(api, parts, known)
    for name, objects in extra.items():
        cluster, component = known[name]
        there = found.get(name) or ApplicationDrift(
            application=name, cluster=cluster, component=component
        )
        found[name] = there.model_copy(update={"objects": (*there.objects, *objects)})
    return list(found.values())


def _application(api: Api, part: Part, owned: set[live_objects.Scaled]) -> ApplicationDrift:
    if part.problem:
        return _unknown(part, part.problem)
    return ApplicationDrift(
        application=part.name,
        cluster=part.target.cluster,
        component=part.target.component,
        compared=len(part.objects),
        objects=tuple(drift_objects.differing(api, part.target, part.objects, owned)),
    )


def _unknown(part: Part, problem: str) -> ApplicationDrift:
    target = part.target
    return ApplicationDrift(
        application=part.name, cluster=target.cluster, component=target.component, problem=problem
    )


def _extra(
    api: Api, parts: Iterable[Part], known: dict[str, tuple[str, str]]
) -> dict[str, list[ObjectDrift]]:
    """What carries the mark of a known Application and isn't rendered. Of an Application that
    can't be rendered here nothing is known."""
    unknown = {part.name for part in parts if part.problem}
    wanted = {(part.name, *one.key) for part in parts for one in part.objects}
    wanted |= {(name, group, kind, "", own) for name, group, kind, _, own in wanted}
    found: dict[str, list[ObjectDrift]] = {}
    for document, mark in drift_extra.tracked_objects(api):
        namespace = str(document["metadata"].get("namespace", ""))
        key = (mark.application, mark.group, mark.kind, namespace, mark.name)
        if mark.application in known and mark.application not in unknown and key not in wanted:
            cluster, component = known[mark.application]
            ref = drift_objects.reference(cluster, component, document, namespace)
            found.setdefault(mark.application, []).append(ObjectDrift(object=ref, state="extra"))
    return found
