"""`relman promote --pr`: the same commit, on a branch of its own to be reviewed and merged."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from relman.adapters import commits, remotes
from relman.core import path
from relman.core.errors import Invalid, Refused
from relman.operations import applying, change
from relman.operations.planning import Intent
from relman.operations.promote import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.core.models.plan import Plan
    from relman.operations.applying import Decision
    from relman.operations.change import Outcome, Terms
    from relman.operations.planning import Prepared
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace


def propose(
    workspace: Workspace,
    source: str,
    target: str,
    version: str | None,
    terms: Terms,
    done: Callable[[Outcome], None],
) -> str | None:
    """Pushes the promotion to the branch relman/TARGET-VERSION; the branch's name.

    The branch is made anew from the newest base each time, so proposing again brings it up to
    date. One environment only: the next one's gates look at what has been merged. Raises
    Refused for a gate, a risk, or when environments lie between.
    """
    if workspace.remote is None:
        raise Invalid("--pr needs a remote to push a branch to", hint="git remote add origin URL")

    def choose(repository: Repository) -> Intent:
        _refuse_between(repository, source, target)
        return Intent(target, running(repository, source, version), "promote", source)

    outcome = change.run(workspace, choose, terms, partial(_push, workspace.remote))
    pushed = outcome.commit is not None
    done(outcome.model_copy(update={"done": False}) if pushed else outcome)
    return _branch(outcome.plan) if pushed else None


def _refuse_between(repository: Repository, source: str, target: str) -> None:
    repository.environment(source), repository.environment(target)
    entered = path.between(repository.environments, source, target)
    if entered != [target]:
        raise Refused(
            f"{', '.join(entered[:-1])} lies between {source} and {target}",
            hint=f"relman promote {source} {entered[0]} --pr, and merge that first",
        )


def _push(
    remote: str,
    workspace: Workspace,
    repository: Repository,
    prepared: Prepared,
    decision: Decision,
) -> str:
    """Builds the commit and pushes it to the branch of its own; the commit's id."""
    files, message = applying.written(workspace, prepared, decision)
    commit = commits.build(workspace.git, repository.snapshot.revision, files, message)
    branch = _branch(prepared.plan)
    remotes.push_own_branch(workspace.git, remote, commit, branch)
    workspace.progress(f"pushed {branch}; open a pull request from it into {workspace.branch}")
    return commit


def _branch(plan: Plan) -> str:
    return f"relman/{plan.environment}-{plan.release}"
