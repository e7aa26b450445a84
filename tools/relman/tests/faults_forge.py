"""A process that has imported relman and forks one more for each run asked of it.

Run as a script by faults.py. Every run is a process of its own, which can be killed at any point
without a hook in relman: Python tells an audit hook of everything that it is about to write,
rename, remove or start, and the hook kills the process before the N-th of these.

A line on stdin is a list of runs, started at once; the answer is a line with how each ended.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import sys
import traceback
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
COUNTED = (
    "subprocess.Popen", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink",
    "os.truncate", "os.chmod", "shutil.rmtree", "shutil.copyfile", "shutil.move",
)  # fmt: skip
LAZY = (
    "rich.console",
    "rich.table",
    "rich.text",
    "semver",
    "yaml",
    "jsonschema_rs",
    "platformdirs",
)


class Fuse:
    """Counts what is about to happen, and kills this process before the `at`-th of it."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen: list[str] = []
        self.armed = True

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The audit hook."""
        if not self.armed or not _counts(event, arguments):
            return
        self.seen.append(f"{event} {_shown(arguments)}")
        if len(self.seen) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def _counts(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        path, _, flags = arguments
        return not isinstance(path, int) and path != os.devnull and bool(flags & WRITES)
    return event in COUNTED


def _shown(arguments: tuple[Any, ...]) -> str:
    first = arguments[1] if isinstance(arguments[0], str) and len(arguments) == 4 else arguments[0]
    return " ".join(map(str, first[:3])) if isinstance(first, list) else str(first)


def _relman(run: dict[str, Any]) -> int:
    """The command line, in this process; its exit code."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(run[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(run["cwd"])
    os.environ.update(run["env"])
    from relman.cli.app import main

    sys.argv = ["relman", *run["arguments"]]
    fuse = Fuse(run["kill_at"])
    sys.addaudithook(fuse)
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        fuse.armed = False
        sys.stdout.flush()
        sys.stderr.flush()
        with open(run["events"], "w") as file:
            json.dump(fuse.seen, file)


def _started(run: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        code = _relman(run)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Answers until stdin ends."""
    import relman
    from relman.adapters import schemas

    for module in pkgutil.walk_packages(relman.__path__, "relman."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LAZY:
        importlib.import_module(name)
    for api_version, kind in (("apps/v1", "Deployment"), ("v1", "ConfigMap")):  # compiled once
        schemas.errors({"apiVersion": api_version, "kind": kind}, schemas.closest(None))
    for line in sys.stdin:
        children = [_started(run) for run in json.loads(line)]
        print(json.dumps([_ended(child) for child in children]), flush=True)


if __name__ == "__main__":
    main()
