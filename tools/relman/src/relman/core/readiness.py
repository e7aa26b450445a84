"""Whether Argo CD has brought an Application to its release: Synced and Healthy at that very
revision, by an operation that has finished and succeeded.

That Argo CD has seen a change is told from what it says to have compared, never from the time
of another machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.core import unready
from relman.core.expected import at_release
from relman.core.models.live import EnvironmentHealth, Readiness

if TYPE_CHECKING:
    from relman.core.expected import Expected
    from relman.core.models.live import ApplicationState

# Whether a revision of the branch has this folder as git has it now.
IsCurrent = Callable[[str, str], bool]


@dataclass(frozen=True)
class Blocked:
    """Why the root Application brings nothing new; empty when nothing is known to stop it.
    `final`: waiting won't help."""

    reason: str = ""
    final: bool = False


def of_root(root: ApplicationState | None, folder: str, is_current: IsCurrent) -> Blocked:
    """Whether the root Application, which reads `folder`, is known to be stuck."""
    if root is None:
        return Blocked(f"no root Application reads {folder}: relman bootstrap applies it")
    if root.phase in unready.FAILED and not root.pending and is_current(root.revision, folder):
        why = unready.first_line(root.operation_message)
        return Blocked(f"the root Application {root.name} failed to sync: {why}", final=True)
    if root.conditions:
        return Blocked(
            f"the root Application {root.name}: {unready.first_line(root.conditions[0])}"
        )
    return Blocked()


def judge(
    want: Expected, state: ApplicationState | None, blocked: Blocked = Blocked()
) -> Readiness:
    """One Application against what git wants of it."""
    why = unready.untaken(want, state)
    if state is None or why:
        reason = f"{why} ({blocked.reason})" if blocked.reason else why
        return _answer(want, state, "failed" if blocked.final else "waiting", reason)
    if reason := unready.failed(want, state):
        return _answer(want, state, "failed", reason, current=True)
    if reason := unready.behind(want, state):
        return _answer(want, state, "waiting", reason)
    reason = unready.not_done(want, state)
    return _answer(want, state, "waiting" if reason else "ready", reason, current=True)


def left_over(state: ApplicationState) -> Readiness:
    """An Application that git has no more."""
    return Readiness(
        application=state.name,
        cluster=state.name.removesuffix(f"-{state.component}"),
        component=state.component,
        state="waiting",
        reason="is being deleted" if state.deleting else "git has it no more; Argo CD still has it",
        sync=state.sync,
        health=state.health,
    )


def of_environment(
    environment: str, release: str | None, found: Sequence[Readiness]
) -> EnvironmentHealth:
    """All of them, with the time from which all have been ready."""
    ready = bool(found) and all(one.state == "ready" for one in found)
    times = [one.since for one in found if one.since]
    return EnvironmentHealth(
        environment=environment,
        release=release,
        applications=tuple(found),
        since=max(times, default=None) if ready else None,
    )


def _answer(
    want: Expected,
    state: ApplicationState | None,
    verdict: Any,
    reason: str,
    *,
    current: bool = False,
) -> Readiness:
    return Readiness(
        application=want.name,
        cluster=want.cluster,
        component=want.component,
        state=verdict,
        reason=reason,
        current=current,
        applied=state is not None and at_release(want, state.applied),
        sync=state.sync if state else "Missing",
        health=state.health if state else "Missing",
        since=_since(want, state) if state else None,
    )


def _since(want: Expected, state: ApplicationState) -> str | None:
    """The last change of health or end of an operation, whichever was later. RFC 3339 in UTC
    sorts as text."""
    finished = state.operation_finished if at_release(want, state.applied) else None
    return max(filter(None, (state.health_since, finished)), default=None)
