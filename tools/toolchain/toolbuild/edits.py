"""Builds a module with a few words changed, where its program has no option for what is needed.

The module's copy is edited and put in place by a `replace` line in a go.mod of its own, so every
other module is still checked against the committed go.sum.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from .catalog import Tool
from .errors import USAGE, ToolchainError


def edited(tool: Tool, module: Path, folder: Path) -> Path:
    """A go.mod beside a copy of `module` that has the tool's edits; both are below `folder`."""
    copy = folder / "edited"
    shutil.copytree(module, copy, symlinks=True)
    for file, before, after in _triples(tool):
        _edit(tool, copy / file, before, after)
    go_mod = folder / "edited.mod"
    go_mod.write_text(f"{tool.go_mod()}\nreplace {tool.module} => {copy}\n", encoding="utf-8")
    shutil.copyfile(tool.wrapper / "go.sum", folder / "edited.sum")
    return go_mod


def _triples(tool: Tool) -> Iterator[tuple[str, str, str]]:
    if len(tool.edits) % 3:
        raise ToolchainError(
            f"{tool.label}: `edits` are file, words, new words, again and again", USAGE
        )
    return zip(tool.edits[::3], tool.edits[1::3], tool.edits[2::3], strict=True)


def _edit(tool: Tool, path: Path, before: str, after: str) -> None:
    """Once, exactly: where a new version says it otherwise, somebody must look."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if text.count(before) != 1:
        raise ToolchainError(
            f"{tool.label}: {path.name} doesn't say {before!r} once; correct `edits`"
        )
    path.chmod(0o644)
    path.write_text(text.replace(before, after), encoding="utf-8")
