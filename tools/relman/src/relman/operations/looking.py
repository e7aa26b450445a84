"""Looks at what Argo CD makes of an environment, again and again.

Argo CD is asked to look at git instead of waiting for its next poll, and what it calls Synced is
believed only when it is: see `asking` and `doubts`. Both remember, so who looks several times
does it through one `Looker`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.adapters import argocd
from relman.adapters.api_answers import Away
from relman.core import readiness
from relman.core.errors import Refused, RelmanError
from relman.core.models.live import EnvironmentHealth
from relman.operations import live
from relman.operations.asking import Asking
from relman.operations.doubts import Doubts
from relman.operations.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.adapters.api_server import Api
    from relman.operations.repository import Repository
    from relman.operations.telling import Progress
    from relman.operations.workspace import Workspace


@contextlib.contextmanager
def looking(
    workspace: Workspace, environment: str, release: str, progress: Progress
) -> Iterator[Looker]:
    """A `Looker` for as long as it is needed."""
    looker = Looker(workspace, environment, release, Telling(progress))
    try:
        yield looker
    finally:
        looker.close()


def running(repository: Repository, environment: str) -> str:
    """The release that an environment runs by git. Raises Refused when it runs none."""
    repository.environment(environment)
    found = repository.running(environment)
    if found is None:
        raise Refused(f"{environment} runs nothing yet", hint=f"relman plan {environment}")
    return found.release


@dataclass
class Looker:
    """Looks at one environment, which must run `release` by git."""

    workspace: Workspace
    environment: str
    release: str
    telling: Telling
    _api: Api | None = None
    _doubts: Doubts = field(default_factory=Doubts)
    _asking: Asking = field(default_factory=Asking)
    _fetched: set[str] = field(default_factory=set)

    def look(self, now: float) -> EnvironmentHealth:
        """One look. What passes by itself is a `problem` of this look only.

        Raises Refused when git has another release there, and Unavailable for what waiting
        doesn't mend: no kubeconfig, no right, no Argo CD.
        """
        repository = self._repository()
        api = self._connected(repository)
        try:
            health = self._judged(repository, api, now)
        except Away as error:
            self.telling.say("", f"{error}; waiting for it")
            return EnvironmentHealth(
                environment=self.environment, release=self.release, problem=str(error)
            )
        self.telling.forget("")
        self.telling.of(health.applications)
        return health

    def close(self) -> None:
        """Ends the connection."""
        if self._api:
            self._api.close()

    def _judged(self, repository: Repository, api: Api, now: float) -> EnvironmentHealth:
        there = live.found(repository, self.environment, api)
        repository = self._caught_up(repository, there)
        health = live.judged(repository, self.environment, there)
        verdicts, doubtful = self._doubts.settle(health.applications, there.applications)
        health = readiness.of_environment(self.environment, self.release, verdicts)
        due = self._asking.due(health, there, now)
        asked = list(dict.fromkeys((*doubtful, *due)))
        argocd.refresh(api, repository.project.argocd.namespace, asked)
        return health

    def _connected(self, repository: Repository) -> Api:
        if self._api is None:
            self._api = live.argocd_of(repository, repository.environment(self.environment))
        return self._api

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
        known = not revision or repository.snapshot.knows(revision)
        if known or revision in self._fetched:
            return repository
        self._fetched.add(revision)
        try:
            self.workspace.fresh()
        except RelmanError as error:
            self.telling.say("git", f"git: {error}")
        return self._repository()
