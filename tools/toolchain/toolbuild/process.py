"""Every child process: long ones write to a log that progress follows, short ones are probes."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from .progress import Progress

PROBE_SECONDS = 20


def probe(
    command: Sequence[str | Path],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    seconds: float = PROBE_SECONDS,
) -> str | None:
    """What the command prints on both outputs; None when it can't run, fails or hangs."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            env=env,
            cwd=cwd,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def run_logged(
    command: Sequence[str | Path],
    log: Path,
    progress: Progress,
    *,
    lock: int,
    cwd: Path,
    env: Mapping[str, str],
) -> int:
    """Runs it with both outputs in LOG, and returns its exit code; never leaves it running."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            pass_fds=[lock],
        )
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return _follow(child, lines, progress)
    finally:
        _stop(child)


def tail(log: Path, count: int = 15) -> str:
    """The last lines that say something: not the names of packages, nor of downloads."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = [line for line in lines if " " in line and not line.startswith("go: downloading ")]
    return "\n".join(f"  {line}" for line in said[-count:])


def _follow(child: subprocess.Popen[bytes], lines: TextIO, progress: Progress) -> int:
    last = ""
    while True:
        try:
            return child.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            for line in lines:
                last = line.strip() or last
            progress.tick(last)


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
