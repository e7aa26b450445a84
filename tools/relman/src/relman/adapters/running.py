"""Runs a program whose output is evidence: digested as it comes, only its end kept, bounded in
time, and nothing of this process's environment seen but what is given."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

END = 4096
CHUNK = 65536
GRACE = 1.0
_running: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, None when it was stopped because its time was up; the
    digest of both outputs together, and their end."""

    code: int | None
    digest: str
    end: str


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float) -> Ended:
    """Runs a program; after `timeout` seconds its whole process group is stopped.

    Raises Unavailable when it can't be started.
    """
    try:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        words = error.strerror or str(error)
        raise Unavailable(f"{command[0]} can't be started: {words}") from error
    _running.add(process)
    try:
        return _watched(process, time.monotonic() + timeout)
    finally:
        _stop(process)
        _running.discard(process)


def _watched(process: subprocess.Popen[bytes], end: float) -> Ended:
    seen, tail = hashlib.sha256(), b""
    if process.stdout is None:  # it was asked for above
        raise Unavailable("no pipe")
    with selectors.DefaultSelector() as selector, process.stdout as stdout:
        selector.register(stdout, selectors.EVENT_READ)
        while (left := end - time.monotonic()) > 0:
            if not selector.select(left):
                break
            data = os.read(stdout.fileno(), CHUNK)
            if not data:
                break
            seen.update(data)
            tail = (tail + data)[-END:]
    return Ended(_code(process, end), f"sha256:{seen.hexdigest()}", _text(tail))


def _code(process: subprocess.Popen[bytes], end: float) -> int | None:
    try:
        return process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """What it has started goes too."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)


@atexit.register
def _stop_all() -> None:
    """When relman is interrupted, the threads that watch go without a word."""
    for process in list(_running):
        _stop(process)


def _text(tail: bytes) -> str:
    return tail.decode(errors="replace").strip()
