"""The objects of two sides of an Application: what differs field by field, and whether the new
ones obey their schemas.

The same texts differ in the same way on every cluster, so each answer is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from relman.adapters import schemas, yaml
from relman.core import fields, ignoring, manifests, masking
from relman.core.errors import Invalid, Place
from relman.core.models.plan import FieldChange, ObjectChange, ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relman.core.manifests import Manifest
    from relman.core.models.project import IgnoreDifference


@dataclass(frozen=True)
class Side:
    """Documents of one side, and the namespace of those that name none."""

    documents: tuple[str, ...]
    namespace: str


@dataclass(frozen=True)
class Compared:
    """What became of the objects; each change is of a cluster and component yet to be named."""

    changes: tuple[ObjectChange, ...]
    invalid: tuple[str, ...]
    checked: int
    unchecked: tuple[str, ...]


@lru_cache(maxsize=4096)
def compare(
    old: Side,
    new: Side,
    version: str,
    component: str,
    ignored: tuple[IgnoreDifference, ...],
    same_server: bool,
) -> Compared:
    """What differs between two sides. Without `same_server` everything goes there, and comes
    here."""
    before = {m.key: m for m in parsed(old.documents, old.namespace, component)}
    rendered = parsed(new.documents, new.namespace, component)
    after = {m.key: m for m in rendered}
    sides = [(before.get(key), after.get(key)) for key in sorted({*before, *after})]
    if not same_server:
        sides = [(one, None) for one, _ in sides if one] + [(None, one) for _, one in sides if one]
    changes = [_change(left, right, ignored) for left, right in sides]
    problems, checked, unchecked = _validated(rendered, version)
    return Compared(
        changes=tuple(change for change in changes if change),
        invalid=(*problems, *map(repetition, manifests.repeated(rendered))),
        checked=checked,
        unchecked=tuple(unchecked),
    )


def repetition(manifest: Manifest) -> str:
    """What is wrong with an object that is rendered twice."""
    return f"{manifest.kind}/{manifest.name}: is rendered more than once, each time differently"


def parsed(documents: Iterable[str], namespace: str, component: str) -> list[Manifest]:
    """The objects of rendered documents. Raises Invalid for what isn't one."""
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
    hook = any(key in one.annotations for key in manifests.HOOKS)
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
