"""`relman deploy`."""

from __future__ import annotations

from relman.cli.options import (
    HERE,
    PATIENT,
    Accept,
    DryRun,
    Emergency,
    EnvironmentArgument,
    Folder,
    Hotfix,
    Output,
    OutputOption,
    Pull,
    Reason,
    Timeout,
    VersionArgument,
    Wait,
    Yes,
)


def deploy(
    environment: EnvironmentArgument,
    version: VersionArgument = None,
    folder: Folder = HERE,
    reason: Reason = "",
    hotfix: Hotfix = False,
    accept: Accept = None,
    emergency: Emergency = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    pull: Pull = False,
    wait: Wait = False,
    timeout: Timeout = PATIENT,
    output: OutputOption = Output.text,
) -> None:
    """Put a release on an environment that has nothing before it.

    Without VERSION the newest release. Shows the plan, judges the gates, asks, and applies it
    as one commit.

    Example: relman deploy dev 1.4.0 --yes
    """
    from relman.cli import waiting
    from relman.cli.changing import changing
    from relman.operations import watching
    from relman.operations.deploy import deploy as run

    limits = waiting.limits(wait, timeout)
    with changing(
        folder, reason, accept, dry_run, yes, pull, output, hotfix=hotfix, emergency=emergency
    ) as (
        here,
        terms,
        report,
    ):
        watching.finish(here, run(here, environment, version, terms), terms, limits, report)
