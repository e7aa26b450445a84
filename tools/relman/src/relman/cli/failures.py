"""What an error looks like to a user, and the exit code that it is."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from relman import __version__
from relman.core.errors import ExitCode

if TYPE_CHECKING:
    from relman.core.errors import RelmanError


def explain(error: RelmanError) -> None:
    """Says an expected error, and what to do next."""
    from relman.cli import console

    console.say(f"error: {error}")
    if error.hint:
        console.say(f"  next: {error.hint}")


def foreign(error: Exception) -> int:
    """Wrong usage has typer's own words; anything else is our mistake and goes to a log."""
    if hasattr(error, "format_message") and hasattr(error, "show"):
        error.show()
        return int(ExitCode.INVALID)
    if type(error).__name__ == "Abort":
        sys.stderr.write("interrupted\n")
        return int(ExitCode.INTERRUPTED)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        where = f": {error.filename}" if error.filename else ""
        sys.stderr.write(f"error: no space left{where}\n  next: make room, and run it again\n")
        return int(ExitCode.UNAVAILABLE)
    log = _log_traceback()
    sys.stderr.write(f"error: unexpected {type(error).__name__}: {error}\n  traceback: {log}\n")
    return int(ExitCode.UNEXPECTED)


def _log_traceback() -> Path:
    import tempfile
    import traceback

    handle, name = tempfile.mkstemp(prefix="relman-error-", suffix=".log")
    with os.fdopen(handle, "w") as log:
        log.write(f"relman {__version__}: {sys.argv[1:]}\n")
        traceback.print_exc(file=log)
    return Path(name)
