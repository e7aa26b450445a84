"""What doesn't hold in an environment's chain of records."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from relman.core import chains, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relman.core.models.record import Record

# So far apart two people's clocks may be.
SKEW = timedelta(hours=1)


def found(records: Sequence[tuple[bytes, Record]]) -> list[str]:
    """A sentence for each finding in a chain of (file content, record)."""
    findings = chains.broken(records, "record")
    before: Record | None = None
    for _, record in records:
        ran = before.release if before else None
        if record.from_release != ran:
            findings.append(
                f"{record.file_name}: comes from {record.from_release}, "
                f"but {ran or 'nothing'} ran before it"
            )
        if before and times.read(before.time) - times.read(record.time) > SKEW:
            findings.append(
                f"{record.file_name}: is of {record.time}, before the record that it goes on"
            )
        if not _blocks_rightly(record, before):
            findings.append(f"{record.file_name}: blocks other releases than follow from it")
        findings += _unpassed(record)
        before = record
    return findings


def _blocks_rightly(record: Record, before: Record | None) -> bool:
    """Whether what is blocked follows from the record before and this one's action."""
    earlier = list(before.blocked) if before else []
    if record.action == "unblock":
        return record.release == record.from_release and any(
            record.blocked == tuple(one for one in earlier if one != freed) for freed in earlier
        )
    expected = [one for one in earlier if one != record.release]
    if record.action == "rollback" and record.from_release:
        expected.append(record.from_release)
    return record.blocked == tuple(expected)


def _unpassed(record: Record) -> list[str]:
    return [
        f"{record.file_name}: the gate {gate.gate} was {gate.verdict}"
        for gate in record.gates
        if not gate.opens
    ]
