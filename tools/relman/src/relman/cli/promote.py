"""`relman promote`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import (
    HERE,
    Accept,
    DryRun,
    Folder,
    Hotfix,
    Output,
    OutputOption,
    Pull,
    Reason,
    Yes,
    complete_environment,
    complete_version,
)


def promote(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="Where it runs now.", autocompletion=complete_environment
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="Where it is to run.", autocompletion=complete_environment
        ),
    ],
    folder: Folder = HERE,
    release: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="Refuse unless SOURCE runs this.",
            autocompletion=complete_version,
        ),
    ] = None,
    reason: Reason = "",
    hotfix: Hotfix = False,
    accept: Accept = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    pull: Pull = False,
    pr: Annotated[
        bool, typer.Option("--pr", help="Push a branch to be merged instead of applying.")
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Move what SOURCE runs to TARGET, through the environments between them.

    Each environment on the way is planned, gated, asked about and applied by a commit of its
    own. Promoting what is already there says so and changes nothing.

    Example: relman promote staging prod --reason "spring campaign" --yes
    """
    from relman.cli.changing import changing
    from relman.operations.promote import promote as run
    from relman.operations.proposal import propose

    with changing(folder, reason, accept, dry_run, yes, pull, output, hotfix=hotfix) as (
        here,
        terms,
        report,
    ):
        if pr:
            propose(here, source, target, release, terms, report)
        else:
            run(here, source, target, release, terms, report)
