"""`relman show`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import HERE, Base, Folder, Output, OutputOption, complete_version


def show(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="A release.", autocompletion=complete_version)
    ],
    folder: Folder = HERE,
    base: Base = None,
    output: OutputOption = Output.text,
) -> None:
    """Show a release: its charts, images and components, and where it runs.

    Example: relman show 1.4.0
    """
    from relman.cli import console
    from relman.cli.reading import reading
    from relman.operations.releases import show as run

    with reading(folder, base) as repository:
        found = run(repository, version)

    def text() -> None:
        release = found.release
        console.line(f"version   {release.version}", "bold")
        console.line(f"digest    {release.digest}")
        console.line(f"created   {release.created} by {release.author}")
        console.line(f"note      {release.note or '-'}")
        if release.floor:
            console.line(f"floor     {release.floor}")
        console.line(f"charts    commit {release.charts.commit}, {release.charts.digest}")
        console.line(f"runs in   {', '.join(found.runs_in) or '-'}")
        console.line(f"ran in    {', '.join(found.ran_in) or '-'}")
        console.line(f"blocked   {', '.join(found.blocked_in) or '-'}")
        console.line()
        images = [
            (name, one.reference.partition("@")[0], one.digest)
            for name, one in release.images.items()
        ]
        console.table(("service", "image", "digest"), images)
        console.line()
        components = [
            (name, one.chart, one.version or "ours", one.namespace, str(one.wave))
            for name, one in release.components.items()
        ]
        console.table(("component", "chart", "version", "namespace", "wave"), components)

    console.emit(found, output, text)
