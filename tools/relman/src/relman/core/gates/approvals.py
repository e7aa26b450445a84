"""The gate `approvals`: enough people have agreed to this very plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relman.core.decisions import mail, people
from relman.core.gates.results import failed, passed, unknown

if TYPE_CHECKING:
    from relman.core.decisions import Made
    from relman.core.gates.given import GateInput
    from relman.core.models.gates import ApprovalsGate
    from relman.core.models.record import GateResult

NOT_COUNTED = "doesn't count"


@dataclass
class Count:
    """Approvals that count, one for each person; those that don't, and why not; how many of
    these can't be told here."""

    counted: dict[str, Made] = field(default_factory=dict)
    aside: list[tuple[Made, str]] = field(default_factory=list)
    unchecked: int = 0


def approvals(given: GateInput) -> GateResult:
    """As many people of the list as are required approved this plan: by its hash, so that an
    approval dies when the plan changes. A rollback needs none."""
    rules = given.environment.gates.approvals
    if rules is None or given.action == "rollback":
        return passed("approvals", "a rollback needs none")
    named = [one.removeprefix("team/") for one in rules.from_ if one.startswith("team/")]
    if missing := [name for name in named if name not in given.teams]:
        step = "name it under teams in releases/relman.yaml"
        return failed("approvals", f"there is no team {', '.join(missing)}", step)
    return _judged(given, rules, people(rules.from_, given.teams))


def _judged(given: GateInput, rules: ApprovalsGate, listed: list[str]) -> GateResult:
    found = _counted(given, rules, listed)
    summary, evidence = _summary(found, rules), _evidence(found, rules)
    if len(found.counted) >= rules.required:
        return passed("approvals", summary, evidence)
    others = [one for one in listed if one not in found.counted and _may(given, rules, one)]
    asked = " or ".join(others)
    if len(found.counted) + len(others) < rules.required:
        asked += f"{' and ' if asked else ''}others, whom gates.approvals.from must name first"
    step = f"relman approve {given.environment.name} {given.release.version} --reason WHY, by "
    enough = len(found.counted) + found.unchecked >= rules.required
    return (unknown if enough else failed)("approvals", summary, f"{step}{asked}", evidence)


def _counted(given: GateInput, rules: ApprovalsGate, listed: list[str]) -> Count:
    found = Count()
    for made in given.decisions:
        decision = made.decision
        if decision.decision != "approve" or decision.release != given.release.version:
            continue
        why = _why_not(given, rules, listed, made)
        if why is None:
            found.counted.setdefault(mail(decision.by), made)
        else:
            found.aside.append((made, why))
            unchecked = made.signature is not None and not made.signature.checked
            found.unchecked += unchecked and why.startswith(NOT_COUNTED)
    found.aside = [one for one in found.aside if mail(one[0].decision.by) not in found.counted]
    return found


def _why_not(given: GateInput, rules: ApprovalsGate, listed: list[str], made: Made) -> str | None:
    """Why an approval doesn't count, or None."""
    person, signature = mail(made.decision.by), made.signature
    if made.decision.plan != given.plan_hash:
        return "is void: the plan has changed since"
    if person not in listed:
        return "is not of the list"
    if not _may(given, rules, person):
        return "is by the author of the change"
    if not rules.signed or made.proven:
        return None
    if signature is None or not signature.good:
        return f"{NOT_COUNTED}: {signature.why if signature else 'its signature is not known'}"
    return f"is signed by {signature.signer}"


def _may(given: GateInput, rules: ApprovalsGate, person: str) -> bool:
    """Whether a person isn't the author of the change: who cut the release, and for a refresh
    who applies it."""
    authors = {mail(given.release.author)}
    if given.action == "refresh" and given.person:
        authors = {*authors, mail(given.person)}
    return rules.author or person not in authors


def _summary(found: Count, rules: ApprovalsGate) -> str:
    names = ", ".join(_shown(made) for made in found.counted.values())
    text = f"{len(found.counted)} of {rules.required}" + (f": {names}" if names else "")
    rest = [f"{_shown(made)}'s ({made.decision.file_name}) {why}" for made, why in found.aside]
    return "; ".join([text, *rest])


def _shown(made: Made) -> str:
    return made.decision.by.partition(" <")[0]


def _evidence(found: Count, rules: ApprovalsGate) -> dict[str, object]:
    counted = [
        {"by": made.decision.by, "file": made.decision.file_name, "digest": made.digest}
        for made in found.counted.values()
    ]
    aside = [
        {"by": made.decision.by, "file": made.decision.file_name, "why": why}
        for made, why in found.aside
    ]
    return {"required": rules.required, "approvals": counted, "notCounted": aside}
