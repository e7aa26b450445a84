"""`relman lint`: every check on the repository's own consistency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from relman.adapters import rendering, schemas, yaml
from relman.core import manifests
from relman.core.errors import RelmanError
from relman.core.generated import running_path
from relman.core.models.base import Model
from relman.operations import audit, objects, render, rendered
from relman.operations.bootstrap_files import ROOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from relman.core.installations import Installation
    from relman.operations.repository import Repository

Severity = Literal["error", "warning", "note"]


class LintFinding(Model):
    """One finding. An error fails the command; a note says what could not be checked."""

    severity: Severity
    check: str
    place: str
    message: str
    hint: str = ""


def lint(repository: Repository) -> list[LintFinding]:
    """All findings, errors first. Every check runs, whatever the others find; those that need
    the project or the path are left out when these can't be read."""
    findings = [*_guarded("project", lambda: [repository.project.name])]
    if not findings:
        findings += _guarded("environments", lambda: list(repository.environments))
    if not findings:
        findings = [*_drafts(repository), *_stale(repository)]
        findings += [*_left_behind(repository), *_records(repository)]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(findings, key=lambda finding: order[finding.severity])


def _guarded(check: str, read: Callable[[], object]) -> Iterator[LintFinding]:
    try:
        read()
    except RelmanError as error:
        yield _error(check, error)


def _error(check: str, error: RelmanError, place: str = "") -> LintFinding:
    return LintFinding(
        severity="error",
        check=check,
        place=str(error.place or place),
        message=error.message,
        hint=error.hint,
    )


def _drafts(repository: Repository) -> Iterator[LintFinding]:
    """Each environment with the charts as they are now: values fit, objects are valid."""
    renderer = rendered.Renderer(repository.snapshot)
    for name, environment in repository.environments.items():
        try:
            wanted = render.draft(repository, environment)
        except RelmanError as error:
            yield _error("values", error, f"releases/environments/{name}.yaml")
            continue
        for item in wanted.installations.values():
            yield from _rendered(repository, renderer, name, item)


def _rendered(
    repository: Repository, renderer: rendered.Renderer, environment: str, item: Installation
) -> Iterator[LintFinding]:
    place = f"releases/environments/{environment}.yaml: values.{item.name}"
    try:
        request = renderer.request(rendered.of_installation(item, repository.snapshot.revision))
        if isinstance(request, str):
            why = f"{item.component.chart} {item.component.version} was not rendered: {request}"
            yield LintFinding(severity="note", check="render", place=place, message=why)
            return
        text = rendering.render(request)
        version = schemas.closest(item.kubernetes_version)
        yield from _objects(text, item, version, place)
    except RelmanError as error:
        yield _error("render", error, place)


def _objects(text: str, item: Installation, version: str, place: str) -> Iterator[LintFinding]:
    try:
        found = manifests.parse(manifests.split(text), yaml.load_all, item.namespace)
    except ValueError as error:
        yield LintFinding(severity="error", check="objects", place=place, message=str(error))
        return
    for manifest in manifests.repeated(found):
        message = objects.repetition(manifest)
        yield LintFinding(severity="error", check="objects", place=place, message=message)
    for manifest in found:
        for problem in schemas.errors(manifest.document, version) or []:
            message = f"{manifest.kind}/{manifest.name} (Kubernetes {version}): {problem}"
            yield LintFinding(severity="error", check="objects", place=place, message=message)


def _stale(repository: Repository) -> Iterator[LintFinding]:
    try:
        stale = render.check(repository)
    except RelmanError as error:
        yield _error("generated", error)
        return
    for file in stale:
        edited = file.state == "edited"
        yield LintFinding(
            severity="error" if edited else "warning",
            check="generated",
            place=file.path,
            message="was edited by hand" if edited else "waits for a refresh",
            hint="git revert the edit" if edited else f"relman refresh {file.environment}",
        )


def _left_behind(repository: Repository) -> Iterator[LintFinding]:
    """Generated files of an environment that is gone: Argo CD doesn't know that."""
    known = {running_path(name) for name in repository.environments}
    for entry in repository.snapshot.files("argocd"):
        folder, _, file = entry.path.rpartition("/")
        if file == "release.yaml" and folder.count("/") == 1 and entry.path not in known:
            name = folder.removeprefix("argocd/")
            yield LintFinding(
                severity="warning",
                check="generated",
                place=folder,
                message=f"there is no environment {name}, but Argo CD goes on running this",
                hint=f"bring releases/environments/{name}.yaml back; or delete the Applications, "
                f"then git rm -r {folder} {ROOTS}/{name}.yaml",
            )


def _records(repository: Repository) -> Iterator[LintFinding]:
    for finding in audit.audit(repository).findings:
        yield LintFinding(
            severity="error", check="records", place=finding.place, message=finding.message
        )
