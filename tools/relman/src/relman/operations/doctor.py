"""`relman doctor`: the tools, the access, and what to do about what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.adapters import remotes
from relman.core.errors import RelmanError
from relman.core.models.check import Check
from relman.operations import doctor_live, doctor_tools, facts, workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from relman.core.models.environment import Facts


def doctor(folder: Path) -> list[Check]:
    """Every check. Looking at the remote brings its branch here, as a fetch does; nothing else
    is changed."""
    return doctor_tools.checks() + _repository(folder)


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
        remotes.fetch(here.git, remote, here.branch)
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
