"""`relman sandbox`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relman.cli.options import HERE, Folder, Output, OutputOption

app = typer.Typer(
    help="A control plane and Argo CD on this machine, without Docker and without AWS.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Where = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help="Where all of it lies; default: RELMAN_SANDBOX, or the user's cache.",
    ),
]


@app.command()
def up(
    folder: Folder = HERE,
    where: Where = None,
    clusters: Annotated[
        int | None,
        typer.Option(
            min=1, help="Control planes: 1 that all share (default), or one for each cluster."
        ),
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Use the real chart repositories, no stand-ins.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave what has started when something fails.")
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Start etcd, a Kubernetes control plane, simulated nodes and Argo CD, all on the loopback.

    Makes a copy of this repository with a git remote of its own, which Argo CD follows, and an
    AWS that is simulated. Running it again starts what has ended.

    Example: relman sandbox up
    """
    from relman.cli import console, sandboxes
    from relman.cli.reading import reading
    from relman.operations.sandbox import state
    from relman.operations.sandbox.up import up as run

    place = state.layout(where)
    with (
        reading(folder, worktree=True) as repository,
        state.alone(place, console.say),
        sandboxes.cleaning(place, keep=keep),
    ):
        found = run(repository, place, count=clusters, online=online, progress=console.say)
    console.emit(found, output, lambda: sandboxes.show(found))


@app.command()
def status(where: Where = None, output: OutputOption = Output.text) -> None:
    """Show each process, its memory and its address, and how to reach the sandbox.

    Ends with 1 when something isn't running, and shows the end of its log.

    Example: relman sandbox status -o json
    """
    from relman.cli import console, sandboxes
    from relman.operations.sandbox import state
    from relman.operations.sandbox.status import status as run

    found = run(state.layout(where))
    console.emit(found, output, lambda: sandboxes.show(found))
    if not found.whole:
        raise typer.Exit(1)


@app.command()
def down(where: Where = None, output: OutputOption = Output.text) -> None:
    """End every process of the sandbox and remove its folder.

    Example: relman sandbox down
    """
    from relman.cli import console
    from relman.operations.sandbox import state
    from relman.operations.sandbox.down import down as run

    place = state.layout(where)
    with state.alone(place, console.say):
        found = run(place)
    console.emit(found, output, lambda: console.say(f"nothing is left of {place.root}"))
