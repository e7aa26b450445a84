"""What objects need of the cluster that they go to: kinds that it serves, and classes by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from relman.core.manifests import Manifest

# Keys that name a class, wherever they stand: pod templates, claims, and custom resources too.
CLASSES = {
    "storageClassName": "StorageClass",
    "ingressClassName": "IngressClass",
    "priorityClassName": "PriorityClass",
    "runtimeClassName": "RuntimeClass",
}
KINDS = frozenset(CLASSES.values())
DEFINITION = "CustomResourceDefinition"


@dataclass(frozen=True)
class Needs:
    """Kinds as (apiVersion, kind), classes as (kind, name); `defines` and `makes` are those that
    come with the objects."""

    kinds: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    classes: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    defines: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    makes: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def foreign_kinds(self) -> list[tuple[str, str]]:
        """Kinds that the cluster itself must serve."""
        return sorted(self.kinds - self.defines)

    @property
    def foreign_classes(self) -> list[tuple[str, str]]:
        """Classes that must be there already."""
        return sorted(self.classes - self.makes)


def needs(manifests: Iterable[Manifest]) -> Needs:
    """What all of them need together."""
    found = list(manifests)
    return Needs(
        kinds=frozenset((one.api_version, one.kind) for one in found),
        classes=frozenset(named for one in found for named in _named(one.document)),
        defines=frozenset(kind for one in found for kind in _defined(one)),
        makes=frozenset((one.kind, one.name) for one in found if one.kind in KINDS),
    )


def missing(
    wanted: Needs,
    served: Mapping[str, Collection[str]],
    there: Collection[tuple[str, str]],
) -> list[str]:
    """What a cluster lacks, in words. `served` has the kinds of each apiVersion, `there` the
    classes that it has."""
    kinds = [(v, kind) for v, kind in wanted.foreign_kinds if kind not in served.get(v, ())]
    classes = [one for one in wanted.foreign_classes if one not in there]
    return [f"{kind} of {version} is not served" for version, kind in kinds] + [
        f"{kind} {name} is neither there nor comes with it" for kind, name in classes
    ]


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key in CLASSES and isinstance(part, str) and part:
                yield CLASSES[key], part
            else:
                yield from _named(part)
    elif isinstance(value, list):
        for part in value:
            yield from _named(part)


def _defined(manifest: Manifest) -> Iterator[tuple[str, str]]:
    if manifest.kind != DEFINITION:
        return
    spec = manifest.document.get("spec") or {}
    kind = (spec.get("names") or {}).get("kind", "")
    for version in spec.get("versions") or ():
        if version.get("served", True):
            yield f"{spec.get('group')}/{version.get('name')}", str(kind)
