"""`relman promote --pr`: the same commit, on a branch of its own to be reviewed and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.adapters import commits
from relman.core import path
from relman.core.errors import Invalid, Refused
from relman.operations import applying, planning
from relman.operations.change import Outcome, settled
from relman.operations.planning import Intent
from relman.operations.promote import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.operations.change import Terms
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
    repository = workspace.tip() if terms.dry_run else workspace.fresh()
    repository.environment(source), repository.environment(target)
    entered = path.between(repository.environments, source, target)
    if entered != [target]:
        raise Refused(
            f"{', '.join(entered[:-1])} lies between {source} and {target}",
            hint=f"relman promote {source} {entered[0]} --pr, and merge that first",
        )
    release = running(repository, source, version)
    intent = Intent(target, release, "promote", source)
    around = terms.circumstances(workspace)
    prepared = planning.prepare(repository, intent, around, pull=terms.pull)
    if terms.dry_run or settled(prepared):
        if terms.dry_run:
            terms.agree(prepared.plan)
        done(Outcome(plan=prepared.plan, done=not terms.dry_run))
        return None
    if not terms.agree(prepared.plan):
        raise Refused("nothing was changed")
    applying.require(prepared.plan, terms.decision.accepted)
    record = applying.record_of(workspace, prepared, terms.decision)
    commit = commits.build(
        workspace.git,
        repository.snapshot.revision,
        applying.files_of(prepared, record),
        applying.message_of(prepared.plan, terms.decision.reason),
    )
    branch = f"relman/{target}-{prepared.plan.release}"
    workspace.git.push_own_branch(workspace.remote, commit, branch)
    workspace.progress(f"pushed {branch}; open a pull request from it into {workspace.branch}")
    done(Outcome(plan=prepared.plan, commit=commit, done=False))
    return branch
