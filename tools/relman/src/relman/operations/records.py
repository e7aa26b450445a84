"""`relman history`: the promotion records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import history as chain

if TYPE_CHECKING:
    from relman.core.models.record import Record
    from relman.operations.repository import Repository


def history(repository: Repository, environment: str | None, limit: int) -> list[Record]:
    """The newest records of one environment or of all, newest first; those that are gone by now
    too. Raises Invalid for an environment that never was."""
    known = [*repository.environments, *_gone(repository)]
    if environment and environment not in known:
        repository.environment(environment)
    names = [environment] if environment else known
    later = {name: index for index, name in enumerate(names)}
    found: list[Record] = []
    for name in names:
        found += repository.latest_records(name, limit)
    return sorted(found, key=lambda r: (r.time, later[r.environment], r.number), reverse=True)[
        :limit
    ]


def _gone(repository: Repository) -> list[str]:
    """Environments that only their records tell of."""
    folder = chain.folder("")
    files = repository.snapshot.files(folder.rstrip("/"))
    parts = [file.path.removeprefix(folder).split("/") for file in files]
    return sorted({names[0] for names in parts if names[1:]} - set(repository.environments))
