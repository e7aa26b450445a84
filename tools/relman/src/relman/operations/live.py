"""What Argo CD says of an environment, against what git says that it runs."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from relman.adapters import argocd, kubernetes, yaml
from relman.core import generated, readiness
from relman.core.errors import RelmanError, Unavailable
from relman.core.expected import promised
from relman.core.models.live import EnvironmentHealth
from relman.operations import contexts, desired, doubts

if TYPE_CHECKING:
    from relman.adapters.api_server import Api
    from relman.adapters.argocd import Delivered
    from relman.adapters.snapshot import Snapshot
    from relman.core.expected import Expected
    from relman.core.models.environment import Environment
    from relman.core.readiness import IsCurrent
    from relman.operations.repository import Repository


# How often, and after how many seconds each, a comparison that was asked for is looked for.
LOOKS, PAUSE = 16, 0.5


def argocd_of(repository: Repository, environment: Environment) -> Api:
    """The API server that holds the environment's Applications."""
    return kubernetes.connect(contexts.of_argocd(repository, environment))


def health(repository: Repository, name: str) -> EnvironmentHealth:
    """Whether an environment is Synced and Healthy at the release that it runs by git; a
    `problem` instead when that can't be known.

    What is Synced without an operation of its own is compared once more before it is believed:
    see `doubts`.
    """
    environment = repository.environment(name)
    running = repository.running(name)
    if running is None:
        return EnvironmentHealth(environment=name, problem="nothing runs there yet")
    try:
        with contextlib.closing(argocd_of(repository, environment)) as api:
            return _confirmed(repository, environment, api)
    except RelmanError as error:
        return EnvironmentHealth(environment=name, release=running.release, problem=str(error))


def _confirmed(repository: Repository, environment: Environment, api: Api) -> EnvironmentHealth:
    there = found(repository, environment.name, api)
    health = judged(repository, environment.name, there)
    return believed(repository, environment.name, api, there, health)[1]


def believed(
    repository: Repository, environment: str, api: Api, there: Delivered, health: EnvironmentHealth
) -> tuple[Delivered, EnvironmentHealth]:
    """What Argo CD has and how that is judged, after it has compared once more what is doubted.
    Raises Unavailable when it doesn't, or can't be asked to."""
    doubted = [one.application for one in health.applications if doubts.is_doubted(one)]
    if not doubted:
        return there, health
    argocd.refresh(api, repository.project.argocd.namespace, doubted)
    for _ in range(LOOKS):
        time.sleep(PAUSE)
        there = found(repository, environment, api)
        known = there.applications
        if not any(known[name].refreshing for name in doubted if name in known):
            return there, judged(repository, environment, there)
    raise Unavailable(
        f"Argo CD doesn't compare {', '.join(doubted)} again", hint="look at its controller"
    )


def found(repository: Repository, environment: str, api: Api) -> Delivered:
    """What Argo CD has of an environment."""
    namespace = repository.project.argocd.namespace
    folder = generated.applications_folder(environment)
    return argocd.delivered(api, namespace, environment, folder)


def judged(repository: Repository, environment: str, there: Delivered) -> EnvironmentHealth:
    """Verdicts on what Argo CD has: on every Application that git wants, and on those that it
    wants no more."""
    running = repository.running(environment)
    folder = generated.applications_folder(environment)
    blocked = readiness.of_root(there.root, folder, seen(repository.snapshot))
    wanted = expected(repository, environment)
    live = there.applications
    verdicts = [readiness.judge(one, live.get(one.name), blocked) for one in wanted]
    others = sorted(live.keys() - {one.name for one in wanted})
    verdicts += [readiness.left_over(live[name]) for name in others]
    release = running.release if running else None
    return readiness.of_environment(environment, release, verdicts)


def expected(repository: Repository, environment: str) -> list[Expected]:
    """The Applications that git wants there."""
    snapshot = repository.snapshot
    names = desired.present(snapshot, environment).applications
    paths = [generated.application_path(environment, name) for name in sorted(names)]
    files = [(path, snapshot.read(path) or b"") for path in paths]
    return [promised(yaml.load(content, path)) for path, content in files]


def seen(snapshot: Snapshot) -> IsCurrent:
    """Whether a revision of the branch has a folder as this commit has it. One that this clone
    doesn't have has not been seen."""
    return lambda revision, folder: snapshot.at(revision).oid(folder) == snapshot.oid(folder)
