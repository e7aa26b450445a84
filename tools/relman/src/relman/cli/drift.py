"""`relman drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relman.cli.options import (
    HERE,
    Base,
    EnvironmentArgument,
    Folder,
    Output,
    OutputOption,
    Pull,
)

if TYPE_CHECKING:
    from relman.core.models.drift import ApplicationDrift, Drift, ObjectDrift

SIGNS = {"changed": ("~", "yellow"), "missing": ("-", "red"), "extra": ("+", "magenta")}
WORDS = {
    "changed": "",
    "missing": "git has it, the cluster doesn't",
    "extra": "the cluster has it, git doesn't any more",
}


def drift(
    environment: EnvironmentArgument,
    cluster: Annotated[str | None, typer.Option(help="Only this cluster.")] = None,
    component: Annotated[str | None, typer.Option(help="Only this component.")] = None,
    context: Annotated[
        str | None,
        typer.Option(help="The kubeconfig's context; by default the cluster's own."),
    ] = None,
    folder: Folder = HERE,
    base: Base = None,
    pull: Pull = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 5 when something differs.")
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Show where clusters differ from git, object by object and field by field.

    Git's side is what the API server would make of it, by a dry-run in Argo CD's name. What
    controllers own is left out. Nothing is changed. Each difference reads git -> cluster. A
    cluster that can't be asked ends with 4; the others are shown.

    Example: relman drift prod --component retail
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.core.errors import ExitCode
    from relman.operations.drift import drift as run
    from relman.operations.drift_parts import Chosen

    with reading(folder, base) as repository:
        chosen = Chosen(cluster, component, context)
        found = run(repository, environment, chosen, pull=pull, progress=console.say)
    console.emit(found, output, lambda: show(found))
    for name, why in found.unreachable.items():
        console.say(f"error: {name} was not looked at: {why}")
    if found.unreachable:
        raise typer.Exit(int(ExitCode.UNAVAILABLE))
    if exit_code and found.differs:
        raise typer.Exit(int(ExitCode.DIFFERENT))


def show(found: Drift) -> None:
    """The differences, then what was compared."""
    from relman.cli import console

    for application in found.applications:
        for one in application.objects:
            _show_object(one)
    for application in found.applications:
        if application.cluster not in found.unreachable:
            console.line(f"{application.application}: {_summary(application)}")


def _show_object(one: ObjectDrift) -> None:
    from relman.cli import console, plans

    sign, style = SIGNS[one.state]
    words = f": {WORDS[one.state]}" if WORDS[one.state] else ""
    console.line(f"{sign} {one.object}  [{one.object.cluster}]{words}", style)
    if one.note:
        console.line(f"    compared by git's fields only: {one.note}" if one.fields else one.note)
    plans.show_fields(one.fields)


def _summary(application: ApplicationDrift) -> str:
    if application.problem:
        return application.problem
    differ = len(application.objects)
    return f"{application.compared} objects compared, {differ or 'none'} differ"
