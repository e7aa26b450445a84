"""Works out a plan: a pure function of the base commit, the environment, the release and the
facts. The network is used only when an upstream chart is to be pulled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.adapters import commits
from relman.core import hashes, risks
from relman.core.models.plan import FileChange, Plan
from relman.operations import comparison, desired, judging, pairs, rendered
from relman.operations.circumstances import NOWHERE, Circumstances

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relman.adapters.snapshot import Snapshot
    from relman.core.generated import Generated
    from relman.core.history import Chain
    from relman.core.models.record import Action
    from relman.core.models.release import Release
    from relman.operations.desired import Present
    from relman.operations.repository import Repository


@dataclass(frozen=True)
class Intent:
    """What is wanted of an environment. `assumed` is what other environments would run by then,
    in a dry run over several of them. `only` is the one service that is moved, and `derived` the
    release that is made for it, where there is none yet."""

    environment: str
    release: str
    action: Action
    source: str | None = None
    assumed: Mapping[str, str] = field(default_factory=dict)
    only: str | None = None
    derived: Release | None = None


@dataclass(frozen=True)
class Prepared:
    """A plan with what applying it needs: the files to write (None deletes), and the chain of
    records that the new one goes on. `truthful` says that release.yaml is what the last record
    left there; `derived` is a release that is yet to be written."""

    plan: Plan
    files: dict[str, bytes | None]
    digest: str
    chain: Chain
    truthful: bool
    derived: Release | None = None


def prepare(
    repository: Repository,
    intent: Intent,
    around: Circumstances = NOWHERE,
    *,
    pull: bool = False,
) -> Prepared:
    """The plan of `intent`, gates judged in the circumstances `around` it.

    Raises Invalid when the files, the values or a chart can't be right.
    """
    if intent.derived:
        repository = repository.having(intent.derived)
    environment = repository.environment(intent.environment)
    release = repository.release(intent.release)
    chain = repository.chain(intent.environment)
    wanted = desired.for_release(repository, environment, release)
    here = desired.present(repository.snapshot, intent.environment)
    files = _written(repository.snapshot, here, wanted)
    found = list(
        comparison.differences(
            rendered.Renderer(repository.snapshot, pull),
            pairs.changed(repository.snapshot, here, wanted, release, files, chain.current),
        )
    )
    changes = [change for difference in found for change in difference.changes]
    pods = {key: count for difference in found for key, count in difference.pods.items()}
    unrendered = tuple(d.unrendered for d in found if d.unrendered)
    digest = hashes.of_files(wanted.files)
    plan = Plan(
        environment=intent.environment,
        action=intent.action,
        release=release.version,
        release_digest=release.digest,
        from_release=chain.current,
        source=intent.source,
        only=intent.only,
        base=repository.snapshot.revision,
        hash=hashes.of_plan_files(intent.environment, release.digest, digest),
        files=tuple(_file_changes(here, files)),
        objects=tuple(changes),
        restarts=tuple(risks.restarts(changes, pods)),
        risks=tuple(risks.risks(changes, unrendered)),
        unrendered=unrendered,
    )
    plan = plan.model_copy(
        update={"gates": judging.judged(repository, plan, intent, found, around)}
    )
    truthful = desired.names_record(repository, intent.environment)
    return Prepared(plan, files, digest, chain, truthful, intent.derived)


def _written(snapshot: Snapshot, here: Present, wanted: Generated) -> dict[str, bytes | None]:
    """What to write and what to delete."""
    files: dict[str, bytes | None] = {
        path: content
        for path, content in wanted.files.items()
        if here.ids.get(path) != commits.blob_id(snapshot.git, content)
    }
    return files | dict.fromkeys(path for path in here.live if path not in wanted.files)


def _file_changes(here: Present, files: dict[str, bytes | None]) -> list[FileChange]:
    return [
        FileChange(
            path=path,
            change="removed" if data is None else "changed" if path in here.ids else "added",
        )
        for path, data in sorted(files.items())
    ]
