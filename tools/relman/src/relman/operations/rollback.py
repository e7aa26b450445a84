"""`relman rollback`: a forward commit to a release that has run there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import history, path
from relman.core.errors import Refused
from relman.operations import change, planning
from relman.operations.change import Outcome
from relman.operations.planning import Intent

if TYPE_CHECKING:
    from relman.operations.change import Terms
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace


def rollback(workspace: Workspace, environment: str, version: str | None, terms: Terms) -> Outcome:
    """Goes back to `version`, by default to the release before; the one left behind is blocked.

    Run again without `version`, it says that it is done. Raises Refused when nothing ran before,
    or when the target runs already.
    """
    if done := _already(workspace, environment, version, terms):
        return done
    leaving: list[str] = []

    def choose(repository: Repository) -> Intent:
        entered = repository.environment(environment)
        chain = repository.chain(environment)
        if chain.current is None:
            raise Refused(f"{environment} runs nothing yet", hint=path.way_in(entered))
        # After a lost race the environment may have been rolled back already, by somebody else.
        leaving.append(chain.current)
        if chain.current != leaving[0]:
            raise Refused(
                f"{environment} went from {leaving[0]} to {chain.current} meanwhile",
                hint="look at relman history before rolling back further",
            )
        if version == chain.current:
            raise Refused(
                f"{environment} runs {version} already", hint=f"relman refresh {environment}"
            )
        return Intent(environment, version or history.previous_release(chain), "rollback")

    return change.run(workspace, choose, terms)


def _already(
    workspace: Workspace, environment: str, version: str | None, terms: Terms
) -> Outcome | None:
    """A rollback that is run again, after its answer was lost say, must not go one further."""
    repository = workspace.tip() if terms.dry_run else workspace.fresh()
    repository.environment(environment)
    last = repository.chain(environment).last
    if last is None or last.action != "rollback" or version not in (None, last.release):
        return None
    workspace.progress(f"rolled back already, at {last.time}; --to VERSION goes further back")
    plan = planning.prepare(repository, Intent(environment, last.release, "refresh")).plan
    return Outcome(plan=plan, done=True)
