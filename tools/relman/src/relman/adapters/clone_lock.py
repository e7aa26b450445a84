"""One run at a time in a clone."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from relman.adapters import commits, locking

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
        locking.patiently(
            lambda: locking.is_taken(file.fileno()) or None,
            "this clone",
            PATIENCE,
            "let it finish; is this one run from its git hook?",
        )
        for left in git.directory.glob(f"{commits.SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
