"""The gate `soak`: the release has proved itself upstream for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core import durations, times
from relman.core.gates.results import failed, passed, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from relman.core.gates.given import GateInput
    from relman.core.models.live import EnvironmentHealth
    from relman.core.models.record import GateResult, Verdict


@dataclass(frozen=True)
class Clock:
    """An environment's clock: since when the release has run there well. Without `since` it does
    not run: `verdict` says whether that is so or only not known, `summary` why."""

    name: str
    summary: str
    verdict: Verdict = "fail"
    since: datetime | None = None


def soak(given: GateInput) -> GateResult:
    """The release has run upstream for the duration, without interruption; where one service is
    moved, the release that it comes from has.

    Where a release has run before, in a refresh or a rollback, there is nothing to wait for.
    """
    rules = given.environment.gates.soak
    if rules is None or given.action in ("refresh", "rollback"):
        return passed("soak", "it has run here before")
    if not given.environment.after:
        return passed("soak", "the path starts here")
    if given.now is None:
        return unknown("soak", "nobody said what time it is", "ask again with a clock")
    length, now = durations.delta(rules.duration), given.now
    clocks = [_judged(_clock(given, name), length, now) for name in given.environment.after]
    verdict = _joint((clock.verdict for clock in clocks), given.environment.gates.source)
    told = [clock for clock in clocks if clock.verdict == verdict]
    summary = "; ".join(clock.summary for clock in told)
    evidence = _evidence(clocks, rules.duration)
    if verdict == "pass":
        return passed("soak", summary, evidence)
    if verdict == "unknown":
        return unknown("soak", summary, "relman doctor; what is not known never passes", evidence)
    earliest = _earliest(clocks, length, given.environment.gates.source)
    step = f"wait until {earliest}" if earliest else _step(given, told)
    return failed("soak", summary, step, evidence, earliest)


def _step(given: GateInput, told: list[Clock]) -> str:
    names = " and ".join(clock.name for clock in told if clock.since is None)
    what = f"that {given.only}" if given.only else given.release.version
    return f"see to {names}: the clock starts when {what} runs there and is well"


def _clock(given: GateInput, name: str) -> Clock:
    runs, entered = given.runs_it(name), given.entered.get(name)
    if not runs or entered is None:
        other = f"{name} runs {given.running.get(name) or 'nothing'}"
        return Clock(name, f"not in {name} yet" if runs else other)
    health = given.evidence.health.get(name)
    if health is None or health.problem:
        known = given.evidence
        unasked = known.problems.get("health") or known.unasked or "Argo CD was not asked"
        why = health.problem if health else unasked
        return Clock(name, f"whether {name} is well is not known: {why}", "unknown")
    if not health.ready:
        return Clock(name, f"{name} is not well, so its clock starts again: {_first(health)}")
    if health.since is None:
        return Clock(name, f"since when {name} is well is not known", "unknown")
    try:
        return Clock(name, "", since=max(times.read(entered), times.read(health.since)))
    except ValueError as error:
        return Clock(name, f"since when {name} is well is not known: {error}", "unknown")


def _first(health: EnvironmentHealth) -> str:
    """The first Application that is not ready, and how many more there are."""
    found = [f"{one.application}: {one.reason}" for one in health.applications if one.reason]
    more = f" (+{len(found) - 1})" if found[1:] else ""
    return f"{found[0]}{more}" if found else "Argo CD has none of its Applications"


def _judged(clock: Clock, length: timedelta, now: datetime) -> Clock:
    if clock.since is None:
        return clock
    ran = now - clock.since
    text = f"{durations.shown(ran)} of {durations.shown(length)} in {clock.name}"
    return Clock(clock.name, text, "pass" if ran >= length else "fail", clock.since)


def _joint(verdicts: Iterable[Verdict], mode: str) -> Verdict:
    """Of all, the worst; of any, the best. That one fails is worse than not to know."""
    order: list[Verdict] = ["fail", "unknown", "pass"]
    found = [order.index(verdict) for verdict in verdicts]
    return order[max(found) if mode == "any" else min(found)]


def _earliest(clocks: list[Clock], length: timedelta, mode: str) -> str | None:
    """When it can pass if nothing interrupts; None where a clock that counts doesn't run."""
    ends = [clock.since + length for clock in clocks if clock.since]
    if not ends or (mode != "any" and len(ends) < len(clocks)):
        return None
    return times.written(min(ends) if mode == "any" else max(ends))


def _evidence(clocks: list[Clock], duration: str) -> Mapping[str, object]:
    since = {clock.name: times.written(clock.since) if clock.since else None for clock in clocks}
    return {"duration": duration, "since": since}
