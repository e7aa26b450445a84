"""The gate `source`: where a release must run before it may enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.results import failed, passed, unknown

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def source(given: GateInput) -> GateResult:
    """Every environment before this one (or any, where it says so) runs the release now; a
    rollback or a refresh needs one that has run here."""
    if given.action in ("rollback", "refresh"):
        return _ran_here(given)
    upstream = given.environment.after
    evidence = {name: given.running.get(name) for name in upstream}
    if not upstream:
        return passed("source", "the path starts here")
    if given.untrue:
        names = ", ".join(given.untrue)
        summary = f"what is generated for {names} is not what its last record says"
        return unknown("source", summary, "relman audit; revert the edit", evidence)
    behind = [name for name in upstream if not given.runs_it(name)]
    ahead = [name for name in upstream if name not in behind]
    if not behind or (ahead and given.environment.gates.source == "any"):
        verb = "runs" if len(ahead) == 1 else "run"
        return passed("source", f"{', '.join(ahead)} {verb} it", evidence)
    return _behind(given, behind, evidence)


def _behind(given: GateInput, behind: list[str], evidence: dict[str, str | None]) -> GateResult:
    runs = "; ".join(f"{name} runs {given.running.get(name) or 'nothing'}" for name in behind)
    joint = " or " if given.environment.gates.source == "any" else " and "
    step = f"bring {given.release.version} to {joint.join(behind)} first"
    return failed("source", runs, step, evidence)


def _ran_here(given: GateInput) -> GateResult:
    if given.release.version in given.ran_here:
        return passed("source", "it has run here")
    return failed(
        "source",
        f"{given.release.version} has never run in {given.environment.name}",
        f"one of: {', '.join(dict.fromkeys(given.ran_here)) or 'nothing has run here'}",
    )
