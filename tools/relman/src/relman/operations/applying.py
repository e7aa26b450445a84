"""Applies a change as one commit and one compare-and-swap of the branch."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from relman.adapters import checkout, clone_lock, commits, remotes
from relman.core import commit_messages
from relman.core.errors import LostRace, Refused, Unavailable
from relman.operations import commit_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from relman.core.models.plan import Plan
    from relman.operations.planning import Prepared
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace

T = TypeVar("T")
ATTEMPTS = 30


@dataclass(frozen=True)
class Decision:
    """What a person adds to a plan. `hotfix` says that it can't wait for a window; `emergency`
    names gates to pass over."""

    reason: str = ""
    accepted: Sequence[str] = ()
    hotfix: bool = False
    emergency: Sequence[str] = ()


def with_retries(attempt: Callable[[], T]) -> T:
    """Runs `attempt`, which plans, gates and applies from the newest base, until it is not
    overtaken, and gives its answer; a bounded number of times, with a pause that grows and is
    never the same."""
    for number in range(ATTEMPTS):
        try:
            return attempt()
        except LostRace:
            time.sleep(random.uniform(0, 0.05 * min(number + 1, 10)))  # noqa: S311 - no secret
    raise Refused(
        f"the branch moved {ATTEMPTS} times while this was being applied",
        hint="nothing was changed; run it again",
    )


def apply_plan(
    workspace: Workspace, repository: Repository, prepared: Prepared, decision: Decision
) -> str:
    """Commits a plan that has been agreed to; the commit's id.

    Raises Refused when a gate doesn't pass or a risk isn't accepted, LostRace when the branch
    has moved on from the plan's base.
    """
    files, message = written(workspace, prepared, decision)
    workspace.progress(f"applying {prepared.plan.release} to {prepared.plan.environment}")
    return commit(workspace, repository, files, message)


def written(
    workspace: Workspace, prepared: Prepared, decision: Decision
) -> tuple[dict[str, bytes | None], str]:
    """What the commit of a plan writes, and its message. Raises Refused when a gate doesn't pass
    or a risk isn't accepted."""
    require(prepared.plan, decision.accepted)
    record = commit_files.record_of(workspace, prepared, decision)
    files = commit_files.files_of(prepared, record)
    message = commit_messages.of_plan(prepared.plan, decision.reason)
    return files, commit_messages.sealed(message, files)


def require(plan: Plan, accepted: Sequence[str]) -> None:
    """Raises Refused for a gate that doesn't pass, or a risk that nobody accepted."""
    for gate in plan.gates:
        if not gate.opens:
            raise Refused(
                f"the gate {gate.gate} is {gate.verdict}: {gate.summary}", hint=gate.next_step
            )
    if missing := unaccepted(plan, accepted):
        raise Refused(
            f"destructive, and not accepted: {', '.join(missing)}",
            hint=" ".join(f"--accept {identity}" for identity in missing),
        )


def unaccepted(plan: Plan, accepted: Sequence[str]) -> list[str]:
    """Ids of risks that nobody accepted, by name or by a pattern as in `remove:*/Ingress/*`."""
    ids = dict.fromkeys(risk.id for risk in plan.risks)
    return [one for one in ids if not any(fnmatchcase(one, pattern) for pattern in accepted)]


def commit(
    workspace: Workspace,
    repository: Repository,
    files: Mapping[str, bytes | None],
    message: str,
) -> str:
    """Builds the commit on the repository's revision and moves the branch to it; its id.

    Raises LostRace when the branch is elsewhere by now, Unavailable when git can't move it;
    in both cases nothing has happened.
    """
    base = repository.snapshot.revision
    with clone_lock.held(workspace.git):
        follows = not workspace.remote and checkout.follows(workspace.git, workspace.branch, files)
        new = commits.build(workspace.git, base, files, message)
        if follows:
            checkout.announce(workspace.git, base, new)
        why_not = _move(workspace, new, base)
        warning = checkout.settle(workspace.git)
    if warning:
        workspace.progress(warning)
    if why_not is None:
        return new
    if workspace.fresh().snapshot.revision == base:
        raise Unavailable(f"git can't move {workspace.branch}: {why_not}", hint="git fsck")
    raise LostRace("the branch has moved meanwhile")


def _move(workspace: Workspace, new: str, base: str) -> str | None:
    if workspace.remote:
        return remotes.push(workspace.git, workspace.remote, new, workspace.branch)
    return commits.swap(workspace.git, workspace.branch, new, base)
