"""Where a usable binary is: PATH if its version is right, else the cache."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import cache
from .catalog import Tool
from .process import probe

VERSION = re.compile(r"\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)")


@dataclass(frozen=True)
class Found:
    """STATE is ready, missing, or outdated: built, but not from the modules pinned now."""

    tool: Tool
    state: str
    source: str | None = None
    path: Path | None = None
    note: str = ""


def locate(tool: Tool) -> Found:
    """Looks at PATH, then at the cache; a wrong version on PATH is told in the note.

    A tool with files is never taken from PATH: its files would be missing.
    """
    on_path = None if tool.files else shutil.which(tool.name)
    version = read_version(tool, Path(on_path)) if on_path else None
    if on_path and version and _will_do(tool, version):
        return Found(tool, "ready", "path", Path(on_path))
    note = f"{on_path} is {version or 'of unknown version'}: not used" if on_path else ""
    state = cache_state(tool)
    if state == "ready":
        return Found(tool, state, "cache", binary(tool), note)
    return Found(tool, state, note=note)


def _will_do(tool: Tool, version: str) -> bool:
    if tool.or_newer and "-" not in version:
        return _numbers(version) >= _numbers(tool.version)
    return version == tool.version


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def binary(tool: Tool) -> Path:
    """Its place in the cache, whether it is there or not."""
    return cache.root() / tool.label / tool.name


def files_folder(tool: Tool) -> Path:
    """Where the files that it needs from its module are, at their paths in the module."""
    return binary(tool).with_name("files")


def recipe_file(tool: Tool) -> Path:
    """Written after the binary: says which recipe built it."""
    return binary(tool).with_name("recipe")


def cache_state(tool: Tool) -> str:
    recipe = tool.recipe()
    if not binary(tool).is_file():
        return "missing"
    try:
        built_from = recipe_file(tool).read_text(encoding="utf-8")
    except FileNotFoundError:
        built_from = ""
    return "ready" if built_from == recipe else "outdated"


def read_version(tool: Tool, path: Path) -> str | None:
    """What the binary says it is, less a leading v and build metadata."""
    said = VERSION.search(probe([path, *tool.version_args]) or "")
    return said[1] if said else None
