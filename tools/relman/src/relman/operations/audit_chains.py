"""Whether an environment's records and decisions are whole: each chain by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import chains, decisions, history, history_breaks
from relman.core.errors import RelmanError
from relman.operations import decisions as deciding
from relman.operations.audit_history import Finding, out_of_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relman.core.models.decision import Decision
    from relman.core.models.record import Record
    from relman.operations.audit_history import Log
    from relman.operations.repository import Repository


def records(repository: Repository, name: str, log: Log) -> Iterator[Finding]:
    """What doesn't hold of an environment's records, without looking at what they applied."""
    place = history.folder(name)
    for broken in history_breaks.found(repository.records(name)):
        yield Finding(place=place, message=broken)
    found = [record for _, record in repository.records(name)]
    names = [
        f"{number:04d}-{version}.yaml"
        for number, version in enumerate(repository.chain(name).versions, 1)
    ]
    yield from _places(name, place, names, found)
    for record in found:
        file = f"{place}/{record.file_name}"
        if why := out_of_place(log, file, record.base):
            yield Finding(place=file, message=why)


def decided(repository: Repository, name: str, log: Log) -> Iterator[Finding]:
    """The same of its decisions."""
    place = decisions.folder(name)
    try:
        found = deciding.all_of(repository, name)
    except RelmanError as error:
        yield Finding(place=str(error.place or place), message=error.message)
        return
    for broken in chains.broken(found, "decision"):
        yield Finding(place=place, message=broken)
    made = [decision for _, decision in found]
    yield from _places(name, place, deciding.names(repository, name), made)
    for decision in made:
        file = f"{place}/{decision.file_name}"
        if why := out_of_place(log, file, decision.base):
            yield Finding(place=file, message=why)


def _places(
    name: str, place: str, names: Sequence[str], links: Sequence[Record | Decision]
) -> Iterator[Finding]:
    """Files that say they belong elsewhere: another environment, number or release."""
    for file, link in zip(names, links, strict=True):
        if link.environment != name:
            message = f"is a {link.kind.lower()} of {link.environment}"
            yield Finding(place=f"{place}/{file}", message=message)
        if link.file_name != file:
            yield Finding(place=f"{place}/{file}", message=f"says that it is {link.file_name}")
