"""The gate `windows`: changes come when people are there to see to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import times
from relman.core import windows as calendar
from relman.core.gates.results import failed, passed, unknown

if TYPE_CHECKING:
    from datetime import datetime

    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult
    from relman.core.models.windows import WindowsGate


def windows(given: GateInput) -> GateResult:
    """The environment may be changed now; or it is a rollback or a hotfix with a reason, and the
    environment exempts these."""
    rules = given.environment.gates.windows
    if rules is None:
        return passed("windows", "any time")
    if given.now is None:
        return unknown("windows", "nobody said what time it is", "ask again with a clock")
    now = times.local(given.now, rules.time_zone)
    evidence = {"at": times.written(given.now), "timeZone": rules.time_zone}
    if calendar.is_open(rules, given.now):
        return passed("windows", f"open: {now}", evidence)
    exempt = _exempt(given, rules)
    if exempt and given.reason:
        return passed("windows", f"closed ({now}), but {exempt}", {**evidence, "exempt": exempt})
    return _closed(given, rules, given.now, exempt)


def _exempt(given: GateInput, rules: WindowsGate) -> str:
    """Why the windows don't hold it; empty where they do."""
    if given.action == "rollback" and rules.rollback == "exempt":
        return "a rollback is exempt"
    return "a hotfix is exempt" if given.hotfix and rules.hotfix == "exempt" else ""


def _closed(given: GateInput, rules: WindowsGate, now: datetime, exempt: str) -> GateResult:
    earliest = calendar.next_open(rules, now)
    evidence = {"at": times.written(now), "timeZone": rules.time_zone}
    return failed(
        "windows",
        f"{_why(rules, now)}: {times.local(now, rules.time_zone)}",
        _step(given, rules, earliest, exempt),
        evidence,
        times.written(earliest) if earliest else None,
    )


def _why(rules: WindowsGate, now: datetime) -> str:
    denied = calendar.denying(rules, now)
    if denied is None:
        return "outside of the windows"
    return f"denied ({denied.reason})" if denied.reason else "denied"


def _step(given: GateInput, rules: WindowsGate, earliest: datetime | None, exempt: str) -> str:
    if exempt:
        return f"{exempt} when it says why: --reason WHY"
    urgent = "; if it can't wait: --hotfix --reason WHY" if rules.hotfix == "exempt" else ""
    if given.action in ("refresh", "rollback"):
        urgent = ""
    if earliest is None:
        name = given.environment.name
        return f"nothing opens within two years: mend gates.windows of {name}{urgent}"
    return f"wait until {times.local(earliest, rules.time_zone)}{urgent}"
