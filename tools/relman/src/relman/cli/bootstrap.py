"""`relman bootstrap`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relman.cli.options import (
    HERE,
    Base,
    DryRun,
    Folder,
    Output,
    OutputOption,
    Worktree,
    Yes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.operations.bootstrap import Bootstrap, Step

SIGNS = {"added": ("+", "green"), "changed": ("~", "yellow")}


def bootstrap(
    cluster: Annotated[
        str,
        typer.Argument(
            metavar="CLUSTER", help="Where Argo CD runs: a cluster, or a kubeconfig's context."
        ),
    ],
    only_root: Annotated[
        bool,
        typer.Option("--only-root", help="Argo CD runs already: only projects and Applications."),
    ] = False,
    folder: Folder = HERE,
    base: Base = None,
    worktree: Worktree = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    output: OutputOption = Output.text,
) -> None:
    """Install Argo CD on CLUSTER, and the root Applications that it is to follow.

    The chart is argocd.chart of releases/relman.yaml, with argocd/bootstrap/values.yaml; then
    come argocd/bootstrap/projects.yaml and applications/. What is as it should be is left alone.

    Example: relman bootstrap retail-dev-eksdemo --dry-run
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.operations.bootstrap import bootstrap as run

    agree = _agreement(yes=yes, dry_run=dry_run, quiet=output is Output.json)
    with reading(folder, base, worktree=worktree) as repository:
        found = run(repository, cluster, only_root=only_root, agree=agree, progress=console.say)
    if output is Output.json:
        console.print_json(found)
    _report(found, dry_run=dry_run)


def _agreement(*, yes: bool, dry_run: bool, quiet: bool) -> Callable[[Bootstrap], bool]:
    from relman.cli import console
    from relman.core.errors import Refused

    def agree(found: Bootstrap) -> bool:
        if not quiet:
            show(found)
        if dry_run or not found.changes:
            return False
        if yes:
            return True
        if quiet or not console.interactive():
            raise Refused("nobody can be asked here", hint="add --yes to apply, or --dry-run")
        if not console.ask(f"Do this in {found.context}?"):
            raise Refused("nothing was changed")
        return True

    return agree


def show(found: Bootstrap) -> None:
    """What there is to do."""
    from relman.cli import console, plans

    environments = ", ".join(found.environments)
    console.line(f"bootstrap {found.cluster} (context {found.context}) for {environments}", "bold")
    for step in found.steps:
        if step.change == "none":
            console.line(f"= {step.name}{_versions(step)}")
            continue
        sign, style = SIGNS[step.change]
        console.line(f"{sign} {step.name}{_versions(step)}", style)
        if step.note:
            console.line(f"    {step.note}")
        plans.show_fields(step.fields)


def _versions(step: Step) -> str:
    if not step.after:
        return ""
    same = step.before in ("", step.after)
    return f": {step.after}" if same else f": {step.before} -> {step.after}"


def _report(found: Bootstrap, *, dry_run: bool) -> None:
    from relman.cli import console

    if found.done:
        console.say(f"{found.cluster} is set up; next: relman deploy, then relman wait")
    elif found.changes and dry_run:
        console.say(f"dry run: {found.cluster} was not changed")
    else:
        console.say(f"{found.cluster} is as it should be")
