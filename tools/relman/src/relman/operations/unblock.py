"""`relman unblock`: lets a release come back that a rollback left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import commit_messages, history
from relman.core.errors import Invalid
from relman.operations import applying, commit_files

if TYPE_CHECKING:
    from relman.core.models.record import Record
    from relman.operations.workspace import Workspace


def unblock(workspace: Workspace, environment: str, version: str, reason: str) -> Record:
    """Records the decision; its record, or the last one when it isn't blocked (any more).

    Raises Refused for a version that has never run there, Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid("a reason is needed", hint="--reason WHY")

    def attempt() -> Record:
        repository = workspace.fresh()
        repository.environment(environment)
        chain = repository.chain(environment)
        if chain.last and version in chain.versions and version not in chain.blocked:
            return chain.last
        record = history.unblock_record(
            chain,
            version,
            base=repository.snapshot.revision,
            time=workspace.clock(),
            author=workspace.git.identity(),
            reason=reason,
        )
        files = commit_files.of_record(record)
        message = commit_messages.sealed(_message(environment, version, reason), files)
        applying.commit(workspace, repository, files, message)
        return record

    return applying.with_retries(attempt)


def _message(environment: str, version: str, reason: str) -> str:
    return f"unblock {environment}: {version}\n\n{reason}\n\n" + commit_messages.trailers(
        {"Relman-Environment": environment, "Relman-Unblocked": version}
    )
