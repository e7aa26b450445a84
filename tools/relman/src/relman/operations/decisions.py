"""Reads an environment's decisions, and adds to them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from relman.adapters import documents, signatures
from relman.core import commit_messages, decisions, hashes
from relman.core.decisions import Made
from relman.core.errors import Invalid, Place
from relman.core.models.decision import Decision
from relman.operations import applying, chained

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.adapters.snapshot import Entry
    from relman.core.decisions import Subject
    from relman.core.models.decision import DecisionKind
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace


def all_of(repository: Repository, environment: str) -> list[tuple[bytes, Decision]]:
    """Every decision of an environment with its file's content, oldest first."""
    return [_read(repository, entry) for entry in _entries(repository, environment)]


def holding(repository: Repository, environment: str) -> dict[str, Decision]:
    """What is on hold: see core.decisions.on_hold. Reads no approvals."""
    found = [e for e in _entries(repository, environment) if not e.path.endswith("-approve.yaml")]
    return decisions.on_hold(_read(repository, entry)[1] for entry in found)


def about(
    repository: Repository, environment: str, release: str, signed: bool = False
) -> list[Made]:
    """Holds and resumes, and the approvals of one release, oldest first; with `signed` each
    approval with what git says of its signature.

    Approvals of other releases are told by their text and never parsed. Raises Invalid for one
    that says it belongs elsewhere: somebody put it there by hand.
    """
    found = []
    for entry in _entries(repository, environment):
        content = repository.snapshot.blob(entry.oid)
        approves = entry.path.endswith("-approve.yaml")
        if approves and release.encode() not in content:
            continue
        decision = documents.parse(Decision, content, entry.path)
        _require_in_place(decision, entry.path)
        signature = signatures.of_file(repository.snapshot, entry) if approves and signed else None
        found.append(Made(decision, hashes.of_bytes(content), signature))
    return found


def _require_in_place(decision: Decision, path: str) -> None:
    said = f"{decisions.folder(decision.environment)}/{decision.file_name}"
    if said != path:
        raise Invalid(
            f"says that it is {said}", place=Place(path), hint="relman audit; revert its commit"
        )


def decide(
    workspace: Workspace,
    environment: str,
    kind: DecisionKind,
    reason: str,
    choose: Callable[[Repository], Subject | Decision],
) -> Decision:
    """Writes the decision that `choose` makes of the newest state, as one commit; or gives back
    the one that `choose` found to be in force already. Raises Invalid without a reason."""
    if not reason.strip():
        raise Invalid("a reason is needed", hint="--reason WHY")

    def attempt() -> Decision:
        repository = workspace.fresh()
        repository.environment(environment)
        subject = choose(repository)
        if isinstance(subject, Decision):
            return subject
        decision = decisions.next_decision(
            _last(repository, environment),
            environment,
            kind,
            subject,
            base=repository.snapshot.revision,
            time=workspace.clock(),
            by=workspace.git.identity(),
            reason=reason,
        )
        _commit(workspace, repository, decision)
        return decision

    return applying.with_retries(attempt)


def _commit(workspace: Workspace, repository: Repository, decision: Decision) -> None:
    path = f"{decisions.folder(decision.environment)}/{decision.file_name}"
    files: dict[str, bytes | None] = {path: documents.dump(decision, chained.COMMENT)}
    what = decision.release or decision.service
    title = f"{decision.decision} {decision.environment}" + (f": {what}" if what else "")
    trailers = {"Relman-Environment": decision.environment, "Relman-Decision": decision.decision}
    message = f"{title}\n\n{decision.reason}\n\n{commit_messages.trailers(trailers)}"
    applying.commit(workspace, repository, files, commit_messages.sealed(message, files))


def _entries(repository: Repository, environment: str) -> list[Entry]:
    return chained.entries(
        repository.snapshot,
        decisions.folder(environment),
        partial(decisions.numbered, environment),
    )


def _last(repository: Repository, environment: str) -> tuple[int, str | None]:
    entries = _entries(repository, environment)
    if not entries:
        return 0, None
    return len(entries), hashes.of_bytes(repository.snapshot.blob(entries[-1].oid))


def _read(repository: Repository, entry: Entry) -> tuple[bytes, Decision]:
    content = repository.snapshot.blob(entry.oid)
    return content, documents.parse(Decision, content, entry.path)


def names(repository: Repository, environment: str) -> list[str]:
    """The names of the files, oldest first."""
    folder = decisions.folder(environment)
    return [e.path.removeprefix(f"{folder}/") for e in _entries(repository, environment)]
