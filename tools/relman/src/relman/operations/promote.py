"""`relman promote`: moves what one environment runs to another, through those between them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from relman.core import path
from relman.core.errors import Refused, RelmanError
from relman.operations import change, watching
from relman.operations import partial as parts
from relman.operations.planning import Intent

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.operations.change import Outcome, Report, Terms
    from relman.operations.repository import Repository
    from relman.operations.watching import Watch
    from relman.operations.workspace import Workspace


def promote(
    workspace: Workspace,
    source: str,
    target: str,
    version: str | None,
    terms: Terms,
    report: Report,
    limits: Watch | None = None,
    only: str | None = None,
) -> list[Outcome]:
    """Enters each environment from `source` to `target` in turn, one commit each; `report`
    hears of each as it ends. With `limits` each must be well before the next is entered.

    `version` is what the source must run, `only` the one service that is moved. Raises Refused
    when the source runs something else, when no path leads there, or when an environment on the
    way refuses.
    """
    if only is not None:
        choose = partial(_part, workspace, source, target, only, version)
        outcome = change.run(workspace, choose, terms)
        watching.finish(workspace, outcome, terms, limits, report)
        return [outcome]
    repository = workspace.tip() if terms.dry_run else workspace.fresh()
    repository.environment(source), repository.environment(target)
    release = running(repository, source, version)
    outcomes: list[Outcome] = []
    here = source
    entered: dict[str, str] = {}
    for name in path.between(repository.environments, source, target):
        assumed = dict(entered) if terms.dry_run else {}
        try:
            outcome = change.run(workspace, _entering(name, here, release, assumed), terms)
        except RelmanError:
            if entered and not terms.dry_run:
                workspace.progress(f"{' and '.join(entered)} were entered; {name} was not")
            raise
        outcomes.append(outcome)
        watching.finish(workspace, outcome, terms, limits, report)
        entered[name] = release
        here = name
    return outcomes


def _part(
    workspace: Workspace,
    source: str,
    target: str,
    service: str,
    version: str | None,
    repository: Repository,
) -> Intent:
    return parts.intent(repository, source, target, service, version, workspace.clock())


def _entering(
    name: str, source: str, release: str, assumed: dict[str, str]
) -> Callable[[Repository], Intent]:
    def choose(repository: Repository) -> Intent:
        after = repository.environment(name).after
        runs = {up: assumed.get(up) or repository.chain(up).current for up in after}
        # Between fans of the path, one that runs it; the gate `source` says whether that is enough.
        ahead = next((up for up in after if runs[up] == release), after[0])
        upstream = source if source in after else ahead
        if upstream not in assumed:
            running(repository, upstream, release)
        return Intent(name, release, "promote", upstream, assumed)

    return choose


def running(repository: Repository, source: str, version: str | None) -> str:
    """The release that `source` runs by its records.

    Raises Refused when that is nothing, or not `version`.
    """
    current = repository.chain(source).current
    if current is None:
        raise Refused(
            f"{source} runs nothing yet", hint=path.way_in(repository.environment(source))
        )
    if version is not None and current != version:
        raise Refused(
            f"{source} runs {current}, not {version}",
            hint="relman status shows what runs where",
        )
    return current
