"""What the sandbox's commands print, and what they leave when something fails."""

from __future__ import annotations

import contextlib
from shlex import quote
from typing import TYPE_CHECKING

from relman.cli import console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.core.models.sandbox import ProcessStatus, SandboxStatus
    from relman.core.sandbox.layout import Layout


@contextlib.contextmanager
def cleaning(where: Layout, *, keep: bool) -> Iterator[None]:
    """Takes down what a failing first start has left. One that ran before stays."""
    from relman.operations.sandbox import state
    from relman.operations.sandbox.down import down

    fresh = state.read(where) is None
    try:
        yield
    except BaseException:
        if fresh and not keep and state.read(where) is not None:
            console.say("taking the sandbox down; --keep leaves it to look at")
            down(where)
        raise


def show(found: SandboxStatus) -> None:
    """The processes, and the lines to copy into a shell."""
    if not found.exists:
        console.line("there is no sandbox; relman sandbox up makes one")
        return
    rows = [_row(one) for one in found.processes]
    console.table(("process", "state", "pid", "memory", "address"), rows)
    total = sum(one.memory or 0 for one in found.processes)
    took = f", up in {found.seconds} s" if found.seconds is not None else ""
    console.line(f"{_mebibytes(total)} in all{took}")
    for one in found.processes:
        if one.state == "stopped":
            console.line(f"\n{one.name} has ended; {one.log} ends with:\n{one.log_end}", "red")
    console.line()
    if found.stand_ins:
        names = ", ".join(found.stand_ins)
        console.line(f"Stand-ins play the upstream charts {names}. --online uses the real ones.\n")
    console.line(f"It serves {found.source}.")
    console.line(f"export KUBECONFIG={quote(found.kubeconfig)}")
    console.line(f". {quote(f'{found.folder}/env.sh')}    # the same, and the simulated AWS")
    console.line(f"cd {quote(found.clone)}")


def _row(one: ProcessStatus) -> tuple[str, ...]:
    pid = str(one.pid) if one.pid else "-"
    memory = _mebibytes(one.memory) if one.memory else "-"
    return (one.name, one.state, pid, memory, one.address or "-")


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"
