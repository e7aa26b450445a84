"""Starts processes of the sandbox that don't run, and waits until they answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import background
from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relman.core.sandbox.layout import Layout
    from relman.core.sandbox.processes import Process

SECONDS = 60.0
LOG_LINES = 12
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def start(where: Layout, wanted: Sequence[Process], progress: Callable[[str], None]) -> None:
    """Starts those that don't run. Raises Unavailable when somebody else has one's port."""
    running = background.running(Path(where.root))
    for process in wanted:
        if process.name not in running:
            _refuse_taken(process)
            progress(f"starting {process.name}")
            log = Path(where.log(process.name))
            background.start(Path(where.root), process.name, process.command, process.env, log)


def _refuse_taken(process: Process) -> None:
    for port in process.ports:
        if background.listens(port):
            raise Unavailable(
                f"the port {port} of {process.name} is taken by another program",
                hint="relman sandbox down, then up, which finds free ones",
            )


def wait(where: Layout, name: str, port: int) -> None:
    """Waits until a process accepts connections."""
    until(where, name, lambda: background.listens(port))


def until(where: Layout, name: str, answers: Callable[[], bool]) -> None:
    """Waits until a process answers. Raises Unavailable when it ends first, or takes too long."""

    def alive() -> bool:
        return name in background.running(Path(where.root))

    if not background.wait_until(answers, alive, SECONDS):
        verb = "runs, but doesn't answer" if alive() else "has ended"
        raise Unavailable(
            f"{name} {verb}; the end of its log:\n{log_end(where, name)}",
            hint=f"the whole log: {where.log(name)}",
        )


def log_end(where: Layout, name: str) -> str:
    """The last lines of a process's log."""
    try:
        with Path(where.log(name)).open("rb") as log:
            log.seek(max(0, Path(where.log(name)).stat().st_size - 8192))
            lines = log.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(COLOURS.sub("", line)[:300] for line in lines[-LOG_LINES:])
