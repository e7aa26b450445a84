"""releases/versions/VERSION.yaml: an immutable bill of materials."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relman.core.models.base import ApiVersion, Commit, Digest, Model, Name, Version
from relman.core.models.project import Component, Service


class Image(Model):
    """One image. `declared` is what relman.yaml said at the cut, `reference` what was frozen."""

    declared: str
    reference: str
    digest: Digest


class Charts(Model):
    """Our charts: the commit that Argo CD checks out, and a digest over the files that are used."""

    commit: Commit
    digest: Digest


class Release(Model):
    """A frozen version of everything that an environment runs.

    `digest` covers charts.digest, images, services and components: what would be deployed,
    not who cut it, when, or from which commit. `floor` says what it does that can't be undone,
    where it does such a thing; that is covered too.
    """

    api_version: ApiVersion
    kind: Literal["Release"]
    version: Version
    digest: Digest
    created: str
    author: str
    note: str = ""
    floor: str = ""
    charts: Charts
    images: dict[Name, Image] = Field(default_factory=dict)
    services: dict[Name, Service] = Field(default_factory=dict)
    components: dict[Name, Component]
