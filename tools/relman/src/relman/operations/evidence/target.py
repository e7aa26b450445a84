"""What the target's clusters serve and hold, against what the objects need."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from relman.adapters import kubernetes
from relman.core import demand, needs, quotas
from relman.core.models.evidence import TargetFound
from relman.operations import contexts
from relman.operations.side_by_side import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relman.adapters.api_server import Api
    from relman.core.manifests import Manifest
    from relman.core.needs import Needs
    from relman.operations.evidence.asked import Asked

PATHS = {
    "StorageClass": "/apis/storage.k8s.io/v1/storageclasses",
    "IngressClass": "/apis/networking.k8s.io/v1/ingressclasses",
    "PriorityClass": "/apis/scheduling.k8s.io/v1/priorityclasses",
    "RuntimeClass": "/apis/node.k8s.io/v1/runtimeclasses",
}
Question = tuple[str, str, str]


def look(asked: Asked) -> tuple[tuple[TargetFound, ...], str]:
    """Every cluster of the environment."""
    objects, problem = asked.objects()
    names = [cluster.name for cluster in asked.environment.clusters]
    jobs = {name: partial(_cluster, asked, name, objects[name]) for name in names}
    answers = ask(jobs, asked.left)
    return tuple(
        answer.value or TargetFound(cluster=name, problem=answer.problem)
        for name, answer in answers.items()
    ), problem


def _cluster(asked: Asked, cluster: str, objects: Sequence[Manifest]) -> TargetFound:
    wanted = needs.needs(objects)
    context = contexts.of_cluster(asked.repository, asked.environment, cluster)
    api = kubernetes.connect(context)
    try:
        answers = ask(_questions(api, wanted, demand.namespaces(objects)), asked.left * 0.9)
    finally:
        api.close()
    if problem := next((one.problem for one in answers.values() if one.problem), ""):
        return TargetFound(cluster=cluster, problem=problem)
    found = {key: answer.value for key, answer in answers.items()}
    return TargetFound(
        cluster=cluster,
        version=str((found["version", "", ""] or {}).get("gitVersion", "")),
        missing=tuple(needs.missing(wanted, _served(found), _there(found))),
        exceeded=tuple(quotas.exceeded(objects, _of(found, "quotas"), _of(found, "ranges"))),
    )


def _questions(
    api: Api, wanted: Needs, namespaces: Sequence[str]
) -> dict[Question, Callable[[], Any]]:
    """All that is asked of one cluster, side by side."""
    found: dict[Question, Callable[[], Any]] = {("version", "", ""): partial(api.get, "/version")}
    for version in sorted({version for version, _ in wanted.foreign_kinds}):
        group = f"/apis/{version}" if "/" in version else f"/api/{version}"
        found["kinds", version, ""] = partial(api.get, group)
    for kind, name in wanted.foreign_classes:
        found["class", kind, name] = partial(api.get, f"{PATHS[kind]}/{name}")
    for namespace in namespaces:
        where = f"/api/v1/namespaces/{namespace}"
        found["quotas", namespace, ""] = partial(api.items, f"{where}/resourcequotas")
        found["ranges", namespace, ""] = partial(api.items, f"{where}/limitranges")
    return found


def _served(found: dict[Question, Any]) -> dict[str, set[str]]:
    return {
        version: {one["kind"] for one in (answer or {}).get("resources", ())}
        for (what, version, _), answer in found.items()
        if what == "kinds"
    }


def _there(found: dict[Question, Any]) -> set[tuple[str, str]]:
    return {
        (kind, name)
        for (what, kind, name), answer in found.items()
        if what == "class" and answer is not None
    }


def _of(found: dict[Question, Any], wanted: str) -> dict[str, list[dict[str, Any]]]:
    return {namespace: answer for (what, namespace, _), answer in found.items() if what == wanted}
