"""The gates that hold in every environment. A verdict is pass, fail or unknown, and unknown
never passes.

A gate is a function from `GateInput` to a `GateResult`; `GATES` lists them. Gates that need the
outside world get what was gathered for them as one more field of the input.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.core.models.record import Action, GateResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from relman.core.models.environment import Environment
    from relman.core.models.release import Release


@dataclass(frozen=True)
class Rendered:
    """What the plan found while rendering: images of our own charts that have no digest, objects
    that break their schema, how many objects were checked, and kinds that have no schema."""

    unpinned: Sequence[str] = ()
    invalid: Sequence[str] = ()
    checked: int = 0
    unchecked: Sequence[str] = ()


@dataclass(frozen=True)
class GateInput:
    """All that the gates look at."""

    environment: Environment
    action: Action
    release: Release
    running: Mapping[str, str | None]
    ran_here: Sequence[str]
    blocked: Sequence[str]
    untrue: Sequence[str] = ()
    rendered: Rendered = field(default_factory=Rendered)


def source(given: GateInput) -> GateResult:
    """Every environment before this one runs the release now; a rollback or a refresh needs
    one that has run here."""
    if given.action in ("rollback", "refresh"):
        return _ran_here(given)
    upstream = given.environment.after
    behind = [name for name in upstream if given.running.get(name) != given.release.version]
    evidence = {name: given.running.get(name) for name in upstream}
    if not upstream:
        return _passed("source", "the path starts here")
    if given.untrue:
        names = ", ".join(given.untrue)
        return GateResult(
            gate="source",
            verdict="unknown",
            summary=f"what is generated for {names} is not what its last record says",
            next_step="relman audit; revert the edit",
            evidence=evidence,
        )
    if not behind:
        return _passed("source", f"{', '.join(upstream)} runs it", evidence=evidence)
    runs = "; ".join(f"{name} runs {given.running.get(name) or 'nothing'}" for name in behind)
    return GateResult(
        gate="source",
        verdict="fail",
        summary=runs,
        next_step=f"bring {given.release.version} to {' and '.join(behind)} first",
        evidence=evidence,
    )


def _ran_here(given: GateInput) -> GateResult:
    if given.release.version in given.ran_here:
        return _passed("source", "it has run here")
    return GateResult(
        gate="source",
        verdict="fail",
        summary=f"{given.release.version} has never run in {given.environment.name}",
        next_step=f"one of: {', '.join(dict.fromkeys(given.ran_here)) or 'nothing has run here'}",
    )


def block(given: GateInput) -> GateResult:
    """No rollback has left this release behind here."""
    if given.release.version not in given.blocked:
        return _passed("block", "not blocked")
    name, version = given.environment.name, given.release.version
    return GateResult(
        gate="block",
        verdict="fail",
        summary=f"a rollback of {name} left {version} behind",
        next_step=f"relman unblock {name} {version} --reason WHY, once its cause is mended",
    )


def images(given: GateInput) -> GateResult:
    """Every service runs the very digest that the release froze."""
    if given.rendered.unpinned:
        return GateResult(
            gate="images",
            verdict="fail",
            summary=f"without a digest: {', '.join(given.rendered.unpinned)}",
            next_step="make it a service in releases/relman.yaml, or write its digest",
        )
    digests = {name: image.digest for name, image in given.release.images.items()}
    return _passed("images", f"{len(digests)} pinned by digest", evidence=digests)


def objects(given: GateInput) -> GateResult:
    """Every changed object obeys the schema of the target's Kubernetes version."""
    found = given.rendered
    evidence = {"checked": found.checked, "withoutSchema": sorted(set(found.unchecked))}
    if found.invalid:
        return GateResult(
            gate="objects",
            verdict="fail",
            summary=found.invalid[0]
            + (f" (+{len(found.invalid) - 1})" if found.invalid[1:] else ""),
            next_step="mend the chart or the values; `relman lint` lists all",
            evidence={**evidence, "invalid": list(found.invalid[:50])},
        )
    kinds = ", ".join(sorted(set(found.unchecked)))
    rest = f"; no schema for {kinds}" if kinds else ""
    return _passed("objects", f"{found.checked} changed objects valid{rest}", evidence=evidence)


def _passed(gate: str, summary: str, evidence: Mapping[str, object] | None = None) -> GateResult:
    return GateResult(gate=gate, verdict="pass", summary=summary, evidence=dict(evidence or {}))


GATES: tuple[Callable[[GateInput], GateResult], ...] = (source, block, images, objects)


def judge(given: GateInput) -> tuple[GateResult, ...]:
    """Every gate's answer, in a fixed order."""
    return tuple(gate(given) for gate in GATES)
