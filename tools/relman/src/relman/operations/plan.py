"""`relman plan`: what would change, without changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import versions
from relman.core.errors import Invalid
from relman.operations import planning
from relman.operations.circumstances import NOWHERE, Circumstances
from relman.operations.planning import Intent

if TYPE_CHECKING:
    from relman.operations.planning import Prepared
    from relman.operations.repository import Repository


def plan(
    repository: Repository,
    environment: str,
    version: str | None,
    around: Circumstances = NOWHERE,
    *,
    pull: bool = False,
) -> Prepared:
    """The plan of bringing a release (see `candidate`) to an environment."""
    after = repository.environment(environment).after
    release = version or candidate(repository, environment)
    if repository.chain(environment).current == release:
        intent = Intent(environment, release, "refresh")
    else:
        intent = Intent(
            environment, release, "promote" if after else "deploy", next(iter(after), None)
        )
    return planning.prepare(repository, intent, around, pull=pull)


def candidate(repository: Repository, environment: str) -> str:
    """The release that would come next: what all environments before it run, or the newest.

    Raises Invalid where that is not one release.
    """
    after = repository.environment(environment).after
    if not after:
        newest = versions.newest(repository.versions)
        if newest is None:
            raise Invalid("there is no release yet", hint="relman cut")
        return newest
    running = {name: repository.chain(name).current for name in after}
    found = {runs for runs in running.values() if runs}
    if len(found) != 1:
        shown = ", ".join(f"{name}: {runs or 'nothing'}" for name, runs in running.items())
        raise Invalid(
            f"what comes next in {environment} isn't one release ({shown})",
            hint=f"name it: relman plan {environment} VERSION",
        )
    return found.pop()
