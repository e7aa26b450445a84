"""Programs that the sandbox runs: those that tools/toolchain has built, or PATH's."""

from __future__ import annotations

import shutil
from pathlib import Path

from relman.adapters import cache, helm_cli


def find(name: str) -> str | None:
    """The path of a program; the toolchain's newest build of it first."""
    if name == "helm":
        return helm_cli.executable()
    built = sorted(cache.tools().glob(f"{name}-*/{name}"), key=_version)
    return str(built[-1]) if built else shutil.which(name)


def files(name: str) -> Path | None:
    """The files of a program's module that the toolchain has kept beside it."""
    found = find(name)
    folder = Path(found).parent / "files" if found else None
    return folder if folder and folder.is_dir() else None


def _version(path: Path) -> tuple[int, ...]:
    numbers = path.parent.name.rpartition("-")[2].split(".")
    return tuple(int(part) for part in numbers if part.isdigit())
