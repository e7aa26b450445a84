"""What differs between git and what clusters have."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relman.core.models.base import Model, Name
from relman.core.models.plan import FieldChange, ObjectRef


class ObjectDrift(Model):
    """One object that isn't as git has it.

    `changed`: `fields` has the differences, each `before` as git wants it and `after` as the
    cluster has it. `missing`: git has it, the cluster doesn't. `extra`: the cluster has it as
    part of one of the environment's Applications, git doesn't; Argo CD is to prune it.
    `by` says how it was compared: by what the API server would make of git's object (`server`),
    or, where it refuses that, only by the fields that git names (`fields`, with `note`).
    """

    object: ObjectRef
    state: Literal["changed", "missing", "extra"]
    fields: tuple[FieldChange, ...] = ()
    by: Literal["server", "fields"] = "server"
    note: str = ""


class ApplicationDrift(Model):
    """One Application: how many objects were compared, and those that differ. `problem` says
    why nothing is known: its cluster can't be asked, or its chart can't be rendered here."""

    application: str
    cluster: Name
    component: Name
    compared: int = 0
    objects: tuple[ObjectDrift, ...] = ()
    problem: str = ""


class Drift(Model):
    """An environment's clusters against git at the release that it runs. `unreachable` are the
    clusters that could not be asked, with the reason."""

    environment: Name
    release: str
    applications: tuple[ApplicationDrift, ...]
    unreachable: dict[str, str] = Field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether anything is known to differ."""
        return any(one.objects for one in self.applications)
