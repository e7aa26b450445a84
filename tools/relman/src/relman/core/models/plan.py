"""A plan: what a change of an environment would do, as data."""

from __future__ import annotations

from typing import Any, Literal

from relman.core.models.base import Digest, Model, Name, Version
from relman.core.models.record import Action, GateResult

ChangeKind = Literal["added", "changed", "removed"]


class FileChange(Model):
    """A generated file that the change writes or deletes."""

    path: str
    change: ChangeKind


class FieldChange(Model):
    """One field of an object; `path` is like spec.template.spec.containers[app].image."""

    path: str
    before: Any = None
    after: Any = None


class ObjectRef(Model):
    """A Kubernetes object in a cluster."""

    cluster: Name
    component: Name
    api_version: str
    kind: str
    namespace: str = ""
    name: str

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind}/{where}{self.name}"


class ObjectChange(Model):
    """What happens to one object, field by field. `frozen` says that the object forbids changes
    of its data (immutable: true, of a ConfigMap or a Secret), `hook` that Helm or Argo CD
    deletes it and makes it anew."""

    object: ObjectRef
    change: ChangeKind
    frozen: bool = False
    hook: bool = False
    fields: tuple[FieldChange, ...] = ()


class Restart(Model):
    """Pods of a workload that are replaced, and the changed fields that cause it."""

    object: ObjectRef
    pods: int | None
    because: tuple[str, ...]


class Risk(Model):
    """Something destructive; `id` is what --accept must name. `object` is null for a chart that
    could not be rendered."""

    id: str
    object: ObjectRef | None
    summary: str


class Unrendered(Model):
    """A component that is shown by its version and values only, and why."""

    cluster: Name
    component: Name
    why: str
    before: str = ""
    after: str = ""
    values: tuple[FieldChange, ...] = ()


class Plan(Model):
    """The whole change of one environment.

    `hash` covers the environment, the release's digest and every generated file, which between
    them determine every rendered object; not the time, the base commit or what runs now.
    `only` is the one service that is moved.
    """

    environment: Name
    action: Action
    release: Version
    release_digest: Digest
    from_release: Version | None
    source: Name | None
    only: Name | None = None
    base: str
    hash: Digest
    files: tuple[FileChange, ...]
    objects: tuple[ObjectChange, ...]
    restarts: tuple[Restart, ...]
    risks: tuple[Risk, ...]
    unrendered: tuple[Unrendered, ...]
    gates: tuple[GateResult, ...] = ()

    @property
    def skipped(self) -> tuple[str, ...]:
        """The gates that are passed over in an emergency."""
        return tuple(gate.gate for gate in self.gates if gate.skipped)

    @property
    def passes(self) -> bool:
        """Whether every gate lets it through; unknown does not."""
        return all(gate.opens for gate in self.gates)
