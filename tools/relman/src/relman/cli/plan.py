"""`relman plan`."""

from __future__ import annotations

from relman.cli.options import (
    HERE,
    Base,
    EnvironmentArgument,
    Folder,
    Offline,
    Output,
    OutputOption,
    Pull,
    VersionArgument,
    Worktree,
)


def plan(
    environment: EnvironmentArgument,
    version: VersionArgument = None,
    folder: Folder = HERE,
    base: Base = None,
    worktree: Worktree = False,
    pull: Pull = False,
    offline: Offline = False,
    output: OutputOption = Output.text,
) -> None:
    """Show what would change: objects, fields, restarts, risks, gates. Needs no cluster.

    Without VERSION: what the environment before it runs, or the newest release where there is
    none before. Upstream charts that aren't in the cache are shown by version and values. Gates
    that the environment declares are asked, where what they ask is reached from here.

    Example: relman plan prod 1.4.0 -o json
    """
    from relman.cli import console, plans
    from relman.cli.reading import looking
    from relman.operations import evidence, judging
    from relman.operations.plan import plan as run

    gather = evidence.offline if offline else evidence.gather
    with looking(folder, base, worktree=worktree) as (here, repository):
        around = judging.circumstances(here, gather=gather)
        result = run(repository, environment, version, around, pull=pull)
    console.emit(result, output, lambda: plans.show(result))
