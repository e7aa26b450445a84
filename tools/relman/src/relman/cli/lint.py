"""`relman lint`."""

from __future__ import annotations

import typer

from relman.cli.options import HERE, Base, Folder, Output, OutputOption


def lint(folder: Folder = HERE, base: Base = None, output: OutputOption = Output.text) -> None:
    """Run every check on the repository's own consistency.

    Files, the path, charts, values against the charts' schemas, rendered objects against
    Kubernetes's schemas, generated files, records. Reads the checkout, or --base. Errors end
    with 1.

    Example: relman lint
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.core.errors import ExitCode
    from relman.operations.lint import lint as run

    with reading(folder, base, worktree=base is None) as repository:
        findings = run(repository)

    def text() -> None:
        if not findings:
            console.line("no findings")
            return
        rows = [(f.severity, f.check, f.place, _message(f.message, f.hint)) for f in findings]
        console.table(("severity", "check", "place", "finding"), rows)

    console.emit(findings, output, text)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(int(ExitCode.REFUSED))


def _message(message: str, hint: str) -> str:
    return f"{message}; {hint}" if hint else message
