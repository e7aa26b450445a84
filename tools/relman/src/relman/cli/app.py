"""The command `relman`: its subcommands, and how it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from relman import __version__
from relman.cli import (
    approve,
    audit,
    bootstrap,
    cut,
    deploy,
    diff,
    doctor,
    drift,
    facts,
    failures,
    history,
    hold,
    init,
    lint,
    plan,
    promote,
    refresh,
    releases,
    render,
    rollback,
    sandbox,
    show,
    status,
    unblock,
    wait,
    why,
)
from relman.core.errors import ExitCode, Invalid, RelmanError

HELP = """Release a Helm-packaged system to Kubernetes through git and Argo CD.

A release freezes charts and image digests. It is deployed to the first environment, promoted
from there to the next, and rolled back, each by one commit with a plan, gates and a record.

Example: relman cut && relman deploy dev && relman promote dev prod
"""

app = typer.Typer(
    name="relman",
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
COMMANDS = (
    init.init,
    cut.cut,
    releases.releases,
    show.show,
    deploy.deploy,
    plan.plan,
    why.why,
    promote.promote,
    refresh.refresh,
    rollback.rollback,
    approve.approve,
    hold.hold,
    hold.resume,
    unblock.unblock,
    wait.wait,
    status.status,
    history.history,
    diff.diff,
    audit.audit,
    render.render,
    drift.drift,
    bootstrap.bootstrap,
    lint.lint,
    doctor.doctor,
    facts.facts,
)
for command in COMMANDS:
    app.command(no_args_is_help=False)(command)
app.add_typer(sandbox.app, name="sandbox")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"relman {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option("-C", metavar="DIR", help="Run as if started in DIR, as git -C."),
    ] = None,
) -> None:
    if folder is not None:
        if not folder.is_dir():
            raise Invalid(f"{folder} is not a folder")
        os.chdir(folder)


def main() -> NoReturn:
    """Runs the command line; every end is an exit code of `ExitCode`."""
    try:
        _open_streams()
        _refuse_bytes(sys.argv)
        code = app(prog_name="relman", standalone_mode=False)
        if code == ExitCode.INTERRUPTED:  # what typer makes of ^C, without a word
            raise KeyboardInterrupt
    except RelmanError as error:
        failures.explain(error)
        code = error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.DONE
    except Exception as error:
        code = failures.foreign(error)
    raise SystemExit(int(code or 0))


def _open_streams() -> None:
    """A shell's `>&-` closes them; then there is nobody who listens."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - until the process ends
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115 - the same


def _refuse_bytes(arguments: list[str]) -> None:
    """A shell passes any bytes; what isn't text can't be kept in a record."""
    for argument in arguments:
        if not argument.isprintable() and any("\udc80" <= char <= "\udcff" for char in argument):
            shown = argument.encode(errors="replace").decode()
            raise Invalid(f"the argument {shown!r} is not UTF-8", hint="check the shell's locale")
