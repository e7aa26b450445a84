"""`relman hold` and `relman resume`: an environment, or one service in it, is to stay as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.decisions import Subject
from relman.core.errors import Invalid, Refused
from relman.operations import decisions

if TYPE_CHECKING:
    from relman.core.models.decision import Decision
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace


def hold(workspace: Workspace, environment: str, service: str | None, reason: str) -> Decision:
    """Puts it on hold; the decision, or the one that holds it already. Raises Invalid for a
    service that doesn't exist, and without a reason."""

    def choose(repository: Repository) -> Subject | Decision:
        _refuse_unknown(repository, environment, service)
        held = decisions.holding(repository, environment)
        return held.get(service or "") or Subject(service=service)

    return decisions.decide(workspace, environment, "hold", reason, choose)


def resume(workspace: Workspace, environment: str, service: str | None, reason: str) -> Decision:
    """Ends a hold; the decision, or the one that ended it already. Raises Refused for what was
    never on hold, and Invalid without a reason."""

    def choose(repository: Repository) -> Subject | Decision:
        held = decisions.holding(repository, environment)
        if (service or "") in held:
            return Subject(service=service)
        for _, decision in reversed(decisions.all_of(repository, environment)):
            if decision.decision == "resume" and decision.service == service:
                return decision
        raise Refused(
            f"{_named(environment, service)} is not on hold",
            hint=f"on hold in {environment}: {_shown(environment, held)}",
        )

    return decisions.decide(workspace, environment, "resume", reason, choose)


def _named(environment: str, service: str | None) -> str:
    return f"{service} in {environment}" if service else environment


def _shown(environment: str, held: dict[str, Decision]) -> str:
    return ", ".join(f"--service {name}" if name else environment for name in held) or "nothing"


def _refuse_unknown(repository: Repository, environment: str, service: str | None) -> None:
    """A service may be known to relman.yaml only, or to what runs there only."""
    current = repository.chain(environment).current
    running = repository.release(current).images if current else {}
    known = sorted({*repository.project.services, *running})
    if service is not None and service not in known:
        raise Invalid(
            f"there is no service {service!r}",
            hint=f"the services are {', '.join(known) or 'none yet'}",
        )
