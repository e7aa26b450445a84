"""Options that many commands share, with their help texts."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Output(StrEnum):
    """How results are printed."""

    text = "text"
    json = "json"


def complete_environment(ctx: typer.Context, incomplete: str) -> list[str]:
    """Environments of the clone, for the shell's completion."""
    from relman.cli.completion import environments

    return environments(_folder(ctx), incomplete)


def complete_version(ctx: typer.Context, incomplete: str) -> list[str]:
    """Versions of the clone, for the shell's completion."""
    from relman.cli.completion import versions

    return versions(_folder(ctx), incomplete)


def complete_either(ctx: typer.Context, incomplete: str) -> list[str]:
    """Environments and versions."""
    return complete_environment(ctx, incomplete) + complete_version(ctx, incomplete)


def _folder(ctx: typer.Context) -> Path:
    """Where the command would run: -C may stand before it, behind it, or both."""
    outer = ctx.parent.params.get("folder") if ctx.parent else None
    return Path(outer or ".") / (ctx.params.get("folder") or ".")


Folder = Annotated[
    Path,
    typer.Option("-C", "--directory", metavar="DIR", help="Run as if started in DIR, as git -C."),
]
OutputOption = Annotated[Output, typer.Option("-o", "--output", help="How to print the result.")]
EnvironmentArgument = Annotated[
    str,
    typer.Argument(metavar="ENV", help="An environment.", autocompletion=complete_environment),
]
VersionArgument = Annotated[
    str | None,
    typer.Argument(metavar="VERSION", help="A release.", autocompletion=complete_version),
]
Base = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="REV",
        help="Read this commit instead of the branch that Argo CD reads.",
    ),
]
Worktree = Annotated[
    bool, typer.Option("--worktree", help="Read the checkout as it is, committed or not.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")]
Hotfix = Annotated[
    bool,
    typer.Option(
        "--hotfix", help="It can't wait for a window, where these exempt hotfixes; needs --reason."
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="WHY", help="Kept in the record.")]
Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="ID", help="Accept this risk of the plan; repeatable."),
]
Emergency = Annotated[
    list[str] | None,
    typer.Option(
        "--emergency",
        metavar="GATE",
        help="Pass over this gate; needs --reason, and history shows it for ever. Repeatable.",
    ),
]
Pull = Annotated[bool, typer.Option("--pull", help="Fetch upstream charts to render them too.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Ask nothing outside of git: such gates are unknown.")
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait until it is Synced and Healthy at the release.")
]
Timeout = Annotated[
    str,
    typer.Option(metavar="TIME", help="Give up waiting after this: 90s, 10m, 1h30m; 0: one look."),
]
PATIENT = "10m"
HERE = Path()
