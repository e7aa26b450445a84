"""How a plan looks on a terminal, and how a change is asked for and reported."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from relman.cli import console
from relman.core.errors import Refused
from relman.operations.applying import unaccepted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from relman.core.models.plan import FieldChange, ObjectChange, Plan, Restart
    from relman.operations.change import Outcome

SIGNS = {"added": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red")}
MOST_FIELDS = 30


def show(plan: Plan) -> None:
    """The whole plan. Changes that are the same on several clusters are shown once."""
    origin = f" (now {plan.from_release})" if plan.from_release else " (nothing runs yet)"
    console.line(f"{plan.action} {plan.environment}: {plan.release}{origin}", "bold")
    for clusters, change in _grouped(plan.objects):
        _show_object(clusters, change)
    _show_unrendered(plan)
    _show_restarts(plan.restarts)
    for risk in plan.risks:
        console.line(f"! {risk.summary}", "red")
        console.line(f"    accept with --accept {risk.id}", "red")
    console.line()
    console.table(
        ("gate", "verdict", "why"),
        [
            (g.gate, "EMERGENCY" if g.skipped else g.verdict, _why(g.summary, g.next_step))
            for g in plan.gates
        ],
    )
    console.line()
    console.line(_summary(plan))
    console.line(f"plan {plan.hash}")


def _why(summary: str, next_step: str) -> str:
    return f"{summary}; {next_step}" if next_step else summary


def _grouped(changes: Iterable[ObjectChange]) -> list[tuple[list[str], ObjectChange]]:
    groups: dict[tuple[str, str, tuple[FieldChange, ...] | str], list[ObjectChange]] = defaultdict(
        list
    )
    for change in changes:
        same = repr(change.fields)
        groups[change.object.component, f"{change.change} {change.object}", same].append(change)
    return [([one.object.cluster for one in group], group[0]) for group in groups.values()]


def _show_object(clusters: Sequence[str], change: ObjectChange) -> None:
    sign, style = SIGNS[change.change]
    where = clusters[0] if len(clusters) == 1 else f"{len(clusters)} clusters"
    console.line(f"{sign} {change.object}  [{where}]", style)
    show_fields(change.fields)


def show_fields(found: Sequence[FieldChange]) -> None:
    """Fields that differ, each on a line."""
    for field in found[:MOST_FIELDS]:
        console.line(f"    {field.path}: {shown(field.before)} -> {shown(field.after)}")
    if len(found) > MOST_FIELDS:
        console.line(f"    and {len(found) - MOST_FIELDS} more; -o json shows all")


def shown(value: Any) -> str:
    """A value on one line: text as it is, anything else as JSON."""
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = console.short_digests(text.replace("\n", "\\n"))
    return text if len(text) <= 200 else f"{text[:200]}..."


def _show_unrendered(plan: Plan) -> None:
    groups: dict[tuple[str, str, str, str, str], list[str]] = defaultdict(list)
    for one in plan.unrendered:
        groups[one.component, one.before, one.after, one.why, repr(one.values)].append(one.cluster)
    firsts = {(u.component, u.before, u.after, u.why, repr(u.values)): u for u in plan.unrendered}
    for key, clusters in groups.items():
        component, before, after, why, _ = key
        where = clusters[0] if len(clusters) == 1 else f"{len(clusters)} clusters"
        console.line(
            f"? {component}: {before or '(none)'} -> {after or '(none)'}  [{where}]", "cyan"
        )
        console.line(f"    not rendered: {why}")
        for field in firsts[key].values[:MOST_FIELDS]:
            console.line(f"    values.{field.path}: {shown(field.before)} -> {shown(field.after)}")


def _show_restarts(restarts: Sequence[Restart]) -> None:
    groups: dict[tuple[str, tuple[str, ...]], list[Restart]] = defaultdict(list)
    for restart in restarts:
        groups[str(restart.object), restart.because].append(restart)
    for (name, because), group in groups.items():
        pods = sum(one.pods or 0 for one in group)
        console.line(f"* {name} restarts {pods} pods: {', '.join(map(_short, because))}", "magenta")


def _short(path: str) -> str:
    return path.removeprefix("spec.template.").removeprefix("spec.")


def _summary(plan: Plan) -> str:
    counts: Counter[str] = Counter(change.change for change in plan.objects)
    objects = ", ".join(f"{counts[kind]} {kind}" for kind in SIGNS)
    pods = sum(restart.pods or 0 for restart in plan.restarts)
    rest = f"; {len(plan.unrendered)} not rendered" if plan.unrendered else ""
    return f"objects: {objects}{rest}; pods restarted: {pods}; files: {len(plan.files)}"


def agreement(
    *, yes: bool, dry_run: bool, quiet: bool, accepted: Sequence[str]
) -> Callable[[Plan], bool]:
    """How to agree to a plan: it is shown and asked about on a terminal; elsewhere --yes is
    needed. `quiet` leaves the plan to the JSON output."""

    def agree(plan: Plan) -> bool:
        if not quiet:
            show(plan)
        # What fails refuses by itself, with its own words.
        if yes or dry_run or not plan.passes or unaccepted(plan, accepted):
            return True
        if quiet or not console.interactive():
            raise Refused("nobody can be asked here", hint="add --yes to apply, or --dry-run")
        return console.ask(f"Apply this to {plan.environment}?")

    return agree


def report(outcome: Outcome) -> None:
    """How a change ended, on stderr."""
    plan = outcome.plan
    if not outcome.done and outcome.commit:
        console.say(f"{plan.environment} waits for the merge of commit {outcome.commit[:12]}")
    elif not outcome.done:
        console.say(f"dry run: {plan.environment} was not changed")
    elif outcome.commit is None:
        console.say(f"{plan.environment} runs {plan.release} already")
    else:
        console.say(f"{plan.environment} now has {plan.release} (commit {outcome.commit[:12]})")
