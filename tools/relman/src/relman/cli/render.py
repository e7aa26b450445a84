"""`relman render`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relman.cli.options import (
    HERE,
    Base,
    Folder,
    Output,
    OutputOption,
    Pull,
    Worktree,
    complete_environment,
)

if TYPE_CHECKING:
    from relman.operations.render import Manifests, Staleness
    from relman.operations.repository import Repository


def render(
    environment: Annotated[
        str | None,
        typer.Argument(metavar="ENV", help="An environment.", autocompletion=complete_environment),
    ] = None,
    release: Annotated[
        str | None, typer.Option(metavar="VERSION", help="By default what runs there.")
    ] = None,
    component: Annotated[str | None, typer.Option(help="Only this component.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Only this cluster.")] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="The charts as they are now, before any cut.")
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="Write CLUSTER/COMPONENT.yaml below DIR."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say whether generated files are current (else 5).")
    ] = False,
    allow_pending: Annotated[
        bool,
        typer.Option("--allow-pending", help="With --check: what waits for a refresh is fine."),
    ] = False,
    folder: Folder = HERE,
    base: Base = None,
    worktree: Worktree = False,
    pull: Pull = False,
    output: OutputOption = Output.text,
) -> None:
    """Print an environment's full manifests, or check that its generated files are current.

    Example: relman render prod --component retail; relman render --check --worktree
    """
    from relman.cli.reading import reading

    with reading(folder, base, worktree=worktree) as repository:
        if check:
            _check(repository, environment, allow_pending, output)
            return
        found = _manifests(repository, environment, release, component, cluster, draft, pull)
    if into:
        _write(into, found)
    else:
        _print(found, output)


def _manifests(
    repository: Repository,
    environment: str | None,
    release: str | None,
    component: str | None,
    cluster: str | None,
    draft: bool,
    pull: bool,
) -> list[Manifests]:
    from relman.core.errors import Invalid
    from relman.operations.render import manifests

    if environment is None:
        raise Invalid("which environment?", hint="relman render ENV, or relman render --check")
    repository.environment(environment)
    running = repository.running(environment)
    version = release or (running.release if running else None)
    if version is None and not draft:
        raise Invalid(f"{environment} runs nothing yet", hint="--release VERSION, or --draft")
    chosen = None if draft else version
    return list(manifests(repository, environment, chosen, component, cluster, pull=pull))


def _write(folder: Path, found: list[Manifests]) -> None:
    from relman.cli import console

    for one in found:
        if one.why:
            console.say(f"{one.cluster}/{one.component}: not rendered: {one.why}")
            continue
        path = folder / one.cluster / f"{one.component}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.text)
        console.line(str(path))


def _print(found: list[Manifests], output: Output) -> None:
    from relman.cli import console

    def text() -> None:
        for one in found:
            if one.why:
                console.say(f"{one.cluster}/{one.component}: not rendered: {one.why}")
            sys.stdout.write(one.text)

    console.emit(found, output, text)


def _check(
    repository: Repository, environment: str | None, allow_pending: bool, output: Output
) -> None:
    from relman.cli import console
    from relman.core.errors import ExitCode
    from relman.operations.render import check

    stale = check(repository, environment)

    def text() -> None:
        if stale:
            console.table(("state", "file", "next"), [(s.state, s.path, _next(s)) for s in stale])
        else:
            console.line("generated files are current")

    console.emit(stale, output, text)
    if any(one.state == "edited" or not allow_pending for one in stale):
        raise typer.Exit(int(ExitCode.DIFFERENT))


def _next(one: Staleness) -> str:
    if one.state == "pending":
        return f"relman refresh {one.environment}"
    return "revert the edit: only relman writes here"
