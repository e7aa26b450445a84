"""releases/records/ENV/NNNN-VERSION.yaml: the lasting account of one change of an environment,
and argocd/ENV/release.yaml: what the environment runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from relman.core.models.base import (
    ApiVersion,
    Commit,
    Digest,
    Model,
    Name,
    Time,
    Version,
    Whole,
)

Action = Literal["deploy", "promote", "refresh", "rollback", "unblock"]
Verdict = Literal["pass", "fail", "unknown"]


class GateResult(Model):
    """One gate's answer: its verdict, why in one line, what to do, and data that proves it.

    `earliest` is the first time (RFC 3339) at which a gate that waits for one can pass;
    `skipped` says that it was passed over in an emergency.
    """

    gate: str
    verdict: Verdict
    summary: str
    next_step: str = ""
    evidence: dict[str, Any] = Field(default_factory=dict)
    earliest: str | None = None
    skipped: bool = False

    @property
    def opens(self) -> bool:
        """Whether it lets a change through."""
        return self.verdict == "pass" or self.skipped


class Record(Model):
    """One link of an environment's chain of records.

    `blocked` are the releases that may not come back after this record; `files` is the digest
    of everything generated under argocd/ENV; `previous` is the SHA-256 of the record before.
    `only` is the one service that was moved; `generator` is the edition of what generated the
    files.
    """

    api_version: ApiVersion
    kind: Literal["Record"]
    number: Annotated[Whole, Field(ge=1)]
    environment: Name
    action: Action
    release: Version
    release_digest: Digest
    from_release: Version | None = None
    source: Name | None = None
    only: Name | None = None
    plan: Digest | None = None
    base: Commit
    time: Time
    author: str
    reason: str = ""
    gates: tuple[GateResult, ...] = ()
    accepted: tuple[str, ...] = ()
    blocked: tuple[Version, ...] = ()
    files: Digest
    generator: Annotated[Whole, Field(ge=1)] = 1
    previous: Digest | None = None

    @property
    def skipped(self) -> tuple[str, ...]:
        """The gates that were passed over in an emergency."""
        return tuple(gate.gate for gate in self.gates if gate.skipped)

    @property
    def file_name(self) -> str:
        """NNNN-VERSION.yaml."""
        return f"{self.number:04d}-{self.release}.yaml"


class RunningFile(Model):
    """argocd/ENV/release.yaml: which release runs there, and which record put it there."""

    api_version: ApiVersion
    kind: Literal["Running"]
    environment: Name
    release: Version
    release_digest: Digest
    record: Annotated[Whole, Field(ge=1)]
