"""`relman diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import HERE, Base, Folder, Output, OutputOption, complete_either


def diff(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A", help="An environment or a release.", autocompletion=complete_either
        ),
    ],
    b: Annotated[
        str, typer.Argument(metavar="B", help="The other one.", autocompletion=complete_either)
    ],
    folder: Folder = HERE,
    base: Base = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 5 when something differs.")
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Show what differs between two environments or releases.

    Example: relman diff staging prod
    """
    from relman.cli import console, plans
    from relman.cli.reading import reading
    from relman.core.errors import ExitCode
    from relman.operations.diff import diff as run

    with reading(folder, base) as repository:
        found = run(repository, a, b)

    def text() -> None:
        console.line(f"{a} ({found.before.release}) -> {b} ({found.after.release})", "bold")
        if found.empty:
            console.line("nothing differs")
        if found.charts_changed:
            console.line("~ charts", "yellow")
        for title in ("images", "components", "values"):
            for field in getattr(found, title):
                change = f"{plans.shown(field.before)} -> {plans.shown(field.after)}"
                console.line(f"~ {title}.{field.path}: {change}")

    console.emit(found, output, text)
    if exit_code and not found.empty:
        raise typer.Exit(int(ExitCode.DIFFERENT))
