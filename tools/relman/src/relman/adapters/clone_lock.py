"""One run at a time in a clone."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import time
from typing import IO, TYPE_CHECKING

from relman.adapters import commits
from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.adapters.git import Git

PATIENCE = 90.0


@contextlib.contextmanager
def held(git: Git) -> Iterator[None]:
    """One run at a time moves the branch and the checkout of a clone; others wait, but not for
    ever: a relman that a git hook started would wait for the one that runs the hook.

    What killed runs have left in the .git folder is swept. Raises Unavailable after the wait.
    """
    with (git.common / "relman.lock").open("w") as file:
        _wait(file)
        for left in git.directory.glob(f"{commits.SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _wait(file: IO[str]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if time.monotonic() > until:
                raise Unavailable(
                    f"another relman has been at work in this clone for {PATIENCE:.0f} s",
                    hint="let it finish; is this one run from its git hook?",
                ) from error
            time.sleep(0.05)
        else:
            return
