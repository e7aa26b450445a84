"""`relman deploy`: puts a release on an environment that has nothing before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import versions
from relman.core.errors import Invalid, Refused
from relman.operations import change
from relman.operations.planning import Intent

if TYPE_CHECKING:
    from relman.operations.change import Outcome, Terms
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace


def deploy(workspace: Workspace, environment: str, version: str | None, terms: Terms) -> Outcome:
    """Deploys a release, the newest by default. Raises Refused for an environment that comes
    after another: that is what promote is for, but in an emergency that skips the gate `source`."""

    def choose(repository: Repository) -> Intent:
        before = repository.environment(environment).after
        if before and "source" not in terms.decision.emergency:
            raise Refused(
                f"{environment} comes after {' and '.join(before)}",
                hint=f"relman promote {before[0]} {environment}",
            )
        release = version or versions.newest(repository.versions)
        if release is None:
            raise Invalid("there is no release yet", hint="relman cut")
        return Intent(environment, release, "deploy")

    return change.run(workspace, choose, terms)
