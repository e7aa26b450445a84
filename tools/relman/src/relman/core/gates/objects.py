"""The gate `objects`: what is rendered obeys Kubernetes's schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.results import failed, passed

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def objects(given: GateInput) -> GateResult:
    """Every changed object obeys the schema of the target's Kubernetes version."""
    found = given.rendered
    evidence = {"checked": found.checked, "withoutSchema": sorted(set(found.unchecked))}
    if found.invalid:
        more = f" (+{len(found.invalid) - 1})" if found.invalid[1:] else ""
        return failed(
            "objects",
            f"{found.invalid[0]}{more}",
            "mend the chart or the values; `relman lint` lists all",
            {**evidence, "invalid": list(found.invalid[:50])},
        )
    kinds = ", ".join(sorted(set(found.unchecked)))
    rest = f"; no schema for {kinds}" if kinds else ""
    return passed("objects", f"{found.checked} changed objects valid{rest}", evidence)
