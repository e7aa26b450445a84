"""What the shell's completion offers; silent when anything is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def environments(folder: Path, start: str) -> list[str]:
    """Environments whose names start so."""
    from relman.core.errors import RelmanError
    from relman.operations import workspace

    try:
        with workspace.opened(folder) as here:
            return [name for name in here.tip().environments if name.startswith(start)]
    except RelmanError:
        return []


def versions(folder: Path, start: str) -> list[str]:
    """Releases whose versions start so, highest first."""
    from relman.core import versions as semver
    from relman.core.errors import RelmanError
    from relman.operations import workspace

    try:
        with workspace.opened(folder) as here:
            found = semver.ordered(here.tip().versions)
            return [version for version in found if version.startswith(start)]
    except RelmanError:
        return []
