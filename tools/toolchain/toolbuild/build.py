"""Builds one tool from its wrapper module into the cache, in one atomic step, or not at all."""

from pathlib import Path

from . import cache
from .catalog import Tool
from .errors import ToolchainError
from .golang import environment, find_go, go_version
from .locate import binary, cache_state, locate, read_version, recipe_file
from .process import run_logged, tail
from .progress import Progress


def ensure(tool: Tool) -> Path:
    """The path of a usable binary, built if there is none. Safe to run twice at once."""
    found = locate(tool)
    progress = Progress(tool.label)
    if found.path:
        progress.done(f"ready at {found.path}")
        return found.path
    try:
        with cache.locked(tool.label, progress) as lock:
            # Whoever held the lock before may have built it.
            if cache_state(tool) != "ready":
                _build(tool, progress, lock)
    finally:
        progress.clear()
    progress.done(f"ready at {binary(tool)} ({progress.seconds} s)")
    return binary(tool)


def _build(tool: Tool, progress: Progress, lock: int) -> None:
    go = find_go(tool.required_go(), progress)
    recipe = tool.recipe()
    with cache.scratch(tool.label) as folder:
        built = folder / tool.name
        progress.step(f"building with Go {go_version(go)}")
        _compile(tool, go, built, progress, lock)
        _verify(tool, built)
        _install(tool, built, recipe)


def _compile(tool: Tool, go: Path, built: Path, progress: Progress, lock: int) -> None:
    log = cache.log_file(tool.label)
    command: list[str | Path] = [
        go,
        "build",
        "-v",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags",
        tool.stamped_ldflags,
        "-o",
        built,
        tool.main,
    ]
    code = run_logged(command, log, progress, lock=lock, cwd=tool.wrapper, env=environment())
    if code != 0:
        raise ToolchainError(
            f"{tool.label}: go build failed with exit code {code}\n{tail(log)}\n  log: {log}\n"
            f"  What was compiled is kept: when the cause is gone, running it again goes on."
        )


def _verify(tool: Tool, built: Path) -> None:
    """What would not be recognised on PATH must not get into the cache either."""
    version = read_version(tool, built)
    if version != tool.version:
        raise ToolchainError(
            f"{tool.label}: asked with {tool.version_args}, the binary calls itself "
            f"{version or 'nothing'}; correct ldflags or version_args in tools.toml"
        )


def _install(tool: Tool, built: Path, recipe: str) -> None:
    """The binary first: killed in between, the next run builds again, and never trusts it."""
    target = binary(tool)
    target.parent.mkdir(exist_ok=True)
    built.replace(target)
    note = built.with_name("recipe")
    note.write_text(recipe, encoding="utf-8")
    note.replace(recipe_file(tool))
