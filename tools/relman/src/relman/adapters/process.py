"""The one place that starts processes: a list of arguments, bounded in time, never a shell."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Result:
    """A finished process."""

    command: tuple[str, ...]
    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text without the last line's end."""
        return self.out.decode(errors="replace").rstrip("\n")


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float = 60,
) -> Result:
    """Runs `command` to its end; after `timeout` seconds its whole process group is killed.

    Raises Unavailable when the program is missing or takes too long; a failing exit code
    is the caller's to judge.
    """
    try:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise Unavailable(f"{command[0]} is not installed", hint="relman doctor") from error
    return _finish(process, tuple(command), stdin, timeout)


def _finish(
    process: subprocess.Popen[bytes], command: tuple[str, ...], stdin: bytes, timeout: float
) -> Result:
    try:
        out, err = process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        _kill_group(process)
        shown = " ".join(command[:4])
        raise Unavailable(f"`{shown} ...` gave no answer in {timeout:.0f} s") from error
    except BaseException:
        _kill_group(process)
        raise
    return Result(command, process.returncode, out, err.decode(errors="replace").strip())


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Asks first: git removes its own lock files when it is asked to end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=2)
            return
