"""`relman history`: the promotion records."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relman.core.models.record import Record
    from relman.operations.repository import Repository


def history(repository: Repository, environment: str | None, limit: int) -> list[Record]:
    """The newest records of one environment or of all, newest first."""
    names = [environment] if environment else list(repository.environments)
    later = {name: index for index, name in enumerate(names)}
    found: list[Record] = []
    for name in names:
        repository.environment(name)
        found += repository.latest_records(name, limit)
    return sorted(found, key=lambda r: (r.time, later[r.environment], r.number), reverse=True)[
        :limit
    ]
