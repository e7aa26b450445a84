"""Processes that outlive this one. Each carries a mark in its environment, which its children
inherit: so what belongs to an owner is found whoever started it, also after that one was killed,
and there is no file of process ids that could be wrong."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import psutil

OWNER = "RELMAN_SANDBOX_OF"
NAME = "RELMAN_SANDBOX_PROCESS"
POLL = 0.05


@dataclass(frozen=True)
class Running:
    """A process of an owner. `memory` is its resident memory in bytes."""

    name: str
    pid: int
    memory: int


def start(
    owner: Path, name: str, command: Sequence[str], env: Mapping[str, str], log: Path
) -> None:
    """Starts a process in a session of its own, its output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    marked = {**_inherited(), **env, OWNER: str(owner), NAME: name}
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                list(command),
                cwd=owner,
                env=marked,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(f"{command[0]} can't be started: {error.strerror}") from error
    child.returncode = 0  # it outlives us, on purpose: no warning about it


def _inherited() -> dict[str, str]:
    """The caller's environment without what would steer git, AWS or Kubernetes clients."""
    dropped = ("GIT_", "AWS_", "KUBE", "HELM_", "ARGOCD_", "RELMAN_")
    return {key: value for key, value in os.environ.items() if not key.startswith(dropped)}


def running(owner: Path) -> dict[str, Running]:
    """The owner's processes by name, those that were started by `start`."""
    found = {}
    for process, name, leads in _marked(owner):
        if leads:
            found[name] = Running(name, process.pid, process.memory_info().rss)
    return found


def stop(owner: Path, choose: Callable[[str], bool], seconds: float) -> None:
    """Ends the chosen processes with their children: asks, and after `seconds` kills."""
    import psutil

    chosen = [process for process, name, _ in _marked(owner) if choose(name)]
    for process in chosen:
        _ignoring_gone(process.terminate)
    _, alive = psutil.wait_procs(chosen, timeout=seconds)
    for process in alive:
        _ignoring_gone(process.kill)
    psutil.wait_procs(alive, timeout=5)


def _ignoring_gone(action: Callable[[], None]) -> None:
    import psutil

    try:
        action()
    except psutil.NoSuchProcess:
        return


def _marked(owner: Path) -> list[tuple[psutil.Process, str, bool]]:
    """(process, name, whether it is the one that was started and not a child of it)."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            env = process.environ()
            if env.get(OWNER) == str(owner):
                leads = os.getsid(process.pid) == process.pid
                found.append((process, env.get(NAME, ""), leads))
        except (psutil.Error, OSError):  # gone meanwhile, or somebody else's
            continue
    return found


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def listens(port: int) -> bool:
    """Whether something accepts connections on a port of the loopback."""
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


def wait_until(answers: Callable[[], bool], alive: Callable[[], bool], seconds: float) -> bool:
    """Polls until `answers`; gives up when the process is no longer `alive`, or after a time."""
    end = time.monotonic() + seconds
    checked = time.monotonic()
    while time.monotonic() < end:
        if answers():
            return True
        if time.monotonic() - checked > 1:
            checked = time.monotonic()
            if not alive():
                return answers()
        time.sleep(POLL)
    return False
