"""What was gathered outside of git for the gates. What nobody asked for is empty."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relman.core.models.base import Digest, Model, Name
from relman.core.models.live import EnvironmentHealth


class ImageFound(Model):
    """An image in the registry that the environment pulls it from. What is None was not asked,
    or can't be known; then `problem` says why."""

    image: str
    services: tuple[Name, ...] = ()
    present: bool | None = None
    architectures: tuple[str, ...] | None = None
    findings: dict[str, int] | None = None
    signed: bool | None = None
    problem: str = ""


class SecretFound(Model):
    """A secret of Secrets Manager that rendered objects name. `deletion` is the day on which it
    goes, where it is scheduled for deletion."""

    name: str
    region: str = ""
    account: str = ""
    named_by: tuple[str, ...] = ()
    exists: bool | None = None
    deletion: str | None = None
    problem: str = ""


class TargetFound(Model):
    """What a cluster lacks of what the objects need, in words: kinds and classes in `missing`,
    quotas in `exceeded`. `notes` are worth telling and fail nothing."""

    cluster: Name
    version: str = ""
    missing: tuple[str, ...] = ()
    exceeded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


class CheckFound(Model):
    """How a check ended, after `tries` tries. `output` is the digest of all that it printed or
    answered, `end` its last part with secrets hidden."""

    name: Name
    outcome: Literal["pass", "fail", "unknown"]
    said: str
    tries: int = 0
    output: Digest | None = None
    end: str = ""


class Evidence(Model):
    """Answers from outside. `health` is by environment. `problems` says, by gate, why something
    could not be asked at all; `unasked` why nothing was asked, where that was so."""

    health: dict[Name, EnvironmentHealth] = Field(default_factory=dict)
    images: tuple[ImageFound, ...] = ()
    secrets: tuple[SecretFound, ...] = ()
    target: tuple[TargetFound, ...] = ()
    checks: tuple[CheckFound, ...] = ()
    problems: dict[str, str] = Field(default_factory=dict)
    unasked: str = ""
