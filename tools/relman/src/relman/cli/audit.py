"""`relman audit`."""

from __future__ import annotations

import typer

from relman.cli.options import HERE, Base, Folder, Output, OutputOption


def audit(folder: Folder = HERE, base: Base = None, output: OutputOption = Output.text) -> None:
    """Check that records and releases are whole and true, from git alone.

    Every release's digest, every environment's chain of records, that nothing generated was
    edited by hand, and that git's history only ever added to them. Findings end with 1.

    Example: relman audit
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.core.errors import ExitCode
    from relman.operations.audit import audit as run

    with reading(folder, base) as repository:
        result = run(repository)

    def text() -> None:
        if result.findings:
            console.table(("place", "finding"), [(f.place, f.message) for f in result.findings])
        else:
            console.line(f"{result.records} records and {result.releases} releases are whole")

    console.emit(result, output, text)
    if result.findings:
        raise typer.Exit(int(ExitCode.REFUSED))
