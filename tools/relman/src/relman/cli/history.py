"""`relman history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relman.cli.options import HERE, Base, Folder, Output, OutputOption, complete_environment

if TYPE_CHECKING:
    from relman.core.models.record import Record


def history(
    environment: Annotated[
        str | None,
        typer.Argument(
            metavar="ENV",
            help="An environment; all without it.",
            autocompletion=complete_environment,
        ),
    ] = None,
    folder: Folder = HERE,
    base: Base = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many records.")] = 20,
    output: OutputOption = Output.text,
) -> None:
    """Show what happened: who put which release where, when and why. Newest first.

    Example: relman history prod -n 5
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.operations.records import history as run

    with reading(folder, base) as repository:
        records = run(repository, environment, limit)

    def text() -> None:
        rows = [
            (
                one.time,
                one.environment,
                _what(one),
                one.from_release or "-",
                one.release,
                one.author,
                one.reason or "-",
            )
            for one in records
        ]
        console.table(("time", "environment", "what", "from", "to", "who", "why"), rows)

    console.emit(records, output, text)


def _what(record: Record) -> str:
    skipped = ", ".join(record.skipped)
    return f"{record.action}, EMERGENCY: {skipped}" if skipped else record.action
