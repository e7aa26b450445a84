"""`relman wait`: until Argo CD has brought an environment to its release.

Argo CD is asked to look at git instead of waiting for its next poll: the root Application
first, then the Applications that lag behind. What stands in the way is told as it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.adapters import argocd
from relman.adapters.api_answers import Away
from relman.core import readiness
from relman.core.errors import Refused, RelmanError
from relman.core.models.live import EnvironmentHealth
from relman.operations import live
from relman.operations.doubts import Doubts

if TYPE_CHECKING:
    from relman.adapters.api_server import Api
    from relman.core.models.live import Readiness
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace

POLL = 2.0
# Seconds between two requests to look at git.
ASK_AGAIN = 20.0
# More Applications than these with the same news share a line.
TOLD_ONE_BY_ONE = 2

Progress = Callable[[str], None]


def wait(
    workspace: Workspace,
    environment: str,
    *,
    release: str | None,
    timeout: float,
    stable: float,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
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
    api = live.argocd_of(repository, repository.environment(environment))
    watch = _Watch(workspace, environment, wanted, api, progress)
    end, steady = clock() + timeout, _Steady(stable)
    try:
        while True:
            health = watch.look(clock())
            if health.failed or steady.enough(health, clock()):
                return health
            left = end - clock()
            if left <= 0:
                return _unsteady(health, stable)
            sleep(min(POLL, left))
    finally:
        api.close()


def running(repository: Repository, environment: str) -> str:
    """The release that an environment runs by git. Raises Refused when it runs none."""
    repository.environment(environment)
    found = repository.running(environment)
    if found is None:
        raise Refused(f"{environment} runs nothing yet", hint=f"relman plan {environment}")
    return found.release


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


@dataclass
class _Watch:
    """Looks again and again; remembers what it has said and when it has asked."""

    workspace: Workspace
    environment: str
    release: str
    api: Api
    progress: Progress
    _said: dict[str, str] = field(default_factory=dict)
    _asked: float | None = None
    _doubts: Doubts = field(default_factory=Doubts)
    _fetched: set[str] = field(default_factory=set)

    def look(self, now: float) -> EnvironmentHealth:
        """One look. What passes by itself is a `problem` of this look only."""
        repository = self._repository()
        try:
            there = live.found(repository, self.environment, self.api)
            repository = self._caught_up(repository, there)
            health = live.judged(repository, self.environment, there)
            verdicts, doubtful = self._doubts.settle(health.applications, there.applications)
            health = readiness.of_environment(self.environment, self.release, verdicts)
            namespace = repository.project.argocd.namespace
            argocd.refresh(self.api, namespace, doubtful)
            self._ask(there, health, now, namespace)
        except Away as error:
            self._say("", f"{error}; waiting for it")
            return EnvironmentHealth(
                environment=self.environment, release=self.release, problem=str(error)
            )
        self._said.pop("", None)
        self._tell(health.applications)
        return health

    def _repository(self) -> Repository:
        repository = self.workspace.tip()
        now = running(repository, self.environment)
        if now != self.release:
            raise Refused(
                f"{self.environment} runs {now} by git, not {self.release}",
                hint="relman history shows who changed it",
            )
        return repository

    def _caught_up(self, repository: Repository, there: argocd.Delivered) -> Repository:
        """Fetches, once, for a revision that this clone doesn't have: the root Application may
        have seen more of the branch than we have."""
        revision = there.root.revision if there.root else ""
        known = not revision or repository.snapshot.at(revision).oid("") is not None
        if known or revision in self._fetched:
            return repository
        self._fetched.add(revision)
        try:
            self.workspace.fresh()
        except RelmanError as error:
            self._say("git", f"git: {error}")
        return self._repository()

    def _ask(
        self, there: argocd.Delivered, health: EnvironmentHealth, now: float, namespace: str
    ) -> None:
        lagging = [one.application for one in health.applications if not one.current]
        early = self._asked is not None and now - self._asked < ASK_AGAIN
        if not lagging or early:
            return
        self._asked = now
        root = [there.root.name] if there.root else []
        known = [name for name in lagging if name in there.applications]
        argocd.refresh(self.api, namespace, root + known)

    def _tell(self, found: tuple[Readiness, ...]) -> None:
        """What is new of each Application; those with the same news share a line."""
        groups: dict[str, list[str]] = {}
        for one in found:
            if self._said.get(one.application) != _told(one):
                self._said[one.application] = _told(one)
                groups.setdefault(_told(one), []).append(one.application)
        for told, names in groups.items():
            for name in names if len(names) <= TOLD_ONE_BY_ONE else []:
                self.progress(f"{name}: {told}")
            if len(names) > TOLD_ONE_BY_ONE:
                self.progress(f"{names[0]} and {len(names) - 1} more: {told}")

    def _say(self, key: str, text: str) -> None:
        if self._said.get(key) != text:
            self._said[key] = text
            self.progress(text)


def _told(one: Readiness) -> str:
    return "ready" if one.state == "ready" else one.reason
