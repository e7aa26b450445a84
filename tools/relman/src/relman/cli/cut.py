"""`relman cut`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from relman.cli.options import HERE, Folder, Output, OutputOption, VersionArgument


class BumpOption(StrEnum):
    """Which number of the version goes up."""

    patch = "patch"
    minor = "minor"
    major = "major"


def cut(
    version: VersionArgument = None,
    folder: Folder = HERE,
    image: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE=REF", help="Use this image; it stays for later releases. Repeatable."
        ),
    ] = None,
    bump: Annotated[BumpOption, typer.Option(help="Which number goes up.")] = BumpOption.patch,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What this release is about.")] = "",
    floor: Annotated[
        str,
        typer.Option(
            metavar="WHY",
            help="What it does that can't be undone: where it has run, nothing older comes back.",
        ),
    ] = "",
    output: OutputOption = Output.text,
) -> None:
    """Freeze a release: charts by commit and digest, every image by digest.

    Writes releases/versions/VERSION.yaml on the branch that Argo CD reads. A version is never
    changed; the same content again is not cut twice.

    Example: relman cut 1.4.0 --image catalog=registry.example.com/catalog:2.0.1
    """
    from relman.cli import console
    from relman.core.errors import Invalid
    from relman.operations import workspace
    from relman.operations.cut import Request
    from relman.operations.cut import cut as run

    given = {}
    for pair in image or []:
        service, equals, reference = pair.partition("=")
        if not (service and equals and reference):
            raise Invalid(f"--image {pair} is not SERVICE=REF", hint="--image catalog=NAME:TAG")
        given[service] = reference
    request = Request(version, bump.value, given, note, floor)
    with workspace.opened(folder, progress=console.say) as here:
        result = run(here, request)

    def text() -> None:
        console.line(result.release.version)
        verb = "cut" if result.new else "exists already with this content:"
        console.say(f"{verb} {result.release.version} ({result.release.digest[:19]})")

    console.emit(result, output, text)
