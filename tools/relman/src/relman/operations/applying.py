"""Applies a change as one commit and one compare-and-swap of the branch."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from relman.adapters import checkout, commits, documents, remotes, yaml
from relman.core import generated, hashes, history
from relman.core.errors import LostRace, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from relman.core.models.plan import Plan
    from relman.core.models.record import Record
    from relman.operations.planning import Prepared
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace

ATTEMPTS = 30
SEAL = "Relman-File"
WRITE_ONCE = ("releases/versions/", "releases/records/", "releases/decisions/")
DERIVED_COMMENT = "Written by `relman promote --only` and never changed."
RECORD_COMMENT = "Written by relman and never changed; `relman audit` checks the chain."


@dataclass(frozen=True)
class Decision:
    """What a person adds to a plan. `hotfix` says that it can't wait for a window; `emergency`
    names gates to pass over."""

    reason: str = ""
    accepted: Sequence[str] = ()
    hotfix: bool = False
    emergency: Sequence[str] = ()


def with_retries(attempt: Callable[[], str]) -> str:
    """Runs `attempt`, which plans, gates and applies from the newest base, until it is not
    overtaken; a bounded number of times, with a pause that grows and is never the same."""
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
    record = record_of(workspace, prepared, decision)
    files = files_of(prepared, record)
    return files, sealed(message_of(prepared.plan, decision.reason), files)


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


def record_of(workspace: Workspace, prepared: Prepared, decision: Decision) -> Record:
    """The promotion record of a plan."""
    return history.next_record(
        prepared.chain,
        prepared.plan,
        time=workspace.clock(),
        author=workspace.git.identity(),
        reason=decision.reason,
        accepted=decision.accepted,
        files=prepared.digest,
    )


def files_of(prepared: Prepared, record: Record) -> dict[str, bytes | None]:
    """All that the commit writes: generated files, what runs, the record, and the release where
    one is made for it."""
    environment = prepared.plan.environment
    running = generated.running_file(
        environment, record.release, record.release_digest, record.number, yaml.dump
    )
    return {
        **prepared.files,
        **derived_files(prepared),
        generated.running_path(environment): running,
        record_path(record): documents.dump(record, RECORD_COMMENT),
    }


def derived_files(prepared: Prepared) -> dict[str, bytes]:
    """The release that is cut in the same commit, if any."""
    if prepared.derived is None:
        return {}
    path = f"{WRITE_ONCE[0]}{prepared.derived.version}.yaml"
    return {path: documents.dump(prepared.derived, DERIVED_COMMENT)}


def record_path(record: Record) -> str:
    """Where a record is written."""
    return f"{history.folder(record.environment)}/{record.file_name}"


def message_of(plan: Plan, reason: str) -> str:
    """The commit's message, with the trailers that tools read."""
    title = f"{plan.action} {plan.environment}: {plan.release}"
    body = f"\n{reason}\n" if reason else ""
    named = {
        "Relman-Environment": plan.environment,
        "Relman-Release": plan.release,
        "Relman-From": plan.from_release or "none",
        "Relman-Plan": plan.hash,
    }
    if plan.skipped:
        named["Relman-Emergency"] = ", ".join(plan.skipped)
    return f"{title}\n{body}\n" + trailers(named)


def trailers(values: Mapping[str, str]) -> str:
    """Trailer lines as git-interpret-trailers reads them."""
    return "".join(f"{key}: {value}\n" for key, value in values.items())


def sealed(message: str, files: Mapping[str, bytes | None]) -> str:
    """The message, with the digest of each write-once file in one more trailer: what is changed
    in a rewritten history no longer fits what its commit says."""
    seals = [
        f"{SEAL}: {path} {hashes.of_bytes(content)}\n"
        for path, content in files.items()
        if content is not None and path.startswith(WRITE_ONCE)
    ]
    return message + "".join(seals)


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
    with checkout.locked(workspace.git):
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
