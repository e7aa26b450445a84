"""An emergency: named gates are passed over, for a reason, and that is kept for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.errors import Invalid, Refused
from relman.core.gates import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relman.core.models.record import Action, GateResult


def skipping(
    answers: tuple[GateResult, ...], action: Action, names: Sequence[str], reason: str
) -> tuple[GateResult, ...]:
    """The gates' answers with the named ones skipped, where they are asked and don't pass.

    Raises Invalid without a reason or for a gate that doesn't exist, and Refused for one that
    can't be skipped.
    """
    if names and not reason.strip():
        raise Invalid("an emergency needs a reason", hint="--reason WHY")
    for name in names:
        if name not in NAMES:
            raise Invalid(
                f"there is no gate {name!r}", hint=f"the gates are {', '.join(sorted(NAMES))}"
            )
        if why := refusal(action, name, reason):
            raise Refused(f"the gate {name} can't be skipped: {why}")
    return tuple(
        gate.model_copy(update={"skipped": True})
        if gate.gate in names and gate.verdict != "pass"
        else gate
        for gate in answers
    )


def refusal(action: Action, gate: str, reason: str) -> str | None:
    """Why a gate can't be skipped, or None.

    What the API server refuses it refuses in an emergency too; and what has never run here can't
    be gone back to, but can be deployed.
    """
    if not reason.strip():
        return "there is no reason"
    if gate == "objects":
        return "the API server would refuse these objects"
    if gate == "source" and action in ("rollback", "refresh"):
        return "it has never run here; deploy or promote it"
    return None
