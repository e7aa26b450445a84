"""What Argo CD says of an environment, against what git says that it runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from relman.adapters import argocd, kubernetes, yaml
from relman.core import generated, readiness
from relman.core.errors import RelmanError
from relman.core.models.live import EnvironmentHealth
from relman.operations import desired

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.adapters.kubernetes import Api
    from relman.adapters.snapshot import Snapshot
    from relman.core.models.environment import Environment
    from relman.core.readiness import Expected
    from relman.operations.repository import Repository

SECONDS = 10.0


def argocd_of(repository: Repository, environment: Environment) -> Api:
    """The API server that holds the environment's Applications: RELMAN_ARGOCD_CONTEXT, the
    environment's own `argocdContext`, the project's, or the kubeconfig's current context."""
    context = (
        os.environ.get("RELMAN_ARGOCD_CONTEXT")
        or environment.argocd_context
        or repository.project.argocd.context
    )
    return kubernetes.connect(context, timeout=(3.0, SECONDS))


def health(repository: Repository, name: str) -> EnvironmentHealth:
    """Whether an environment is Synced and Healthy at the release that it runs by git; a
    `problem` instead when that can't be known."""
    environment = repository.environment(name)
    running = repository.running(name)
    if running is None:
        return EnvironmentHealth(environment=name, problem="nothing runs there yet")
    try:
        return look(repository, environment, argocd_of(repository, environment))
    except RelmanError as error:
        return EnvironmentHealth(environment=name, release=running.release, problem=str(error))


def look(repository: Repository, environment: Environment, api: Api) -> EnvironmentHealth:
    """The same through a connection. Raises Unavailable when Argo CD can't be asked."""
    running = repository.running(environment.name)
    states = argocd.applications(api, repository.project.argocd.namespace, environment.name)
    current = seen(repository.snapshot, environment.name)
    wanted = expected(repository, environment.name)
    found = [readiness.judge(want, states.get(want.name), current) for want in wanted]
    release = running.release if running else None
    return readiness.of_environment(environment.name, release, found)


def expected(repository: Repository, environment: str) -> list[Expected]:
    """The Applications that git wants there."""
    snapshot = repository.snapshot
    names = desired.present(snapshot, environment).applications
    paths = [generated.application_path(environment, name) for name in sorted(names)]
    files = [(path, snapshot.read(path) or b"") for path in paths]
    return [readiness.expected(yaml.load(content, path)) for path, content in files]


def seen(snapshot: Snapshot, environment: str) -> Callable[[str], bool]:
    """Whether a revision of the branch has the same generated files as this commit. One that
    this clone doesn't have has not been seen."""
    folder = generated.folder(environment)
    wanted = snapshot.oid(folder)
    return lambda revision: snapshot.at(revision).oid(folder) == wanted
