"""What Argo CD says of an environment's Applications, and whether each is ready."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from relman.core.models.base import Model, Name


class UnhealthyObject(Model):
    """An object that Argo CD does not call healthy, and its reason."""

    kind: str
    namespace: str = ""
    name: str
    health: str
    message: str = ""


class ApplicationState(Model):
    """One Application's status, as Argo CD wrote it.

    `component` and `release` are the live Application's labels, `spec` its specification.
    `compared` is the source of the last comparison, `applied` that of the last operation,
    `revision` the commit that this one brought, `phase` how it ended; `pending` says that the
    next one has been asked for, `refreshing` that Argo CD has been asked to compare and hasn't
    yet. Times are RFC 3339.
    """

    name: str
    component: str = ""
    release: str = ""
    spec: dict[str, Any] = Field(default_factory=dict)
    deleting: bool = False
    compared: dict[str, Any] = Field(default_factory=dict)
    applied: dict[str, Any] = Field(default_factory=dict)
    revision: str = ""
    pending: bool = False
    refreshing: bool = False
    sync: str = "Unknown"
    health: str = "Unknown"
    health_message: str = ""
    health_since: str | None = None
    phase: str | None = None
    operation_message: str = ""
    operation_finished: str | None = None
    reconciled: str | None = None
    conditions: tuple[str, ...] = ()
    unhealthy: tuple[UnhealthyObject, ...] = ()
    images: tuple[str, ...] = ()


class Readiness(Model):
    """Whether one Application runs its release, and if not, why.

    `ready`: Synced and Healthy at exactly that release. `failed`: it will not become ready by
    waiting. `current` says whether Argo CD has seen what git wants now, `applied` whether its
    last operation brought exactly that; where it is ready without, Argo CD found nothing to
    apply. `since` is the time (RFC 3339) from which Argo CD has called it what it is.
    """

    application: str
    cluster: Name
    component: Name
    state: Literal["ready", "waiting", "failed"]
    reason: str = ""
    current: bool = False
    applied: bool = False
    sync: str = "Unknown"
    health: str = "Unknown"
    since: str | None = None


class EnvironmentHealth(Model):
    """The Applications of an environment at the release that it runs by git.

    `problem` says why Argo CD could not be asked; then nothing is known, and `applications` is
    empty. `since` is from when all of them have been ready at this release; None when they are not.
    """

    environment: Name
    release: str | None = None
    applications: tuple[Readiness, ...] = ()
    since: str | None = None
    problem: str = ""

    @property
    def ready(self) -> bool:
        """Whether it is known that every Application is ready."""
        return not self.problem and all(one.state == "ready" for one in self.applications)

    @property
    def failed(self) -> bool:
        """Whether it is known that waiting won't help."""
        return any(one.state == "failed" for one in self.applications)


class LiveStatus(Model):
    """What Argo CD and the clusters say of an environment. `releases` are those that Argo CD's
    Applications have: one, or several while a change is under way. `images` are the images that
    run, by service, and `others` the services among them of which another image than the
    release's runs. `why` says what is not ready, or why nothing is known."""

    state: Literal["ready", "not ready", "unknown"]
    releases: tuple[str, ...] = ()
    since: str | None = None
    why: str = ""
    images: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    others: tuple[str, ...] = ()
