"""`relman doctor`."""

from __future__ import annotations

import typer

from relman.cli.options import HERE, Folder, Output, OutputOption


def doctor(folder: Folder = HERE, output: OutputOption = Output.text) -> None:
    """Check the tools and the access, and say what to do about what is missing.

    Something needed that is missing ends with 4.

    Example: relman doctor
    """
    from relman.cli import console
    from relman.core.errors import ExitCode
    from relman.operations.doctor import doctor as run

    checks = run(folder)

    def text() -> None:
        rows = [(c.name, c.state, c.found or "-", c.fix or "-") for c in checks]
        console.table(("name", "state", "found", "what to do"), rows)

    console.emit(checks, output, text)
    if any(check.state in ("missing", "broken") for check in checks):
        raise typer.Exit(int(ExitCode.UNAVAILABLE))
