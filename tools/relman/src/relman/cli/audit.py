"""`relman audit`."""

from __future__ import annotations

import typer

from relman.cli.options import HERE, Base, Folder, Output, OutputOption


def audit(folder: Folder = HERE, base: Base = None, output: OutputOption = Output.text) -> None:
    """Check that records, decisions and releases are whole and true, from git alone.

    Every release's digest, every chain, every plan worked out again from its base, gates passed
    or skipped in an emergency, nothing generated edited by hand, and nothing ever taken out of
    git's history. Findings end with 1.

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
            decisions = f", {result.decisions} decisions" if result.decisions else ""
            kept = f"{result.records} records{decisions} and {result.releases} releases"
            console.line(f"{kept} are whole")
        if result.older:
            older = f"{result.older} records are of an older generator of files"
            console.say(f"note: {older}, which were not worked out again")

    console.emit(result, output, text)
    if result.findings:
        raise typer.Exit(int(ExitCode.REFUSED))
