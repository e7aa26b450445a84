"""The repository's files at one commit, as models, each read when it is first asked for."""

from __future__ import annotations

from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from relman.adapters import documents
from relman.core import consistency, hashes, path, versions
from relman.core.errors import Invalid, Place
from relman.core.generated import running_path
from relman.core.models.environment import Environment, Facts
from relman.core.models.project import Component, ComponentFile, Project
from relman.core.models.record import RunningFile
from relman.core.models.release import Release
from relman.operations import record_files
from relman.operations.folders import named

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.adapters.snapshot import Entry, Snapshot
    from relman.core import history
    from relman.core.models.record import Record

M = TypeVar("M")
PROJECT = consistency.PROJECT_FILE
COMPONENTS = "releases/components"
ENVIRONMENTS = "releases/environments"
FACTS = "releases/facts"
VERSIONS = "releases/versions"


def _kept(read: Callable[[Repository, str], M]) -> Callable[[Repository, str], M]:
    """A reader whose answer is kept for each name: a commit never changes."""

    @wraps(read)
    def once(repository: Repository, name: str) -> M:
        key = (read.__name__, name)
        if key not in repository.known:
            repository.known[key] = read(repository, name)
        return cast("M", repository.known[key])

    return once


class Repository:
    """Reads through a snapshot; every error names the file."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.known: dict[tuple[str, str], Any] = {}

    def having(self, draft: Release) -> Repository:
        """The same with a release that is yet to be written."""
        other = Repository(self.snapshot)
        other.known = {**self.known, ("release", draft.version): draft}
        return other

    @cached_property
    def project(self) -> Project:
        """relman.yaml with the files of components/ in it."""
        content = self.snapshot.read(PROJECT)
        if content is None:
            raise Invalid(
                "there is no such file in this commit",
                place=Place(PROJECT),
                hint="`relman init` writes the files to start from; commit them",
            )
        project = documents.parse(Project, content, PROJECT)
        components = {**project.components, **self._component_files(project)}
        consistency.refuse_long_names(components, project)
        consistency.refuse_unknown_services(project, components)
        return project.model_copy(update={"components": components})

    def _component_files(self, project: Project) -> dict[str, Component]:
        found = {}
        for name, entry in named(self.snapshot, COMPONENTS):
            if name in project.components:
                raise Invalid(f"{name} is a component in {PROJECT} too", place=Place(entry.path))
            content = self.snapshot.blob(entry.oid)
            found[name] = documents.parse(ComponentFile, content, entry.path).component()
        return found

    @cached_property
    def environments(self) -> dict[str, Environment]:
        """Every environment, in the order of the path."""
        found = {}
        for name, entry in named(self.snapshot, ENVIRONMENTS):
            environment = documents.parse(Environment, self.snapshot.blob(entry.oid), entry.path)
            _refuse_other_name(entry.path, "name", environment.name, name)
            consistency.refuse_unknown_components(self.project.components, environment)
            found[name] = environment
        consistency.refuse_shared_clusters(found)
        consistency.refuse_twins(found, self.project)
        return {name: found[name] for name in path.order(found)}

    def environment(self, name: str) -> Environment:
        """One environment. Raises Invalid with those that there are."""
        if name not in self.environments:
            raise Invalid(
                f"there is no environment {name!r}",
                hint=f"the environments are {', '.join(self.environments) or 'none yet'}",
            )
        return self.environments[name]

    @cached_property
    def _fact_files(self) -> dict[str, Entry]:
        return dict(named(self.snapshot, FACTS))

    def facts(self, environment: Environment) -> dict[str, Facts]:
        """Facts of the environment's clusters, of those that have any."""
        names = [cluster.name for cluster in environment.clusters]
        found = {name: self._fact_files[name] for name in names if name in self._fact_files}
        contents = self.snapshot.blobs([entry.oid for entry in found.values()])
        return {
            name: _facts(name, entry, content)
            for (name, entry), content in zip(found.items(), contents, strict=True)
        }

    def facts_of(self, cluster: str) -> Facts | None:
        """One cluster's facts, or None where none were imported."""
        entry = self._fact_files.get(cluster)
        return _facts(cluster, entry, self.snapshot.blob(entry.oid)) if entry else None

    @cached_property
    def versions(self) -> list[str]:
        """Every release's version, in no order."""
        found = named(self.snapshot, VERSIONS)
        for name, entry in found:
            if not versions.is_version(name):
                raise Invalid(
                    f"{name!r} is not a version",
                    place=Place(entry.path),
                    hint="only `relman cut` writes here",
                )
        return [name for name, _ in found]

    @_kept
    def release(self, version: str) -> Release:
        """One release. Raises Invalid when there is none, or its content isn't what it was."""
        file = f"{VERSIONS}/{version}.yaml"
        content = self.snapshot.read(file)
        if content is None:
            raise Invalid(
                f"there is no release {version!r}",
                hint="`relman releases` lists them; `relman cut` makes one",
            )
        release = documents.parse(Release, content, file)
        _refuse_other_name(file, "version", release.version, version)
        if hashes.of_release(release) != release.digest:
            raise Invalid(
                "the content doesn't fit its digest: a release is never changed",
                place=Place(file, key="digest"),
                hint=f"git log --follow {file} shows who did; cut a new release instead",
            )
        return release

    @_kept
    def chain(self, environment: str) -> history.Chain:
        """An environment's records: the names of all, the content of the last."""
        return record_files.chain(self.snapshot, environment)

    @_kept
    def records(self, environment: str) -> list[tuple[bytes, Record]]:
        """Every record of an environment with its file's content, oldest first."""
        entries = record_files.entries(self.snapshot, environment)
        return [record_files.read(self.snapshot, entry) for entry in entries]

    def latest_records(self, environment: str, limit: int) -> list[Record]:
        """The last records of an environment, oldest first; no more than these are read."""
        entries = record_files.entries(self.snapshot, environment)[-limit:]
        return [record_files.read(self.snapshot, entry)[1] for entry in entries]

    @_kept
    def running(self, environment: str) -> RunningFile | None:
        """What an environment runs, or None before its first deploy."""
        file = running_path(environment)
        content = self.snapshot.read(file)
        return documents.parse(RunningFile, content, file) if content else None

    def running_everywhere(self) -> dict[str, str | None]:
        """The release of each environment, by its records."""
        return {name: self.chain(name).current for name in self.environments}


def _facts(cluster: str, entry: Entry, content: bytes) -> Facts:
    facts = documents.parse(Facts, content, entry.path)
    _refuse_other_name(entry.path, "cluster", facts.cluster, cluster)
    return facts


def _refuse_other_name(file: str, key: str, inside: str, name: str) -> None:
    if inside != name:
        raise Invalid(
            f"is {inside!r}, but the file's name says {name!r}",
            place=Place(file, key=key),
            hint="make both the same",
        )
