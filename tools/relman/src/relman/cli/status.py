"""`relman status`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from relman.cli.options import HERE, Base, Folder, Output, OutputOption

if TYPE_CHECKING:
    from relman.operations.status import EnvironmentStatus, Status


def status(
    folder: Folder = HERE,
    base: Base = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask Argo CD, too: what really runs, and is it ready.")
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Show what runs where, from git; with --live also what Argo CD and the clusters say.

    Without --live no network is used. With it, an Argo CD that can't be asked ends with 4, after
    everything else is shown.

    Example: relman status --live
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.core.errors import ExitCode
    from relman.operations.status import status as run

    with reading(folder, base) as repository:
        result = run(repository)
        if live:
            from relman.operations.live_status import with_live

            result = with_live(repository, result)
    console.emit(result, output, lambda: _show(result))
    if any(one.live and one.live.state == "unknown" for one in result.environments):
        raise typer.Exit(int(ExitCode.UNAVAILABLE))


def _show(result: Status) -> None:
    from relman.cli import console

    rows = [
        (
            one.environment,
            one.release or "-",
            one.action or "-",
            one.since or "-",
            one.by or "-",
            ", ".join(one.after) or "-",
            _behind(one.behind),
            ", ".join(one.blocked) or "-",
        )
        for one in result.environments
    ]
    columns = ("environment", "release", "how", "since", "who", "after", "not yet", "blocked")
    console.table(columns, rows)
    for held in (held for one in result.environments for held in one.held):
        what = f"{held.service} in {held.environment}" if held.service else held.environment
        console.line(f"{what} is on hold since {held.time}, by {held.by}: {held.reason}", "yellow")
    _show_live(result)
    services = sorted({name for one in result.environments for name in one.images})
    if services:
        console.line()
        images = [(name, *(_image(one, name) for one in result.environments)) for name in services]
        console.table(("service", *(one.environment for one in result.environments)), images)


def _show_live(result: Status) -> None:
    from relman.cli import console

    found = [(one.environment, one.live) for one in result.environments if one.live]
    if found:
        console.line()
        rows = [
            (name, ", ".join(one.releases) or "-", one.state, one.since or "-", one.why or "-")
            for name, one in found
        ]
        console.table(("argo cd", "has", "state", "since", "why"), rows)


def _behind(versions: Sequence[str]) -> str:
    """The newest release that isn't here yet, and how many there are in all."""
    return f"{versions[0]} (of {len(versions)})" if len(versions) > 1 else "".join(versions) or "-"


def _image(one: EnvironmentStatus, service: str) -> str:
    """By git, and in brackets what runs where that is something else."""
    wanted = _tag(one.images.get(service))
    if one.live is None or service not in one.live.others:
        return wanted
    return f"{wanted} (runs {', '.join(map(_tag, one.live.images[service]))})"


def _tag(reference: str | None) -> str:
    """The end of an image's reference, which tells releases apart."""
    if reference is None:
        return "-"
    name, at, digest = reference.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return tag or f"{at}{digest[:19]}" or "-"
