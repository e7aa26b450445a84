"""releases/decisions/ENV/NNNN-KIND.yaml: what people decided about an environment."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

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

DecisionKind = Literal["approve", "hold", "resume"]


class Decision(Model):
    """One approval, hold or resume: a link of an environment's chain of decisions.

    An approval is of one plan: `plan` is its hash, `release` the release in it. A hold or a
    resume is of the environment, or of one `service` in it. `previous` is the SHA-256 of the
    decision before.
    """

    api_version: ApiVersion
    kind: Literal["Decision"]
    number: Annotated[Whole, Field(ge=1)]
    environment: Name
    decision: DecisionKind
    release: Version | None = None
    plan: Digest | None = None
    service: Name | None = None
    base: Commit
    time: Time
    by: str
    reason: str
    previous: Digest | None = None

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"{self.number:04d}-{self.decision}.yaml"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        approval = self.decision == "approve"
        if approval != (self.plan is not None) or approval != (self.release is not None):
            raise ValueError("an approval has plan and release, a hold or a resume neither")
        if approval and self.service:
            raise ValueError("an approval is of a whole plan, not of a service")
        return self
