"""`relman audit`: whether the records and releases are whole and true, from git alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import history
from relman.core.errors import RelmanError
from relman.core.models.base import Model
from relman.operations import desired
from relman.operations.repository import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.core.history import Chain
    from relman.core.models.record import Record
    from relman.operations.repository import Repository

WRITE_ONCE = (VERSIONS, "releases/records")


class Finding(Model):
    """One thing that doesn't hold: where, and what."""

    place: str
    message: str


class Audit(Model):
    """What was checked, and what was found."""

    releases: int
    records: int
    findings: tuple[Finding, ...]


def audit(repository: Repository) -> Audit:
    """Checks every release's digest, every environment's chain, that what is generated is what
    the last record says, and that git's history only ever added to them."""
    findings = [*_write_once(repository), *_releases(repository)]
    records = 0
    for name in repository.environments:
        records += len(repository.snapshot.files(history.folder(name)))
        findings += _environment(repository, name)
    return Audit(releases=len(repository.versions), records=records, findings=tuple(findings))


def _write_once(repository: Repository) -> Iterator[Finding]:
    """Files that some commit changed or deleted, though they may only be added."""
    snapshot = repository.snapshot
    log = snapshot.git.text(
        "log", "--no-show-signature", "--format=%x00%H", "--name-status", "--no-renames",
        "--diff-filter=MDT", "-m", "--first-parent", snapshot.history, "--", *WRITE_ONCE,
    )  # fmt: skip
    for block in filter(None, log.split("\0")):
        commit, *lines = filter(None, block.splitlines())
        for line in lines:
            what, path = line.split("\t", 1)
            verb = "deleted" if what.startswith("D") else "changed"
            yield Finding(place=path, message=f"was {verb} by commit {commit[:12]}")


def _releases(repository: Repository) -> Iterator[Finding]:
    for version in repository.versions:
        file = f"{VERSIONS}/{version}.yaml"
        try:
            commit = repository.release(version).charts.commit
        except RelmanError as error:
            yield Finding(place=file, message=error.message)
            continue
        if not repository.snapshot.git.is_ancestor(commit, repository.snapshot.history):
            message = f"its charts' commit {commit[:12]} is not on the branch"
            yield Finding(place=file, message=message)


def _environment(repository: Repository, name: str) -> Iterator[Finding]:
    place = history.folder(name)
    try:
        chain = repository.chain(name)
        records = repository.records(name)
    except RelmanError as error:
        yield Finding(place=str(error.place or place), message=error.message)
        return
    for broken in history.broken_links(records):
        yield Finding(place=place, message=broken)
    yield from _places(name, place, chain, [record for _, record in records])
    for _, record in records:
        yield from _record(
            repository, record.release, record.release_digest, record.file_name, place
        )
    if chain.last is not None:
        yield from _generated(repository, name, chain)


def _places(name: str, place: str, chain: Chain, records: list[Record]) -> Iterator[Finding]:
    """Records that say they belong elsewhere: another environment, number or release."""
    for number, (version, record) in enumerate(zip(chain.versions, records, strict=True), 1):
        file = f"{place}/{number:04d}-{version}.yaml"
        if record.environment != name:
            yield Finding(place=file, message=f"is a record of {record.environment}")
        if record.file_name != file.rpartition("/")[2]:
            yield Finding(place=file, message=f"says that it is {record.file_name}")


def _record(
    repository: Repository, version: str, digest: str, file: str, place: str
) -> Iterator[Finding]:
    try:
        release = repository.release(version)
    except RelmanError as error:
        yield Finding(place=f"{place}/{file}", message=f"its release: {error.message}")
        return
    if release.digest != digest:
        yield Finding(place=f"{place}/{file}", message=f"{version} had another content then")


def _generated(repository: Repository, name: str, chain: Chain) -> Iterator[Finding]:
    if chain.last is None:
        return
    running, last = repository.running(name), chain.last
    said = (running.release, running.release_digest, running.record) if running else ()
    if said != (last.release, last.release_digest, last.number):
        shown = f"{running.release} by record {running.record}" if running else "nothing"
        message = f"says {shown}, but the last record is {last.number}, of {last.release}"
        yield Finding(place=f"argocd/{name}/release.yaml", message=message)
    if desired.live_digest(repository.snapshot, name) != chain.last.files:
        yield Finding(
            place=f"argocd/{name}",
            message="was edited since the last record; relman render --check names the files",
        )
