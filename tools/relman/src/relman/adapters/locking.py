"""Locks between processes: taken without blocking, and waited for, but not for ever."""

from __future__ import annotations

import fcntl
import time
from typing import TYPE_CHECKING, TypeVar

from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
POLL = 0.05


def is_taken(handle: int) -> bool:
    """Locks an open file or folder for this process; false while another one has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def patiently(
    take: Callable[[], T | None],
    where: str,
    patience: float,
    hint: str,
    waits: Callable[[], None] = lambda: None,
) -> T:
    """What `take` gives as soon as that is something; `waits` is called once when it isn't at
    first. Raises Unavailable after so many seconds of patience."""
    until = time.monotonic() + patience
    taken = take()
    if taken is None:
        waits()
    while taken is None:
        if time.monotonic() > until:
            raise Unavailable(
                f"another relman has been at work in {where} for {patience:.0f} s", hint=hint
            )
        time.sleep(POLL)
        taken = take()
    return taken
