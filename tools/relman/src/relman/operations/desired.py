"""The generated files that an environment should have for a release, and those that it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.adapters import charts, yaml
from relman.core import generated, hashes
from relman.core.applications import Delivery
from relman.core.errors import Invalid, Place
from relman.core.installations import contents_of, installations

if TYPE_CHECKING:
    from relman.adapters.snapshot import Snapshot
    from relman.core.generated import Generated
    from relman.core.installations import Contents
    from relman.core.models.environment import Environment
    from relman.core.models.release import Release
    from relman.operations.repository import Repository


def for_release(repository: Repository, environment: Environment, release: Release) -> Generated:
    """What a release and the environment's own files make. Raises Invalid when the charts'
    commit isn't in this clone."""
    snapshot = repository.snapshot
    if not snapshot.knows(release.charts.commit):
        raise Invalid(
            f"the charts' commit {release.charts.commit[:12]} isn't in this clone",
            place=Place(f"releases/versions/{release.version}.yaml", key="charts.commit"),
            hint="git fetch",
        )
    source = snapshot.at(release.charts.commit)
    if charts.digest(source, release.components.values()) != release.charts.digest:
        raise Invalid(
            "the charts at that commit are not those that were frozen",
            place=Place(f"releases/versions/{release.version}.yaml", key="charts.commit"),
            hint="git log shows who changed it; cut a new release instead",
        )
    return build(
        repository,
        environment,
        contents_of(release),
        Delivery(repository.project, environment.name, release.version, release.charts.commit),
    )


def build(
    repository: Repository,
    environment: Environment,
    contents: Contents,
    delivery: Delivery,
) -> Generated:
    """The same for any contents, whose charts the caller has looked at."""
    items = list(installations(contents, environment, repository.facts(environment)))
    return generated.generate(delivery, items, yaml.dump)


@dataclass(frozen=True)
class Present:
    """The generated files of an environment at a commit: blob ids by path."""

    environment: str
    ids: dict[str, str]

    @property
    def applications(self) -> list[str]:
        """The names of its Applications."""
        folder = f"{generated.applications_folder(self.environment)}/"
        names = [path.removeprefix(folder) for path in self.ids if path.startswith(folder)]
        return [name.removesuffix(".yaml") for name in names if name != "project.yaml"]

    @property
    def live(self) -> list[str]:
        """The files that Argo CD reads: without release.yaml."""
        folder = f"{generated.applications_folder(self.environment)}/"
        return sorted(path for path in self.ids if path.startswith(folder))


def present(snapshot: Snapshot, environment: str) -> Present:
    """What lies under argocd/ENV."""
    entries = snapshot.files(generated.folder(environment))
    return Present(environment, {entry.path: entry.oid for entry in entries})


def is_recorded(repository: Repository, environment: str) -> bool:
    """Whether what is generated for an environment is what its last record says."""
    last = repository.chain(environment).last
    if last is None or not names_record(repository, environment):
        return last is None
    return live_digest(repository.snapshot, environment) == last.files


def names_record(repository: Repository, environment: str) -> bool:
    """Whether release.yaml says what the last record does."""
    last = repository.chain(environment).last
    running = repository.running(environment)
    if last is None or running is None:
        return last is None and running is None
    said = (running.release, running.release_digest, running.record)
    return said == (last.release, last.release_digest, last.number)


def live_digest(snapshot: Snapshot, environment: str) -> str:
    """The digest that a record keeps of an environment's generated files."""
    here = present(snapshot, environment)
    return hashes.of_files({path: snapshot.blob(here.ids[path]) for path in here.live})
