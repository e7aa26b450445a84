"""`relman rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import (
    HERE,
    PATIENT,
    Accept,
    DryRun,
    Emergency,
    EnvironmentArgument,
    Folder,
    Output,
    OutputOption,
    Pull,
    Reason,
    Timeout,
    Wait,
    Yes,
    complete_version,
)


def rollback(
    environment: EnvironmentArgument,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="A release that has run here; by default the one before.",
            autocompletion=complete_version,
        ),
    ] = None,
    folder: Folder = HERE,
    reason: Reason = "",
    accept: Accept = None,
    emergency: Emergency = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    pull: Pull = False,
    wait: Wait = False,
    timeout: Timeout = PATIENT,
    output: OutputOption = Output.text,
) -> None:
    """Go back to a release that has run in the environment, by a forward commit.

    The release left behind is blocked there until `relman unblock`.

    Example: relman rollback prod --reason "checkout fails" --yes
    """
    from relman.cli import waiting
    from relman.cli.changing import changing
    from relman.operations import watching
    from relman.operations.rollback import rollback as run

    limits = waiting.limits(wait, timeout)
    with changing(folder, reason, accept, dry_run, yes, pull, output, emergency=emergency) as (
        here,
        terms,
        report,
    ):
        watching.finish(here, run(here, environment, to, terms), terms, limits, report)
