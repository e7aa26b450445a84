"""The gate `health`: upstream is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relman.core.gates.outside import answer
from relman.core.gates.results import passed

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.live import EnvironmentHealth
    from relman.core.models.record import GateResult


def health(given: GateInput) -> GateResult:
    """Every environment that the release comes from is Synced and Healthy at that release; where
    one service is moved, at the one that it comes from."""
    upstream = _sources(given)
    if given.action == "rollback":
        return passed("health", "not asked of a rollback")
    if not upstream:
        return passed("health", "the path starts here")
    found = {name: given.evidence.health.get(name) for name in upstream}
    known = {name: one for name, one in found.items() if one is not None and not one.problem}
    well = [name for name, one in known.items() if not _wrong(given, one)]
    if well and given.environment.gates.source == "any":
        upstream, found = well, {name: found[name] for name in well}
        known = {name: known[name] for name in well}
    return answer(
        given,
        "health",
        wrong=[f"{name}: {why}" for name, one in known.items() if (why := _wrong(given, one))],
        open_=[
            f"{name}: {one.problem if one else 'was not asked'}"
            for name, one in found.items()
            if name not in known
        ],
        right=", ".join(f"{name} is Synced and Healthy" for name in upstream),
        next_step=f"relman wait {upstream[0]} shows what it lacks",
        evidence={name: _kept(one) for name, one in found.items() if one},
    )


def _sources(given: GateInput) -> list[str]:
    """All environments before this one; where any is enough, those that run the release."""
    upstream = given.environment.after
    if given.environment.gates.source == "any":
        return [name for name in upstream if given.runs_it(name)] or list(upstream)
    return list(upstream)


def _wrong(given: GateInput, one: EnvironmentHealth) -> str:
    wanted = given.expected(one.environment)
    if one.release != wanted:
        return f"is at {one.release or 'no release'}, not {wanted or 'any'}"
    bad = [app for app in one.applications if app.state != "ready"]
    if not bad:
        return ""
    rest = f" (+{len(bad) - 1})" if bad[1:] else ""
    return f"{bad[0].application}: {bad[0].reason or bad[0].state}{rest}"


def _kept(one: EnvironmentHealth) -> dict[str, Any]:
    """What a record keeps: thousands of Applications that are ready are one number."""
    bad = [app.stated() for app in one.applications if app.state != "ready"][:20]
    return {
        "release": one.release,
        "since": one.since,
        "applications": len(one.applications),
        "notReady": bad,
        "problem": one.problem,
    }
