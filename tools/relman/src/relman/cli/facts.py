"""`relman facts`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import HERE, DryRun, Folder, Output, OutputOption


def facts(
    cluster: Annotated[str, typer.Argument(help="The cluster's name.")],
    source: Annotated[
        typer.FileText | None,
        typer.Option(
            "--from", metavar="FILE", help="What `terraform output -json` printed; - for stdin."
        ),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            metavar="s3://BUCKET/KEY", help="Read the state itself; kept for the next time."
        ),
    ] = None,
    folder: Folder = HERE,
    dry_run: DryRun = False,
    output: OutputOption = Output.text,
) -> None:
    """Import what Terraform knows of a cluster into releases/facts/CLUSTER.yaml.

    Writes into the checkout, for you to review and commit. Secrets and unknown shapes are refused.

    Example: terraform -chdir=terraform/eks output -json | relman facts retail-dev-eksdemo --from -
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
        done = (
            f"wrote {found.path}; commit it, then relman refresh"
            if found.written
            else "not written"
        )
        console.say(done if found.changes else f"{found.path} is current")

    console.emit(found, output, show)
