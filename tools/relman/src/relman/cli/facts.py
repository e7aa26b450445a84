"""`relman facts`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import HERE, DryRun, Folder, Output, OutputOption


def facts(
    cluster: Annotated[str, typer.Argument(metavar="CLUSTER", help="The cluster's name.")],
    source: Annotated[
        typer.FileText | None,
        typer.Option(
            "--from", metavar="FILE", help="Output of `terraform output -json`; - is stdin."
        ),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(metavar="s3://BUCKET/KEY", help="Read the state itself; remembered."),
    ] = None,
    folder: Folder = HERE,
    dry_run: DryRun = False,
    output: OutputOption = Output.text,
) -> None:
    """Import what Terraform knows of a cluster into releases/facts/CLUSTER.yaml.

    Writes into the checkout, for you to review and commit. Secrets and unknown shapes are refused.

    Example: relman facts retail-dev-eksdemo --from outputs.json
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.core.errors import Invalid
    from relman.operations.facts import import_facts

    if source and state:
        raise Invalid("--from and --state exclude each other")
    with reading(folder, worktree=True) as repository:
        text = source.read() if source else None
        found = import_facts(repository, cluster, text, state, dry_run=dry_run)

    def show() -> None:
        for change in found.changes:
            console.line(f"{change.path}: {change.before} -> {change.after}")
        if not found.changes:
            console.say(f"{found.path} is current")
        elif found.written:
            console.say(f"wrote {found.path}; commit it, then relman refresh")
        else:
            console.say(f"dry run: {found.path} was not written")

    console.emit(found, output, show)
