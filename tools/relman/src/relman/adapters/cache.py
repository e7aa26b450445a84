"""The user's cache folder: work already done, by content. Losing it costs time only."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENTS = ".contents.json"
MAX_RENDER_BYTES = 512 * 1024 * 1024


def folder() -> Path:
    """The cache's root: RELMAN_CACHE_DIR, else `relman` in the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("RELMAN_CACHE_DIR") or user_cache_path("relman", appauthor=False))


def tools() -> Path:
    """Where the project's toolchain builds helm and ct (tools/toolchain), on every platform."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "relman/tools"


def key(*parts: str) -> str:
    """A name for the result of `parts`; equal parts, equal name."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def directory(name: str, fill: Callable[[Path], None]) -> Path:
    """The folder `name`, made once by `fill`; atomic, and harmless when two make it at once.

    One that has lost files (cleaners delete old ones) is made anew: what is rendered from it
    must not depend on a cleaner. Raises Unavailable when nothing can be written there.
    """
    final = folder() / name
    if _is_whole(final):
        return final
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    except OSError as error:
        raise Unavailable(
            f"can't write to the cache {folder()}: {error.strerror}",
            hint="make it writable, or set RELMAN_CACHE_DIR to another folder",
        ) from error
    try:
        fill(temporary)
        (temporary / CONTENTS).write_text(json.dumps(_sizes(temporary)))
        with contextlib.suppress(OSError):  # somebody else was faster with the same content
            if final.exists():
                final.rename(temporary / ".broken")
            temporary.rename(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return final


def _is_whole(home: Path) -> bool:
    try:
        expected = json.loads((home / CONTENTS).read_text())
        return bool(expected == _sizes(home))
    except (OSError, ValueError):
        return False


def _sizes(home: Path) -> dict[str, int]:
    """The size of each file below a folder."""
    files = (path for path in home.rglob("*") if path.is_file() and path.name != CONTENTS)
    return {str(path.relative_to(home)): path.stat().st_size for path in files}


def read_text(name: str) -> str | None:
    """A cached text, or None; a damaged one counts as absent."""
    try:
        return zlib.decompress((folder() / name).read_bytes()).decode()
    except (OSError, zlib.error, UnicodeDecodeError):
        return None


def write_text(name: str, text: str) -> None:
    """Caches a text; a full or read-only disk is no error."""
    final = folder() / name
    with contextlib.suppress(OSError):
        final.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".new-", dir=final.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(zlib.compress(text.encode(), 1))
        Path(temporary).replace(final)


def prune(name: str, limit: int = MAX_RENDER_BYTES) -> None:
    """Removes the oldest files below a folder until it is at most `limit` bytes."""
    files = []
    for path in (folder() / name).glob("**/*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                stat = path.stat()
                files.append((stat.st_mtime, stat.st_size, path))
    excess = sum(size for _, size, _ in files) - limit
    for _, size, path in sorted(files):
        if excess <= 0:
            break
        path.unlink(missing_ok=True)
        excess -= size
