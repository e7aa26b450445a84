"""The part of `relman doctor` that looks at this machine: Python, git, Helm, ct, the cache."""

from __future__ import annotations

import platform
import shutil
import sys

from relman.adapters import cache, helm, helm_cli, process
from relman.core.errors import RelmanError
from relman.core.models.check import Check, State

GIT_FLOOR = (2, 38)


def checks() -> list[Check]:
    """What relman runs on and with, in the order of need."""
    return [_python(), _git(), _helm_in_process(), _helm(), _ct(), _cache()]


def _python() -> Check:
    good = sys.version_info >= (3, 11)
    return Check(
        name="python",
        state="ok" if good else "broken",
        found=f"{platform.python_version()} at {sys.executable}",
        purpose="runs relman",
        fix="" if good else "install Python 3.11 or newer",
    )


def _git() -> Check:
    purpose = "reads and writes the repository"
    path = shutil.which("git")
    if path is None:
        return Check(name="git", state="missing", found="", purpose=purpose, fix="install git")
    version = process.run(["git", "version"]).text.removeprefix("git version ")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    old = numbers < GIT_FLOOR
    return Check(
        name="git",
        state="broken" if old else "ok",
        found=f"{version} at {path}",
        purpose=purpose,
        fix=f"install git {'.'.join(map(str, GIT_FLOOR))} or newer" if old else "",
    )


def _helm_in_process() -> Check:
    purpose = "renders charts quickly, in this process"
    if helm.available():
        return Check(name="helm (library)", state="ok", found=helm.identity(), purpose=purpose)
    return Check(
        name="helm (library)",
        state="optional",
        found="",
        purpose=purpose,
        fix="no wheel for this machine: helm's command line is used instead",
    )


def _helm() -> Check:
    purpose = "renders charts that read .Capabilities, pulls upstream charts"
    path = helm_cli.executable()
    if path is None:
        needed = not helm.available()
        state: State = "missing" if needed else "optional"
        return Check(name="helm", state=state, found="", purpose=purpose, fix="make tools")
    try:
        found = (helm_cli.version() or "").removeprefix("v")
    except RelmanError as error:
        return Check(name="helm", state="broken", found=path, purpose=purpose, fix=error.message)
    same = found.startswith(f"{helm_cli.WANTED}.")
    return Check(
        name="helm",
        state="ok" if same else "optional",
        found=f"{found} at {path}",
        purpose=purpose,
        fix="" if same else f"Argo CD renders with {helm_cli.WANTED}: make tools",
    )


def _ct() -> Check:
    built = sorted(cache.tools().glob("ct-*/ct"))
    path = shutil.which("ct") or (str(built[-1]) if built else "")
    return Check(
        name="ct",
        state="ok" if path else "optional",
        found=path,
        purpose="lints charts (make ct); relman itself doesn't need it",
        fix="" if path else "make tools",
    )


def _cache() -> Check:
    folder = cache.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        state: State = "ok"
    except OSError:
        state = "broken"
    fix = "" if state == "ok" else "make it writable, or set RELMAN_CACHE_DIR"
    return Check(
        name="cache", state=state, found=str(folder), purpose="keeps rendered charts", fix=fix
    )
