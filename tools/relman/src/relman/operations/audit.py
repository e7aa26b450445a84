"""`relman audit`: whether records, decisions and releases are whole and true, from git alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import decisions, history
from relman.core.errors import RelmanError
from relman.core.generated import GENERATOR, running_path
from relman.core.models.base import Model
from relman.operations import audit_chains, audit_history, audit_records, desired
from relman.operations.audit_history import Finding
from relman.operations.repository import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.operations.audit_history import Log
    from relman.operations.repository import Repository


class Audit(Model):
    """What was checked, and what was found. `older` are records whose files an older generator
    made: that they follow from their release and their base was not checked."""

    releases: int
    records: int
    decisions: int
    older: int
    findings: tuple[Finding, ...]


def audit(repository: Repository) -> Audit:
    """Checks every release's digest, every chain, that each record follows from its base and
    passed its gates or says that it was an emergency, that what is generated is what the last
    record says, and that git's history only ever added to all this."""
    log = audit_history.read(repository.snapshot)
    findings = [
        *audit_history.write_once(repository),
        *audit_history.unlike_their_commits(repository, log),
        *_releases(repository, log),
    ]
    counts = {"records": 0, "decisions": 0, "older": 0}
    for name in _environments(repository):
        counts["records"] += len(repository.snapshot.files(history.folder(name)))
        counts["decisions"] += len(repository.snapshot.files(decisions.folder(name)))
        counts["older"] += _older(repository, name)
        findings += _records(repository, name, log)
        findings += audit_chains.decided(repository, name, log)
    return Audit(releases=len(repository.versions), **counts, findings=tuple(findings))


def _environments(repository: Repository) -> list[str]:
    """Those that there are, and those that left something behind."""
    folders = (history.folder(""), decisions.folder(""))
    left = {
        entry.path.removeprefix(folder).partition("/")[0]
        for folder in folders
        for entry in repository.snapshot.files(folder.rstrip("/"))
    }
    return [*repository.environments, *sorted(left - set(repository.environments))]


def _older(repository: Repository, name: str) -> int:
    """How many records an older generator made; none where they can't be read."""
    try:
        made = [record.generator for _, record in repository.records(name)]
    except RelmanError:
        return 0
    return sum(one < GENERATOR for one in made)


def _releases(repository: Repository, log: Log) -> Iterator[Finding]:
    for version in repository.versions:
        file = f"{VERSIONS}/{version}.yaml"
        try:
            commit = repository.release(version).charts.commit
        except RelmanError as error:
            yield Finding(place=file, message=error.message)
            continue
        if commit not in log.order:
            message = f"its charts' commit {commit[:12]} is not on the branch"
            yield Finding(place=file, message=message)


def _records(repository: Repository, name: str, log: Log) -> Iterator[Finding]:
    try:
        repository.chain(name)
        repository.records(name)
    except RelmanError as error:
        yield Finding(place=str(error.place or history.folder(name)), message=error.message)
        return
    yield from audit_chains.records(repository, name, log)
    yield from audit_records.records(repository, name, log)
    if name in repository.environments:
        yield from _generated(repository, name)


def _generated(repository: Repository, name: str) -> Iterator[Finding]:
    last, place = repository.chain(name).last, running_path(name)
    try:
        running = repository.running(name)
    except RelmanError as error:
        yield Finding(place=str(error.place or place), message=error.message)
        return
    said = (running.release, running.release_digest, running.record) if running else ()
    if said != ((last.release, last.release_digest, last.number) if last else ()):
        shown = f"{running.release} by record {running.record}" if running else "nothing"
        recorded = f"{last.number}, of {last.release}" if last else "none"
        yield Finding(place=place, message=f"says {shown}, but the last record is {recorded}")
    if last and desired.live_digest(repository.snapshot, name) != last.files:
        yield Finding(
            place=f"argocd/{name}",
            message="was edited since the last record; relman render --check names the files",
        )
