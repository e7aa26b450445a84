"""Compares what Applications render before and after a change."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from relman.adapters import rendering, schemas
from relman.core import fields, manifests
from relman.core.models.plan import ObjectChange, Unrendered
from relman.core.risks import WORKLOADS
from relman.operations import objects
from relman.operations.objects import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relman.operations.pairs import Pair
    from relman.operations.rendered import Renderer, Target

IMAGE = re.compile(r"""(?:^|[\s{,])["']?image["']?\s*:\s*["']?([^\s"'#,}\]]+)""", re.MULTILINE)
SCALER = "HorizontalPodAutoscaler"


@dataclass(frozen=True)
class Difference:
    """What changes in one Application."""

    changes: tuple[ObjectChange, ...] = ()
    pods: dict[tuple[str, str], int | None] = field(default_factory=dict)
    invalid: tuple[str, ...] = ()
    checked: int = 0
    unchecked: tuple[str, ...] = ()
    unpinned: tuple[str, ...] = ()
    unrendered: Unrendered | None = None


def differences(renderer: Renderer, pairs: Iterable[Pair]) -> Iterator[Difference]:
    """A difference for each pair, in order. Renderings run side by side: Helm's library leaves
    Python's lock while it works."""
    pool = ThreadPoolExecutor(os.cpu_count() or 2)
    try:
        yield from pool.map(lambda pair: _difference(renderer, pair), pairs)
    finally:
        pool.shutdown(cancel_futures=True)


def _difference(renderer: Renderer, pair: Pair) -> Difference:
    if pair.unchanged:
        return Difference()
    sides = [renderer.request(side) if side else None for side in (pair.before, pair.after)]
    why = next((side for side in sides if isinstance(side, str)), None)
    if why is not None:
        return Difference(unrendered=_unrendered(pair, why))
    before, after = (side for side in sides if not isinstance(side, str))
    if before and after and before.key == after.key and pair.same_place:
        return Difference()
    old = rendering.documents(before) if before else []
    new = rendering.documents(after) if after else []
    return _compared(pair, old, new)


def _compared(pair: Pair, old: list[str], new: list[str]) -> Difference:
    target = pair.any
    removed, added = manifests.differing(old, new) if pair.same_place else (old, new)
    found = objects.compare(
        Side(tuple(removed), (pair.before or target).namespace),
        Side(tuple(added), (pair.after or target).namespace),
        schemas.closest(target.kubernetes_version),
        target.component,
        target.ignored,
        pair.same_server,
    )
    return Difference(
        changes=tuple(_placed(change, target) for change in found.changes),
        pods=_pods(new, target, found.changes),
        invalid=tuple(f"{target.cluster}: {problem}" for problem in found.invalid),
        checked=found.checked,
        unchecked=found.unchecked,
        unpinned=_unpinned(new) if target.source is None else (),
    )


def _placed(change: ObjectChange, target: Target) -> ObjectChange:
    where = {"cluster": target.cluster, "component": target.component}
    return change.model_copy(update={"object": change.object.model_copy(update=where)})


def _pods(
    documents: Iterable[str], target: Target, changes: Iterable[ObjectChange]
) -> dict[tuple[str, str], int | None]:
    """Replicas of each changed workload: its own, or the least that its autoscaler keeps."""
    names = {change.object.name for change in changes if change.object.kind in WORKLOADS}
    if not names:
        return {}
    scaled = [d for d in documents if any(f"kind: {kind}" in d for kind in (*WORKLOADS, SCALER))]
    found: dict[tuple[str, str], int | None] = {}
    for manifest in objects.parsed(scaled, target.namespace, target.component):
        spec: dict[str, Any] = manifest.document.get("spec") or {}
        if manifest.kind == SCALER:
            scales = spec.get("scaleTargetRef") or {}
            name = f"{scales.get('kind')}/{manifest.namespace}/{scales.get('name')}"
            found[target.cluster, name] = spec.get("minReplicas", 1)
        else:
            name = f"{manifest.kind}/{manifest.namespace}/{manifest.name}"
            count = None if manifest.kind == "DaemonSet" else spec.get("replicas", 1)
            found.setdefault((target.cluster, name), count)
    return found


def _unpinned(documents: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({image for document in documents for image in _unpinned_in(document)}))


@lru_cache(maxsize=4096)
def _unpinned_in(document: str) -> frozenset[str]:
    """Helm's test hooks don't count: Argo CD never applies them."""
    if "helm.sh/hook" in document and not objects.parsed([document], "", ""):
        return frozenset()
    return frozenset(one for one in IMAGE.findall(document) if "@sha256:" not in one)


def _unrendered(pair: Pair, why: str) -> Unrendered:
    before, after = pair.before, pair.after
    return Unrendered(
        cluster=pair.any.cluster,
        component=pair.any.component,
        why=why,
        before=before.shown if before else "",
        after=after.shown if after else "",
        values=fields.compare(before.values if before else {}, after.values if after else {}),
    )
