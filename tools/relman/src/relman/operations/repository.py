"""The repository's files at one commit, as models, each read when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from relman.adapters import documents
from relman.core import hashes, history, path, versions
from relman.core.errors import Invalid, Place
from relman.core.generated import running_path
from relman.core.installations import refuse_unknown
from relman.core.models.environment import Environment, Facts
from relman.core.models.project import Component, ComponentFile, Project
from relman.core.models.record import Record, RunningFile
from relman.core.models.release import Release

if TYPE_CHECKING:
    from relman.adapters.snapshot import Entry, Snapshot

PROJECT = "releases/relman.yaml"
COMPONENTS = "releases/components"
ENVIRONMENTS = "releases/environments"
FACTS = "releases/facts"
VERSIONS = "releases/versions"


class Repository:
    """Reads through a snapshot; every error names the file."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

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
        _refuse_unknown_services(project, components)
        return project.model_copy(update={"components": components})

    def _component_files(self, project: Project) -> dict[str, Component]:
        found = {}
        for name, entry in self._named(COMPONENTS):
            if name in project.components:
                raise Invalid(f"{name} is a component in {PROJECT} too", place=Place(entry.path))
            content = self.snapshot.blob(entry.oid)
            found[name] = documents.parse(ComponentFile, content, entry.path).component()
        return found

    @cached_property
    def environments(self) -> dict[str, Environment]:
        """Every environment, in the order of the path."""
        found = {}
        for name, entry in self._named(ENVIRONMENTS):
            environment = documents.parse(Environment, self.snapshot.blob(entry.oid), entry.path)
            _refuse_other_name(entry.path, "name", environment.name, name)
            refuse_unknown(self.project.components, environment)
            found[name] = environment
        _refuse_shared_clusters(found)
        _refuse_twins(found, self.project)
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
        return dict(self._named(FACTS))

    def facts(self, environment: Environment) -> dict[str, Facts]:
        """Facts of the environment's clusters, of those that have any."""
        known = {cluster.name: self.facts_of(cluster.name) for cluster in environment.clusters}
        return {name: facts for name, facts in known.items() if facts}

    def facts_of(self, cluster: str) -> Facts | None:
        """One cluster's facts, or None where none were imported."""
        entry = self._fact_files.get(cluster)
        if entry is None:
            return None
        facts = documents.parse(Facts, self.snapshot.blob(entry.oid), entry.path)
        _refuse_other_name(entry.path, "cluster", facts.cluster, cluster)
        return facts

    @cached_property
    def versions(self) -> list[str]:
        """Every release's version, in no order."""
        found = self._named(VERSIONS)
        for name, entry in found:
            if not versions.is_version(name):
                raise Invalid(
                    f"{name!r} is not a version",
                    place=Place(entry.path),
                    hint="only `relman cut` writes here",
                )
        return [name for name, _ in found]

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

    def chain(self, environment: str) -> history.Chain:
        """An environment's records: the names of all, the content of the last."""
        entries = self._record_entries(environment)
        if not entries:
            return history.Chain(environment)
        content, last = self._record(entries[-1])
        names = [entry.path.rpartition("/")[2] for entry in entries]
        versions = tuple(version for _, version in history.numbered(environment, names))
        return history.Chain(environment, versions, last, hashes.of_bytes(content))

    def records(self, environment: str) -> list[tuple[bytes, Record]]:
        """Every record of an environment with its file's content, oldest first."""
        return [self._record(entry) for entry in self._record_entries(environment)]

    def latest_records(self, environment: str, limit: int) -> list[Record]:
        """The last records of an environment, oldest first; no more than these are read."""
        entries = self._record_entries(environment)[-limit:]
        return [self._record(entry)[1] for entry in entries]

    def _record_entries(self, environment: str) -> list[Entry]:
        folder = history.folder(environment)
        entries = self.snapshot.files(folder)
        numbers = history.numbered(
            environment, [e.path.removeprefix(f"{folder}/") for e in entries]
        )
        by_path = {entry.path: entry for entry in entries}
        return [by_path[f"{folder}/{number:04d}-{version}.yaml"] for number, version in numbers]

    def _record(self, entry: Entry) -> tuple[bytes, Record]:
        content = self.snapshot.blob(entry.oid)
        return content, documents.parse(Record, content, entry.path)

    def running(self, environment: str) -> RunningFile | None:
        """What an environment runs, or None before its first deploy."""
        file = running_path(environment)
        content = self.snapshot.read(file)
        return documents.parse(RunningFile, content, file) if content else None

    def running_everywhere(self) -> dict[str, str | None]:
        """The release of each environment, by its records."""
        return {name: self.chain(name).current for name in self.environments}

    def _named(self, folder: str) -> list[tuple[str, Entry]]:
        """The YAML files of a folder by their names; nothing else may be there."""
        found = []
        for entry in self.snapshot.files(folder):
            name = entry.path.removeprefix(f"{folder}/")
            if name in ("README.md", ".gitkeep"):
                continue
            if "/" in name or not name.endswith(".yaml"):
                raise Invalid(
                    "doesn't belong here", place=Place(entry.path), hint=f"{folder}/NAME.yaml only"
                )
            found.append((name.removesuffix(".yaml"), entry))
        return found


def _refuse_other_name(file: str, key: str, inside: str, name: str) -> None:
    if inside != name:
        raise Invalid(
            f"is {inside!r}, but the file's name says {name!r}",
            place=Place(file, key=key),
            hint="make both the same",
        )


def _refuse_unknown_services(project: Project, components: dict[str, Component]) -> None:
    for name, service in project.services.items():
        if service.component not in components:
            raise Invalid(
                f"there is no component {service.component!r}",
                place=Place(PROJECT, key=f"services.{name}.component"),
                hint=f"the components are {', '.join(sorted(components))}",
            )


def _refuse_shared_clusters(environments: dict[str, Environment]) -> None:
    """Applications are named CLUSTER-COMPONENT: two environments can't share a cluster's name."""
    owner: dict[str, str] = {}
    for name, environment in environments.items():
        for cluster in environment.clusters:
            if cluster.name in owner:
                raise Invalid(
                    f"the cluster {cluster.name} belongs to {owner[cluster.name]} too",
                    place=Place(f"{ENVIRONMENTS}/{name}.yaml", key="clusters"),
                    hint="name each environment's use of it, with the same server:",
                )
            owner[cluster.name] = name


def _refuse_twins(environments: dict[str, Environment], project: Project) -> None:
    """CLUSTER-COMPONENT can be the same name for two pairs: eu + web-api, eu-web + api."""
    seen: dict[str, str] = {}
    for environment in environments.values():
        for cluster in environment.clusters:
            for component in project.components:
                name, pair = f"{cluster.name}-{component}", f"{component} on {cluster.name}"
                if name in seen:
                    raise Invalid(
                        f"{seen[name]} and {pair} would both be the Application {name}",
                        place=Place(f"{ENVIRONMENTS}/{environment.name}.yaml", key="clusters"),
                        hint="rename the cluster or the component",
                    )
                seen[name] = pair
