"""The user's cache folder: where tools, logs and locks are, and one lock for each thing built."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import USAGE, ToolchainError
from .progress import Progress


def root() -> Path:
    """${XDG_CACHE_HOME:-~/.cache}/relman/tools; relative values are ignored, as XDG asks."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else _home() / ".cache") / "relman" / "tools"


def log_file(label: str) -> Path:
    """The log of the newest attempt; its folder exists."""
    folder = root() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{label}.log"


@contextmanager
def locked(label: str, progress: Progress) -> Iterator[int]:
    """Holds the lock on LABEL and yields its descriptor, for children to inherit.

    A child that outlives a killed parent so keeps the lock: nobody builds beside it. The file
    stays, because deleting it would let two processes lock two files of one name.
    """
    root().mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root() / f".{label}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.step("waiting for another build of it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def scratch(label: str) -> Iterator[Path]:
    """An empty folder on the cache's filesystem, gone afterwards; call it under LABEL's lock."""
    folder = root() / f".{label}.partial"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as exc:  # a container whose user has no passwd entry
        raise ToolchainError("no home folder: set HOME or XDG_CACHE_HOME", USAGE) from exc
