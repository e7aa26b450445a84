"""`relman init`."""

from __future__ import annotations

from typing import Annotated

import typer

from relman.cli.options import HERE, Folder


def init(
    folder: Folder = HERE,
    name: Annotated[
        str | None, typer.Option(help="The project's name; by default the folder's.")
    ] = None,
    environments: Annotated[
        str, typer.Option("--environments", metavar="A,B,...", help="The path, in its order.")
    ] = "dev,staging,prod",
) -> None:
    """Write releases/ and argocd/bootstrap/ for a repository that has charts.

    Looks at the charts and their images, and writes relman.yaml, an environment each, and a root
    Application each into the checkout, for you to edit and commit.

    Example: relman init --environments dev,prod
    """
    from relman.cli import console
    from relman.operations.init import init as run

    names = [part.strip() for part in environments.split(",") if part.strip()]
    for path in run(folder, name, names):
        console.line(path)
    console.say("Edit these, then commit them; `relman lint` checks. Next: relman cut")
