"""What can go wrong, and the exit code that says so.

Every error is one message with the place where it stands and the next step.
Only `Unexpected` and foreign exceptions leave a traceback, and that in a log file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end means to a script."""

    DONE = 0
    REFUSED = 1
    INVALID = 2
    UNEXPECTED = 3
    UNAVAILABLE = 4
    DIFFERENT = 5
    INTERRUPTED = 130


@dataclass(frozen=True)
class Place:
    """Where something stands: a file of the repository, a line (from 1) and a key."""

    file: str
    line: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        at = f"{self.file}:{self.line}" if self.line else self.file
        return f"{at}: {self.key}" if self.key else at


class RelmanError(Exception):
    """An expected error: what is wrong, where, and what to do next."""

    exit_code = ExitCode.UNEXPECTED

    def __init__(self, message: str, *, place: Place | None = None, hint: str = "") -> None:
        self.message = message
        self.place = place
        self.hint = hint
        super().__init__(f"{place}: {message}" if place else message)


class Refused(RelmanError):
    """A rule forbids it: a gate, a block, a version that exists already."""

    exit_code = ExitCode.REFUSED


class Invalid(RelmanError):
    """The command's arguments or the repository's files can't be right."""

    exit_code = ExitCode.INVALID


class Unavailable(RelmanError):
    """A tool or a service is missing, unreachable or denies access."""

    exit_code = ExitCode.UNAVAILABLE


class LostRace(RelmanError):
    """Somebody else moved the branch first. Operations plan again and retry."""

    exit_code = ExitCode.REFUSED
