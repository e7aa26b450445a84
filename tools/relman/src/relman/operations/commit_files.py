"""What the commit of a plan writes: generated files, what runs, the record, a derived release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.adapters import documents, yaml
from relman.core import generated, history
from relman.operations import chained
from relman.operations.repository import VERSIONS

if TYPE_CHECKING:
    from relman.core.models.record import Record
    from relman.operations.applying import Decision
    from relman.operations.planning import Prepared
    from relman.operations.workspace import Workspace

DERIVED_COMMENT = "Written by `relman promote --only` and never changed."


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
    return {**prepared.files, **_derived_files(prepared), **of_record(record)}


def of_record(record: Record) -> dict[str, bytes | None]:
    """The record's own file, and the one that says what runs by it."""
    environment = record.environment
    running = generated.running_file(
        environment, record.release, record.release_digest, record.number, yaml.dump
    )
    path = f"{history.folder(environment)}/{record.file_name}"
    return {
        generated.running_path(environment): running,
        path: documents.dump(record, chained.COMMENT),
    }


def _derived_files(prepared: Prepared) -> dict[str, bytes]:
    """The release that is cut in the same commit, if any."""
    if prepared.derived is None:
        return {}
    path = f"{VERSIONS}/{prepared.derived.version}.yaml"
    return {path: documents.dump(prepared.derived, DERIVED_COMMENT)}
