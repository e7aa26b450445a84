"""The gate `floor`: what can't be undone is not undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import versions
from relman.core.gates.results import failed, passed

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def floor(given: GateInput) -> GateResult:
    """Nothing older than a release that can't be undone comes back where that has run.

    `floors` are such releases that have run here, with what each did.
    """
    above = [
        version
        for version in versions.ordered(given.floors)
        if versions.parse(version) > versions.parse(given.release.version)
    ]
    if not above:
        return passed("floor", "not below a release that can't be undone", dict(given.floors))
    return failed(
        "floor",
        f"{above[0]} has run here and can't be undone: {given.floors[above[0]]}",
        f"go forward: mend it in a release after {above[0]} (relman cut), and bring that here",
        {version: given.floors[version] for version in above},
    )
