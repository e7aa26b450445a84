"""The gates. A verdict is pass, fail or unknown, and unknown never passes.

A gate is a pure function from `GateInput` to a `GateResult`, in a file of its own; `GATES` lists
them with when each applies. What they need of the outside world is gathered before, and is one
field of the input. A gate that doesn't apply is not in the plan at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core.gates.approvals import approvals
from relman.core.gates.block import block
from relman.core.gates.checks import checks
from relman.core.gates.compatibility import compatibility
from relman.core.gates.floor import floor
from relman.core.gates.given import GateInput, Rendered
from relman.core.gates.health import health
from relman.core.gates.holds import held, holds
from relman.core.gates.images import images
from relman.core.gates.objects import objects
from relman.core.gates.secrets import secrets
from relman.core.gates.soak import soak
from relman.core.gates.source import source
from relman.core.gates.target import target
from relman.core.gates.windows import windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.core.models.gates import Gates
    from relman.core.models.record import GateResult

__all__ = [
    "GATES",
    "NAMES",
    "GateInput",
    "Rendered",
    "asked",
    "declares",
    "judge",
    "judge_again",
]


@dataclass(frozen=True)
class Gate:
    """A gate: its name in plans and records, its function, and when it is asked."""

    name: str
    judge: Callable[[GateInput], GateResult]
    applies: Callable[[GateInput], bool]


def _always(_: GateInput) -> bool:
    return True


def _requires(given: GateInput) -> bool:
    return any(service.requires for service in given.release.services.values())


def declares(gates: Gates, name: str) -> bool:
    """Whether an environment declares a gate."""
    return getattr(gates, name) not in (None, ())


def _declared(judge: Callable[[GateInput], GateResult]) -> Gate:
    """A gate that holds where an environment declares its key, which is the function's name."""
    name = judge.__name__
    return Gate(name, judge, lambda given: declares(given.environment.gates, name))


GATES: tuple[Gate, ...] = (
    Gate("source", source, _always),
    Gate("block", block, _always),
    Gate("floor", floor, lambda given: bool(given.floors)),
    Gate("hold", holds, lambda given: bool(held(given))),
    _declared(health),
    _declared(soak),
    _declared(windows),
    _declared(approvals),
    Gate("compatibility", compatibility, _requires),
    Gate("images", images, _always),
    _declared(secrets),
    Gate("objects", objects, _always),
    _declared(target),
    _declared(checks),
)

NAMES = tuple(gate.name for gate in GATES)
# What git alone can answer, for a record as well as for a plan.
OF_GIT = ("source", "block", "floor", "hold", "soak", "windows", "approvals", "compatibility")


def asked(rules: Gates) -> set[str]:
    """The gates of every plan: those that always hold, and those that an environment declares."""
    names = {gate.name for gate in GATES} & set(type(rules).model_fields)
    always = {gate.name for gate in GATES if gate.applies is _always}
    return always | {name for name in names if declares(rules, name)}


def judge_again(given: GateInput) -> tuple[GateResult, ...]:
    """The answer of every gate that applies and that git alone can answer."""
    known = [gate for gate in GATES if gate.name in OF_GIT and gate.applies(given)]
    return tuple(gate.judge(given) for gate in known)


def judge(given: GateInput) -> tuple[GateResult, ...]:
    """The answer of every gate that applies, in a fixed order."""
    return tuple(gate.judge(given) for gate in GATES if gate.applies(given))
