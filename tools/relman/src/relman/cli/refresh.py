"""`relman refresh`."""

from __future__ import annotations

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
)


def refresh(
    environment: EnvironmentArgument,
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
    """Apply what changed in an environment's own files, at the release that it runs.

    Its values, its choices of components and its clusters' facts; with plan, gates and record
    like any other change.

    Example: relman refresh prod --dry-run
    """
    from relman.cli import waiting
    from relman.cli.changing import changing
    from relman.operations import watching
    from relman.operations.refresh import refresh as run

    limits = waiting.limits(wait, timeout)
    with changing(folder, reason, accept, dry_run, yes, pull, output, emergency=emergency) as (
        here,
        terms,
        report,
    ):
        watching.finish(here, run(here, environment, terms), terms, limits, report)
