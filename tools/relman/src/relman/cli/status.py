"""`relman status`."""

from __future__ import annotations

from collections.abc import Sequence

from relman.cli.options import HERE, Base, Folder, Output, OutputOption


def status(folder: Folder = HERE, base: Base = None, output: OutputOption = Output.text) -> None:
    """Show what runs where, from git.

    Example: relman status -o json
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.operations.status import status as run

    with reading(folder, base) as repository:
        result = run(repository)

    def text() -> None:
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
        services = sorted({name for one in result.environments for name in one.images})
        if services:
            console.line()
            images = [
                (name, *(_tag(one.images.get(name)) for one in result.environments))
                for name in services
            ]
            console.table(("service", *(one.environment for one in result.environments)), images)

    console.emit(result, output, text)


def _behind(versions: Sequence[str]) -> str:
    """The newest release that isn't here yet, and how many there are in all."""
    return f"{versions[0]} (of {len(versions)})" if len(versions) > 1 else "".join(versions) or "-"


def _tag(reference: str | None) -> str:
    """The end of an image's reference, which tells releases apart."""
    if reference is None:
        return "-"
    name, at, digest = reference.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return tag or f"{at}{digest[:19]}" or "-"
