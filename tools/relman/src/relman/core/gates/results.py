"""The three answers of a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.models.record import GateResult

if TYPE_CHECKING:
    from collections.abc import Mapping


def passed(gate: str, summary: str, evidence: Mapping[str, object] | None = None) -> GateResult:
    """It holds."""
    return GateResult(gate=gate, verdict="pass", summary=summary, evidence=dict(evidence or {}))


def failed(
    gate: str,
    summary: str,
    next_step: str,
    evidence: Mapping[str, object] | None = None,
    earliest: str | None = None,
) -> GateResult:
    """It does not hold, and what to do."""
    return GateResult(
        gate=gate,
        verdict="fail",
        summary=summary,
        next_step=next_step,
        evidence=dict(evidence or {}),
        earliest=earliest,
    )


def unknown(
    gate: str, summary: str, next_step: str, evidence: Mapping[str, object] | None = None
) -> GateResult:
    """The answer can't be had, and what to do."""
    return GateResult(
        gate=gate,
        verdict="unknown",
        summary=summary,
        next_step=next_step,
        evidence=dict(evidence or {}),
    )
