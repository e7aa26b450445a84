"""Whether records are true: each plan is worked out again from what git had at its base, and the
gates that git alone can answer are asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from relman.core import emergency, gates, generated, hashes, history, times
from relman.core.errors import RelmanError
from relman.operations import desired, judging, partial
from relman.operations.audit_history import Finding
from relman.operations.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.core.models.environment import Environment
    from relman.core.models.record import GateResult, Record
    from relman.core.models.release import Release
    from relman.operations.audit_history import Log

# Between asking the gates and writing the record lie a plan and a question.
MOMENTS = timedelta(hours=1)


def records(repository: Repository, name: str, log: Log) -> Iterator[Finding]:
    """What doesn't hold of what an environment's records applied."""
    before: Record | None = None
    for _, record in repository.records(name):
        file = f"{history.folder(name)}/{record.file_name}"
        for message in _record(repository, record, before, log):
            yield Finding(place=file, message=message)
        before = record


def _record(
    repository: Repository, record: Record, before: Record | None, log: Log
) -> Iterator[str]:
    try:
        release = repository.release(record.release)
    except RelmanError as error:
        yield f"its release: {error.message}"
        return
    if release.digest != record.release_digest:
        yield f"{record.release} had another content then"
    elif record.action == "unblock":
        yield from _unblocked(record, before)
    elif record.base in log.order:
        yield from _applied(repository, record, release, log)


def _unblocked(record: Record, before: Record | None) -> Iterator[str]:
    """A decision about what may come back; it applies nothing."""
    kept = ("release", "release_digest", "files")
    if before and any(getattr(record, key) != getattr(before, key) for key in kept):
        yield "unblocks a release, and changes what runs"
    if record.plan or record.gates:
        yield "unblocks a release, and has a plan"


def _applied(repository: Repository, record: Record, release: Release, log: Log) -> Iterator[str]:
    base = Repository(repository.snapshot.at(record.base))
    if record.plan != hashes.of_plan_files(record.environment, release.digest, record.files):
        yield "its plan is not what follows from its release and its files"
    try:
        environment = base.environment(record.environment)
        judged = judging.again(base, release, record)
        files = _files(base, environment, release, record)
    except RelmanError as error:
        yield f"can't be worked out again at its base: {error}"
        return
    if record.files != files:
        yield "its files are not what follows from its release and its base"
    if record.only and not _is_part(base, record, release):
        yield f"{release.version} is not what ran there with another {record.only}"
    yield from _written(repository, record, log)
    yield from _judged(record, judged, base)


def _files(base: Repository, environment: Environment, release: Release, record: Record) -> str:
    """The digest of what should have been generated. What an older generator made is taken as
    it is."""
    if record.generator < generated.GENERATOR:
        return record.files
    return hashes.of_files(desired.for_release(base, environment, release).files)


def _is_part(base: Repository, record: Record, release: Release) -> bool:
    """Whether a release is what ran, but for the one service that was moved."""
    try:
        wanted = partial.release(
            base, record.source or "", record.environment, record.only or "", record.time
        )
    except RelmanError:
        return False
    return wanted.digest == release.digest


def _written(repository: Repository, record: Record, log: Log) -> Iterator[str]:
    """Whether the commit that added the record wrote what it says."""
    file = f"{history.folder(record.environment)}/{record.file_name}"
    commits = log.added.get(file, [])
    trees = [repository.snapshot.at(commit) for commit in commits]
    digests = [desired.live_digest(tree, record.environment) for tree in trees]
    if digests and record.files not in digests:
        folder = generated.folder(record.environment)
        yield f"commit {commits[-1][:12]}, which added it, has other files in {folder}"


def _judged(record: Record, judged: tuple[GateResult, ...], base: Repository) -> Iterator[str]:
    said = {gate.gate: gate for gate in record.gates}
    for gate in judged:
        skipped = gate.gate in said and said[gate.gate].skipped
        if gate.verdict != "pass" and not skipped:
            yield f"the gate {gate.gate} didn't let it through: {gate.summary}"
    asked = gates.asked(base.environment(record.environment).gates)
    for name in sorted(asked - set(said)):
        yield f"the gate {name} holds at its base and was not asked"
    if "windows" in said and not _as_of(record, said["windows"]):
        yield "the gate windows was asked at another time than the record's"
    for gate in record.gates:
        if gate.skipped and (why := emergency.refusal(record.action, gate.gate, record.reason)):
            yield f"skips the gate {gate.gate}: {why}"


def _as_of(record: Record, windows: GateResult) -> bool:
    """Whether the windows were asked about the time at which the change was made."""
    try:
        at = times.read(str(windows.evidence.get("at")))
    except ValueError:
        return False
    return abs(times.read(record.time) - at) <= MOMENTS
