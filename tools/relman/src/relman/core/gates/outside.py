"""What gates that need evidence from outside have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.results import failed, passed, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult

MOST = 2


def answer(
    given: GateInput,
    gate: str,
    *,
    wrong: Sequence[str],
    open_: Sequence[str],
    right: str,
    next_step: str,
    evidence: dict[str, Any],
) -> GateResult:
    """Fails for what is `wrong`; is unknown for what is `open_`, or when nothing was asked; and
    passes otherwise with the words `right`."""
    if wrong:
        return failed(gate, few(wrong), next_step, evidence)
    if why := given.evidence.unasked:
        _, _, option = why.partition("not asked: ")
        return unknown(gate, why, f"run it without {option}" if option else "", evidence)
    problem = given.evidence.problems.get(gate, "")
    if unclear := [*([problem] if problem else []), *open_]:
        first, _, step = unclear[0].partition("; ")
        rest = f" (+{len(unclear) - 1})" if unclear[1:] else ""
        return unknown(gate, first + rest, step or "try again, or mend the access", evidence)
    return passed(gate, right, evidence)


def few(texts: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    rest = f"; and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return "; ".join(texts[:MOST]) + rest


def counted(number: int, what: str) -> str:
    """1 secret, 2 secrets."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
