"""`relman wait`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relman.cli.options import (
    HERE,
    PATIENT,
    EnvironmentArgument,
    Folder,
    Output,
    OutputOption,
    Timeout,
    complete_version,
)

if TYPE_CHECKING:
    from relman.core.models.live import EnvironmentHealth


def wait(
    environment: EnvironmentArgument,
    release: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="Refuse unless ENV runs this by git.",
            autocompletion=complete_version,
        ),
    ] = None,
    timeout: Timeout = PATIENT,
    stable: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="How long it must stay Synced and Healthy; 0 for one look."
        ),
    ] = "10s",
    folder: Folder = HERE,
    output: OutputOption = Output.text,
) -> None:
    """Wait until Argo CD has brought ENV to its release: Synced, Healthy and stable.

    Argo CD is asked to look at git at once. What is not ready, and why, is told on stderr as it
    changes. A sync that has failed for good ends the waiting early, with 1; so does the time.

    Example: relman wait dev --timeout 5m
    """
    from relman.cli import console, waiting
    from relman.core.errors import ExitCode, Invalid
    from relman.operations import workspace
    from relman.operations.wait import wait as run

    limit = waiting.seconds("--timeout", timeout)
    steady = waiting.seconds("--stable", stable)
    if steady > limit:
        raise Invalid(f"--stable {stable} is longer than --timeout {timeout}")
    with workspace.opened(folder, progress=console.say) as here:
        health = run(
            here,
            environment,
            release=release,
            timeout=limit,
            stable=steady,
            time=waiting.real(),
            progress=console.say,
        )
    console.emit(health, output, lambda: show(health))
    if health.problem:
        raise typer.Exit(int(ExitCode.UNAVAILABLE))
    if not health.ready:
        raise typer.Exit(int(ExitCode.REFUSED))


def show(health: EnvironmentHealth) -> None:
    """How the waiting ended, with what is not ready."""
    from relman.cli import console

    count = len(health.applications)
    what = f"{health.environment} at {health.release}"
    if health.problem:
        console.say(f"error: {what} is not known to be ready: {health.problem}")
        return
    late = [one for one in health.applications if one.state != "ready"]
    if not late:
        console.line(f"{what}: {count} Applications are Synced and Healthy")
        return
    console.table(
        ("application", "state", "sync", "health", "why"),
        [(one.application, one.state, one.sync, one.health, one.reason) for one in late],
    )
    console.say(f"error: {what}: {len(late)} of {count} Applications are not ready")
