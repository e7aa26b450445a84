"""One at a time in a folder that comes and goes: the lock is the folder itself, so that it leaves
no file behind, and it ends with the process that holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from relman.core.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 180.0
POLL = 0.2


@contextlib.contextmanager
def alone(folder: Path, waits: Callable[[], None]) -> Iterator[None]:
    """Makes the folder where it is missing, and holds it; an empty one is removed at the end.
    `waits` is called once when somebody else has it.

    Raises Invalid when it can't be made, Unavailable when it isn't free after a while.
    """
    held = _held(folder, waits)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()
        os.close(held)


def _held(folder: Path, waits: Callable[[], None]) -> int:
    until = time.monotonic() + PATIENCE
    said = False
    while time.monotonic() < until:
        handle = _opened(folder)
        if _locks(handle) and _is(folder, handle):
            return handle
        os.close(handle)
        if not said:
            waits()
            said = True
        time.sleep(POLL)
    raise Unavailable(
        f"another relman has been at work in {folder} for {PATIENCE:.0f} s", hint="let it finish"
    )


def _opened(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Invalid(f"{folder} can't be used: {error.strerror}") from error


def _locks(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is(folder: Path, handle: int) -> bool:
    """Whether it is still this folder: who had it before may have removed it."""
    try:
        return os.path.samestat(os.stat(folder), os.fstat(handle))
    except FileNotFoundError:
        return False
