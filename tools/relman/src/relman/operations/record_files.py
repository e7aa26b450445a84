"""The files under releases/records/ENV, as models."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from relman.adapters import documents
from relman.core import hashes, history
from relman.core.models.record import Record
from relman.operations import chained

if TYPE_CHECKING:
    from relman.adapters.snapshot import Entry, Snapshot


def chain(snapshot: Snapshot, environment: str) -> history.Chain:
    """An environment's records: the names of all, the content of the last."""
    found = entries(snapshot, environment)
    if not found:
        return history.Chain(environment)
    content, last = read(snapshot, found[-1])
    names = [entry.path.rpartition("/")[2] for entry in found]
    versions = tuple(version for _, version in history.numbered(environment, names))
    return history.Chain(environment, versions, last, hashes.of_bytes(content))


def entries(snapshot: Snapshot, environment: str) -> list[Entry]:
    """The files in the order of their numbers. Raises Invalid for one that is no record, and for
    a gap or a number used twice."""
    folder = history.folder(environment)
    return chained.entries(snapshot, folder, partial(history.numbered, environment))


def read(snapshot: Snapshot, entry: Entry) -> tuple[bytes, Record]:
    """A record with its file's content."""
    content = snapshot.blob(entry.oid)
    return content, documents.parse(Record, content, entry.path)
