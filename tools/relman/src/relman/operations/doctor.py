"""`relman doctor`: the tools, the access, and what to do about what is missing."""

from __future__ import annotations

import platform
import shutil
import sys
from typing import TYPE_CHECKING

from relman.adapters import cache, helm, helm_cli, process
from relman.core.errors import RelmanError
from relman.core.models.check import Check, State
from relman.operations import doctor_live, facts, workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from relman.core.models.environment import Facts

GIT_FLOOR = (2, 38)


def doctor(folder: Path) -> list[Check]:
    """Every check. Looking at the remote brings its branch here, as a fetch does; nothing else
    is changed."""
    checks = [_python(), _git(), _helm_in_process(), _helm(), _ct(), _cache()]
    return checks + _repository(folder)


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


def _repository(folder: Path) -> list[Check]:
    try:
        with workspace.opened(folder) as here:
            return [
                Check(
                    name="repository",
                    state="ok",
                    found=f"{here.git.root}, branch {here.branch}",
                    purpose="holds releases, environments and records",
                ),
                _guarded("identity", "signs commits and records", here.git.identity),
                _remote(here),
                *_facts(here),
                *doctor_live.checks(here.worktree()),
            ]
    except RelmanError as error:
        return [
            Check(
                name="repository",
                state="broken",
                found=str(error),
                purpose="holds releases, environments and records",
                fix=error.hint,
            )
        ]


def _remote(here: workspace.Workspace) -> Check:
    purpose = "what Argo CD reads; applying pushes there"
    remote = here.remote
    if remote is None:
        return Check(
            name="remote",
            state="optional",
            found="none: changes stay in this clone",
            purpose=purpose,
            fix="git remote add origin URL",
        )

    def reach() -> str:
        here.git.fetch(remote, here.branch)
        return f"{remote} ({here.git.remote_url(remote)})"

    return _guarded("remote", purpose, reach)


def _facts(here: workspace.Workspace) -> list[Check]:
    """Whether Terraform has moved on since facts were imported from its state."""
    repository = here.worktree()
    checks = []
    for environment in repository.environments.values():
        for cluster, known in repository.facts(environment).items():
            if known.state is not None:
                checks.append(_age(cluster, known))
    return checks


def _age(cluster: str, known: Facts) -> Check:
    name, purpose = f"facts of {cluster}", "what charts are told of the cluster"
    try:
        found = facts.age(known)
    except RelmanError as error:
        return Check(
            name=name, state="optional", found=error.message, purpose=purpose, fix=error.hint
        )
    if found is None or not found.stale:
        return Check(name=name, state="ok", found="as the state has them", purpose=purpose)
    return Check(
        name=name,
        state="optional",
        found=f"from edition {found.imported} of the state, which is at {found.current}",
        purpose=purpose,
        fix=f"relman facts {cluster}",
    )


def _guarded(name: str, purpose: str, probe: Callable[[], str]) -> Check:
    try:
        return Check(name=name, state="ok", found=probe(), purpose=purpose)
    except RelmanError as error:
        return Check(
            name=name, state="broken", found=error.message, purpose=purpose, fix=error.hint
        )
