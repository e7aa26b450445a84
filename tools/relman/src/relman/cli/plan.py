"""`relman plan`."""

from __future__ import annotations

from relman.cli.options import (
    HERE,
    Base,
    EnvironmentArgument,
    Folder,
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
    output: OutputOption = Output.text,
) -> None:
    """Show what would change: objects, fields, restarts, risks, gates. Needs no cluster.

    Without VERSION: what the environment before it runs, or the newest release where there is
    none before. Upstream charts that aren't in the cache are shown by version and values.

    Example: relman plan prod 1.4.0 -o json
    """
    from relman.cli import console, plans
    from relman.cli.reading import reading
    from relman.operations.plan import plan as run

    with reading(folder, base, worktree=worktree) as repository:
        result = run(repository, environment, version, pull=pull)
    console.emit(result, output, lambda: plans.show(result))
