"""The gate `block`: what a rollback left behind stays away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.results import failed, passed

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def block(given: GateInput) -> GateResult:
    """No rollback has left this release behind here."""
    if given.release.version not in given.blocked:
        return passed("block", "not blocked")
    name, version = given.environment.name, given.release.version
    return failed(
        "block",
        f"a rollback of {name} left {version} behind",
        f"relman unblock {name} {version} --reason WHY, once its cause is mended",
    )
