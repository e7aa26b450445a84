"""`relman wait`: until Argo CD has brought an environment to its release.

What stands in the way is told as it changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.operations.looking import looking, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.core.models.live import EnvironmentHealth
    from relman.operations.looking import Looker
    from relman.operations.telling import Progress
    from relman.operations.workspace import Workspace

POLL = 2.0


@dataclass(frozen=True)
class Time:
    """How time passes, and when it is now, in seconds."""

    sleep: Callable[[float], None]
    clock: Callable[[], float]


def wait(
    workspace: Workspace,
    environment: str,
    *,
    release: str | None,
    timeout: float,
    stable: float,
    time: Time,
    progress: Progress,
) -> EnvironmentHealth:
    """Waits until every Application has been Synced and Healthy at `release` (by default what
    runs there by git) for `stable` seconds, until one has failed, or until the time is up.

    The answer says which: `ready`, `failed`, or a `problem` when Argo CD could not be asked at
    the end. Raises Refused when git has another release there, and Unavailable at once for what
    waiting doesn't mend: no kubeconfig, no right, no Argo CD.
    """
    repository = workspace.fresh()
    wanted = release or running(repository, environment)
    with looking(workspace, environment, wanted, progress) as looker:
        return until_ready(looker, timeout=timeout, stable=stable, time=time)


def until_ready(looker: Looker, *, timeout: float, stable: float, time: Time) -> EnvironmentHealth:
    """The same through a `Looker` that may have looked before."""
    end, steady = time.clock() + timeout, _Steady(stable)
    while True:
        health = looker.look(time.clock())
        if health.failed or steady.enough(health, time.clock()):
            return health
        left = end - time.clock()
        if left <= 0:
            return _unsteady(health, stable)
        time.sleep(min(POLL, left))


@dataclass
class _Steady:
    """For how long it has been ready without a change."""

    seconds: float
    _since: tuple[str | None, float] | None = None

    def enough(self, health: EnvironmentHealth, now: float) -> bool:
        if not health.ready:
            self._since = None
            return False
        if self._since is None or self._since[0] != health.since:
            self._since = (health.since, now)
        return now - self._since[1] >= self.seconds


def _unsteady(health: EnvironmentHealth, stable: float) -> EnvironmentHealth:
    """The time is up: what is ready has not been so for long enough."""
    if not health.ready:
        return health
    news = {"state": "waiting", "reason": f"ready, but not for {stable:g} s yet"}
    late = tuple(one.model_copy(update=news) for one in health.applications)
    return health.model_copy(update={"applications": late, "since": None})
