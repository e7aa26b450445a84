"""`relman releases`."""

from __future__ import annotations

from relman.cli.options import HERE, Base, Folder, Output, OutputOption


def releases(folder: Folder = HERE, base: Base = None, output: OutputOption = Output.text) -> None:
    """List releases, highest version first, with where each runs.

    Example: relman releases
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.operations.releases import releases as run

    with reading(folder, base) as repository:
        found = run(repository)

    def text() -> None:
        rows = [
            (
                one.version,
                ", ".join(one.runs_in) or "-",
                one.created,
                one.author,
                one.digest[7:19],
                one.note or "-",
            )
            for one in found
        ]
        console.table(("version", "runs in", "created", "author", "digest", "note"), rows)

    console.emit(found, output, text)
