"""Compares what Applications render before and after a change, object by object."""

from __future__ import annotations

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from relman.adapters import rendering, schemas, yaml
from relman.core import fields, ignoring, manifests, masking
from relman.core.errors import Invalid, Place
from relman.core.models.plan import FieldChange, ObjectChange, ObjectRef, Unrendered
from relman.core.risks import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relman.core.manifests import Manifest
    from relman.core.models.project import IgnoreDifference
    from relman.operations.rendered import Renderer, Target

IMAGE = re.compile(r"""(?:^|[\s{,])["']?image["']?\s*:\s*["']?([^\s"'#,}\]]+)""", re.MULTILINE)
HOOKS = ("helm.sh/hook", "argocd.argoproj.io/hook")
SCALER = "HorizontalPodAutoscaler"


@dataclass(frozen=True)
class Pair:
    """One Application before and after; None where it isn't there."""

    before: Target | None
    after: Target | None

    @property
    def any(self) -> Target:
        """Either side, the new one first."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a pair of nothing")
        return found

    @property
    def unchanged(self) -> bool:
        """Whether both sides are the same; to Python 1 and true are equal, to Helm they aren't."""
        if self.before is None or self.after is None or self.before != self.after:
            return False
        return json.dumps(self.before.values) == json.dumps(self.after.values)

    @property
    def same_server(self) -> bool:
        """Whether both sides are on the same API server, as far as Argo CD is told."""
        return not (self.before and self.after) or self.before.server == self.after.server

    @property
    def same_place(self) -> bool:
        """Whether equal texts are equal objects on both sides."""
        moved = self.before and self.after and self.before.namespace != self.after.namespace
        return self.same_server and not moved


@dataclass(frozen=True)
class Side:
    """Documents of one side, and the namespace of those that name none."""

    documents: tuple[str, ...]
    namespace: str


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
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        yield from pool.map(lambda pair: _difference(renderer, pair), pairs)


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
    old = manifests.split(rendering.render(before)) if before else []
    new = manifests.split(rendering.render(after)) if after else []
    return _compared(pair, old, new)


def _compared(pair: Pair, old: list[str], new: list[str]) -> Difference:
    target = pair.any
    removed, added = manifests.differing(old, new) if pair.same_place else (old, new)
    found = _differing(
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


@lru_cache(maxsize=4096)
def _differing(
    old: Side,
    new: Side,
    version: str,
    component: str,
    ignored: tuple[IgnoreDifference, ...],
    same_server: bool,
) -> Difference:
    """The same texts differ in the same way on every cluster, so this is worked out once."""
    before = {m.key: m for m in _parsed(old.documents, old.namespace, component)}
    after = {m.key: m for m in _parsed(new.documents, new.namespace, component)}
    sides = [(before.get(key), after.get(key)) for key in sorted({*before, *after})]
    if not same_server:  # everything goes there, and comes here
        sides = [(one, None) for one, _ in sides if one] + [(None, one) for _, one in sides if one]
    changes = [_change(left, right, ignored) for left, right in sides]
    problems, checked, unchecked = _validated(after.values(), version)
    return Difference(
        changes=tuple(change for change in changes if change),
        invalid=tuple(problems),
        checked=checked,
        unchecked=tuple(unchecked),
    )


def _parsed(documents: Iterable[str], namespace: str, component: str) -> list[Manifest]:
    return [found for text in documents for found in _objects(text, namespace, component)]


@lru_cache(maxsize=2048)
def _objects(text: str, namespace: str, component: str) -> list[Manifest]:
    """The objects of one document; most are the same, letter by letter, on many clusters."""
    try:
        return manifests.parse([text], yaml.load_all, namespace)
    except ValueError as error:
        raise Invalid(
            f"renders something that isn't valid: {error}", place=Place(component)
        ) from error


def _change(
    before: Manifest | None, after: Manifest | None, ignored: Iterable[IgnoreDifference]
) -> ObjectChange | None:
    one = after or before
    if one is None:
        return None
    changed: tuple[FieldChange, ...] = ()
    if before and after:
        # What Argo CD ignores changes nothing: a webhook's certificate is new at each rendering.
        sides = [ignoring.without(side.document, ignored) for side in (before, after)]
        changed = fields.compare(*masking.comparable(*sides))
        if not changed:
            return None
    kind = "changed" if before and after else "added" if after else "removed"
    ref = ObjectRef(
        cluster="unknown",
        component="unknown",
        api_version=one.api_version,
        kind=one.kind,
        namespace=one.namespace,
        name=one.name,
    )
    frozen = bool(before and before.document.get("immutable"))
    hook = any(key in one.annotations for key in HOOKS)
    return ObjectChange(object=ref, change=kind, frozen=frozen, hook=hook, fields=changed)


def _validated(found: Iterable[Manifest], version: str) -> tuple[list[str], int, list[str]]:
    problems, unchecked, checked = [], [], 0
    for manifest in found:
        errors = schemas.errors(manifest.document, version)
        if errors is None:
            unchecked.append(manifest.kind)
            continue
        checked += 1
        problems += [f"{manifest.kind}/{manifest.name}: {error}" for error in errors]
    return problems, checked, unchecked


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
    for manifest in _parsed(scaled, target.namespace, target.component):
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
    images = {image for document in documents for image in IMAGE.findall(document)}
    return tuple(sorted(image for image in images if "@sha256:" not in image))


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
