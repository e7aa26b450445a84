"""`relman refresh`: applies what changed in an environment's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import path
from relman.core.errors import Refused
from relman.operations import change
from relman.operations.planning import Intent

if TYPE_CHECKING:
    from relman.operations.change import Outcome, Terms
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace


def refresh(workspace: Workspace, environment: str, terms: Terms) -> Outcome:
    """Generates the environment anew at the release that it runs: its values, facts and choices
    of components. Raises Refused when it runs nothing."""

    def choose(repository: Repository) -> Intent:
        entered = repository.environment(environment)
        current = repository.chain(environment).current
        if current is None:
            raise Refused(f"{environment} runs nothing yet", hint=path.way_in(entered))
        return Intent(environment, current, "refresh")

    return change.run(workspace, choose, terms)
