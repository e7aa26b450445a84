"""releases/decisions/ENV/NNNN-KIND.yaml: what a person decided about an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from relman.core.models.base import ApiVersion, Commit, Digest, Model, Name, Version, Whole

DecisionKind = Literal["approve", "hold", "resume"]


class Decision(Model):
    """One link of an environment's chain of decisions: an approval of a plan, a hold, or its
    end. `previous` is the SHA-256 of the decision before."""

    api_version: ApiVersion
    kind: Literal["Decision"]
    number: Annotated[Whole, Field(ge=1)]
    environment: Name
    decision: DecisionKind
    release: Version | None = None
    plan: Digest | None = None
    service: Name | None = None
    reason: str = ""
    by: str
    time: str
    base: Commit
    previous: Digest | None = None
