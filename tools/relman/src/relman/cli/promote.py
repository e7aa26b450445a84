"""`relman promote`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import (
    HERE,
    PATIENT,
    Accept,
    DryRun,
    Emergency,
    Folder,
    Hotfix,
    Output,
    OutputOption,
    Pull,
    Reason,
    Timeout,
    Wait,
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
    emergency: Emergency = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    pull: Pull = False,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="SERVICE",
            help="Move this service's image only: TARGET gets what it runs now, with that in it.",
        ),
    ] = None,
    pr: Annotated[
        bool, typer.Option("--pr", help="Push a branch to be merged instead of applying.")
    ] = False,
    wait: Wait = False,
    timeout: Timeout = PATIENT,
    rollback_on_failure: Annotated[
        bool,
        typer.Option(
            "--rollback-on-failure",
            help="Wait, watch, and go back where it does not become healthy or stay so.",
        ),
    ] = False,
    watch: Annotated[
        str, typer.Option(metavar="TIME", help="How long to watch that it stays healthy.")
    ] = "5m",
    output: OutputOption = Output.text,
) -> None:
    """Move what SOURCE runs to TARGET, through the environments between them.

    Each environment on the way is planned, gated, asked about and applied by a commit of its
    own. Promoting what is already there says so and changes nothing. With --wait the next one is
    entered only when the one before is well.

    Example: relman promote staging prod --reason "spring campaign" --yes
    """
    from relman.cli import waiting
    from relman.cli.changing import changing
    from relman.core.errors import Invalid
    from relman.operations.promote import promote as run
    from relman.operations.proposal import propose

    limits = waiting.limits(wait, timeout, rollback=rollback_on_failure, watch=watch)
    if pr and limits:
        raise Invalid("--pr applies nothing yet that could be waited for", hint="merge it first")
    with changing(
        folder, reason, accept, dry_run, yes, pull, output, hotfix=hotfix, emergency=emergency
    ) as (
        here,
        terms,
        report,
    ):
        if pr and only:
            raise Invalid("--pr and --only exclude each other", hint="leave one out")
        if pr:
            propose(here, source, target, release, terms, report)
        else:
            run(here, source, target, release, terms, report, limits, only)
