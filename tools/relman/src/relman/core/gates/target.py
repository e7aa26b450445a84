"""The gate `target`: the clusters can take what is coming."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.outside import answer

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult

NEXT = "install what is missing there, ask for less, or mend the chart and cut a new release"


def target(given: GateInput) -> GateResult:
    """The target's clusters serve and hold what the plan's objects need."""
    found = given.evidence.target
    return answer(
        given,
        "target",
        wrong=[f"{one.cluster}: {what}" for one in found for what in one.missing + one.exceeded],
        open_=[f"{one.cluster}: {one.problem}" for one in found if one.problem],
        right=", ".join(f"{one.cluster} ({one.version}) can take it" for one in found[:3])
        + (f" (+{len(found) - 3})" if found[3:] else ""),
        next_step=NEXT,
        evidence={"clusters": [one.stated() for one in found]},
    )
