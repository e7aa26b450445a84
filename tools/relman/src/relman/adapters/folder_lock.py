"""One at a time in a folder that comes and goes: the lock is the folder itself, so that it leaves
no file behind, and it ends with the process that holds it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from relman.adapters import locking
from relman.core.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 180.0


@contextlib.contextmanager
def alone(folder: Path, waits: Callable[[], None]) -> Iterator[None]:
    """Makes the folder where it is missing, and holds it; an empty one is removed at the end.
    `waits` is called once when somebody else has it.

    Raises Invalid when it can't be made, Unavailable when it isn't free after a while.
    """
    held = locking.patiently(lambda: _taken(folder), str(folder), PATIENCE, "let it finish", waits)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()
        os.close(held)


def _taken(folder: Path) -> int | None:
    handle = _opened(folder)
    if locking.is_taken(handle) and _is(folder, handle):
        return handle
    os.close(handle)
    return None


def _opened(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Invalid(f"{folder} can't be used: {error.strerror}") from error


def _is(folder: Path, handle: int) -> bool:
    """Whether it is still this folder: who had it before may have removed it."""
    try:
        return os.path.samestat(os.stat(folder), os.fstat(handle))
    except FileNotFoundError:
        return False
