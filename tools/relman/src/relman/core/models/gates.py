"""What an environment declares under `gates:`. A key that is left out is a gate that the
environment does not have."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from relman.core.durations import Duration
from relman.core.models.base import Flag, Model, Name, Whole
from relman.core.models.windows import WindowsGate

Severity = Literal["low", "medium", "high", "critical"]


class HealthGate(Model):
    """Environments upstream must be Synced and Healthy at the release that they run. `within` is
    how long Argo CD may take to answer."""

    within: Duration = "10s"


class SoakGate(Model):
    """How long the release must have run upstream without interruption."""

    duration: Duration


class ApprovalsGate(Model):
    """How many people of a list must approve. `from` names people by their git e-mail address
    and teams as team/NAME; `author` lets the author of the release count, `signed` demands that
    the approval's commit carries a good signature."""

    required: Annotated[Whole, Field(ge=1, le=100)] = 1
    from_: Annotated[tuple[str, ...], Field(min_length=1, alias="from")]
    author: Flag = False
    signed: Flag = False


class ImageSignature(Model):
    """Who must have signed an image: a `key` (a file of the repository, or a KMS key), or an
    `identity` that an OIDC `issuer` vouches for."""

    key: str | None = None
    identity: str | None = None
    issuer: str | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        keyless = self.identity is not None and self.issuer is not None
        some = self.identity is not None or self.issuer is not None
        if (self.key is not None) == some or some != keyless:
            raise ValueError("needs either key, or identity and issuer")
        return self


class ImagesGate(Model):
    """What each image must be in the target's registry: there, without scan findings at or above
    `severity`, for every one of `architectures`, and signed."""

    severity: Severity | None = None
    architectures: tuple[str, ...] = ()
    signature: ImageSignature | None = None


class SecretsGate(Model):
    """Every Secrets Manager secret that the rendered objects name must exist in the target's
    account, not scheduled for deletion."""


class TargetGate(Model):
    """The target's clusters must serve and hold what the plan's objects need."""


class Expectation(Model):
    """What a check must give."""

    exit_code: Whole = 0
    status: Whole = 200
    contains: str = ""


class ReleaseCheck(Model):
    """A command or an HTTP request that must give what is expected. `env` is all that a command
    sees of variables, but for PATH, HOME and LANG."""

    name: Name
    command: tuple[str, ...] = ()
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]")] | None = None
    env: dict[str, str] = Field(default_factory=dict)
    timeout: Duration = "30s"
    retries: Annotated[Whole, Field(ge=0, le=20)] = 0
    expect: Expectation = Expectation()

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.command) == (self.url is not None):
            raise ValueError("needs either command or url")
        return self


class Gates(Model):
    """The gates that an environment adds to those that always hold. `source` says whether all
    environments before it must run the release, or any."""

    source: Literal["all", "any"] = "all"
    health: HealthGate | None = None
    soak: SoakGate | None = None
    windows: WindowsGate | None = None
    approvals: ApprovalsGate | None = None
    images: ImagesGate | None = None
    secrets: SecretsGate | None = None
    target: TargetGate | None = None
    checks: tuple[ReleaseCheck, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [check.name for check in self.checks]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"checks named twice: {', '.join(twice)}")
        return self
