"""What comes after applying: waiting until an environment is well, watching that it stays so,
and going back by itself when it doesn't."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from relman.core import history
from relman.core.emergency import refusal
from relman.core.errors import Refused, RelmanError, Unavailable
from relman.core.models.live import EnvironmentHealth
from relman.operations import change
from relman.operations.looking import looking
from relman.operations.planning import Intent
from relman.operations.wait import until_ready

if TYPE_CHECKING:
    from relman.operations.change import Outcome, Report, Terms
    from relman.operations.looking import Looker
    from relman.operations.repository import Repository
    from relman.operations.wait import Time
    from relman.operations.workspace import Workspace

# For so many seconds it must be well before it counts as delivered.
STABLE = 10.0
# So long it may be anything but well before it counts as lost: autoscaling, a node that goes.
PATIENCE = 30.0
POLL = 5.0


@dataclass(frozen=True)
class Watch:
    """How long to wait for an environment to be well, and then how long to watch that it stays
    so; `rollback` says to go back when it isn't or doesn't. All in seconds."""

    time: Time
    timeout: float
    watch: float = 0.0
    rollback: bool = False


def finish(
    workspace: Workspace, outcome: Outcome, terms: Terms, limits: Watch | None, report: Report
) -> None:
    """Reports a change, and sees it through where `limits` say how; `report` hears of the health
    that it ended with, and of a rollback.

    Raises Refused when the environment isn't well (then it was rolled back, where that is asked
    for), Unavailable when that can't be known: nothing is rolled back for that.
    """
    report(outcome)
    if limits is None or terms.dry_run:
        return
    name, release = outcome.plan.environment, outcome.plan.release
    why = _unwell(workspace, outcome, limits, report)
    if not why:
        workspace.progress(f"{name} is well at {release}")
        return
    if not limits.rollback:
        raise Refused(f"{name} is not well at {release}: {why}", hint=_next(outcome))
    back = _roll_back(workspace, outcome, terms, why)
    report(back)
    try:
        _unwell(workspace, back, replace(limits, watch=0.0), report)
    except Unavailable as error:
        workspace.progress(str(error))
    raise Refused(
        f"{name} was not well at {release} and is back at {back.plan.release}: {why}",
        hint=f"mend it and cut a new release; or relman unblock {name} {release} --reason WHY",
    )


def _unwell(workspace: Workspace, outcome: Outcome, limits: Watch, report: Report) -> str:
    """Why it isn't well, or doesn't stay so; empty when it is and does."""
    name, release = outcome.plan.environment, outcome.plan.release
    workspace.progress(f"waiting for {name} to be well at {release}")
    workspace.fresh()
    with looking(workspace, name, release, workspace.progress) as looker:
        stable = min(STABLE, limits.timeout)
        health = until_ready(looker, timeout=limits.timeout, stable=stable, time=limits.time)
        report.health(health)
        why = _late(health)
        if why or limits.watch <= 0:
            return why
        workspace.progress(f"watching {name} for {limits.watch:g} s")
        health = _watched(looker, limits)
        report.health(health)
        return _late(health)


def _next(outcome: Outcome) -> str:
    plan = outcome.plan
    forward = plan.action in ("deploy", "promote")
    return f"relman {'rollback' if forward else 'wait'} {plan.environment}"


def _late(health: EnvironmentHealth) -> str:
    """Why it isn't well; empty when it is. Raises Unavailable when that isn't known."""
    if health.problem:
        raise Unavailable(
            f"whether {health.environment} is well at {health.release} is not known: "
            f"{health.problem}",
            hint=f"it was applied and not rolled back; relman wait {health.environment}",
        )
    bad = [one for one in health.applications if one.state != "ready"]
    if not bad:
        return ""
    rest = f" (+{len(bad) - 1})" if bad[1:] else ""
    return f"{bad[0].application}: {bad[0].reason or bad[0].state}{rest}"


def _watched(looker: Looker, limits: Watch) -> EnvironmentHealth:
    """How it is at the end of the time to watch, or when it has been well no longer. When Argo CD
    can't be asked for a while, nothing is concluded from that."""
    clock = limits.time.clock
    end, since = clock() + limits.watch, None
    while True:
        health = _looked(looker, clock())
        now = clock()
        if health.problem or health.ready:
            since = None
        elif health.failed or (since is not None and now - since >= PATIENCE):
            return health
        else:
            since = now if since is None else since
        if now >= end and since is None:
            return health
        limits.time.sleep(POLL)


def _looked(looker: Looker, now: float) -> EnvironmentHealth:
    """How it is now. A remote or an Argo CD that is away passes, or is told at the end."""
    try:
        looker.workspace.fresh()
        return looker.look(now)
    except Unavailable as error:
        return EnvironmentHealth(
            environment=looker.environment, release=looker.release, problem=str(error)
        )


def _roll_back(workspace: Workspace, outcome: Outcome, terms: Terms, why: str) -> Outcome:
    name, release = outcome.plan.environment, outcome.plan.release

    def choose(repository: Repository) -> Intent:
        chain = repository.chain(name)
        if chain.current != release:
            raise Refused(
                f"{name} runs {chain.current} by now, and was not rolled back",
                hint="relman history shows who changed it",
            )
        return Intent(name, history.previous_release(chain), "rollback")

    reason = f"by itself, as {name} was not well at {release}: {why}"
    workspace.progress(f"rolling back {name}: {why}")
    # Of what was passed over on the way in, what a way back can pass over too.
    skipped = [one for one in terms.decision.emergency if not refusal("rollback", one, reason)]
    said = replace(terms.decision, reason=reason, accepted=(), emergency=skipped)
    try:
        return change.run(workspace, choose, replace(terms, agree=lambda _: True, decision=said))
    except RelmanError as error:
        error.message = f"{name} is not well at {release} ({why}), and stays there: {error.message}"
        error.args = (error.message,)
        raise
