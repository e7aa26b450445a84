"""The gate `hold`: nobody has asked to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.decisions import on_hold
from relman.core.gates.results import failed, passed

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.decision import Decision
    from relman.core.models.record import GateResult


def held(given: GateInput) -> dict[str, Decision]:
    """What is on hold in the environment: see core.decisions.on_hold."""
    return on_hold(made.decision for made in given.decisions)


def holds(given: GateInput) -> GateResult:
    """Neither the environment nor a service whose image changes is on hold. A rollback passes:
    it is the way back to what is known."""
    found, name = held(given), given.environment.name
    if given.action == "rollback":
        return passed("hold", "a rollback passes")
    acting = {key: one for key, one in found.items() if key == "" or _changes(given, key)}
    if not acting:
        return passed("hold", f"{', '.join(sorted(found))} on hold, and not changed")
    service, first = next(iter(acting.items()))
    more = f" (+{len(acting) - 1})" if len(acting) > 1 else ""
    option = f" --service {service}" if service else ""
    return failed(
        "hold",
        f"{service or name} is on hold, by {first.by} at {first.time}: {first.reason}{more}",
        f"relman resume {name}{option} --reason WHY",
        {
            key or name: {"by": one.by, "reason": one.reason, "file": one.file_name}
            for key, one in acting.items()
        },
    )


def _changes(given: GateInput, service: str) -> bool:
    """Whether the plan changes a service's image."""
    before = given.current.images.get(service) if given.current else None
    after = given.release.images.get(service)
    return (before and before.digest) != (after and after.digest)
