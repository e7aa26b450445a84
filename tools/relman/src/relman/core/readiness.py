"""Whether Argo CD has brought an Application to its release: Synced and Healthy at that very
revision, by an operation that has finished and succeeded.

That Argo CD has seen a change is told from what it says to have compared, never from the time
of another machine. Meaning of the fields: argo-cd's pkg/apis/application/v1alpha1, and what
its controller makes of them (controller/appcontroller.go: autoSync, processRequestedAppOperation).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.core.models.live import EnvironmentHealth, Readiness

if TYPE_CHECKING:
    from relman.core.models.live import ApplicationState

# Whether a revision of the branch has this folder as git has it now.
IsCurrent = Callable[[str, str], bool]

# An operation that will be tried again is Running between the tries: these are final.
FAILED = ("Failed", "Error")
BUSY = ("Running", "Terminating")
# What of a specification says what is deployed, and where.
MOST = 250
EMPTY: tuple[Any, ...] = (None, "", [], {})
COMPARED = ("project", "destination", "source", "ignoreDifferences")


@dataclass(frozen=True)
class Expected:
    """An Application as git wants it."""

    name: str
    cluster: str
    component: str
    release: str
    spec: dict[str, Any]


@dataclass(frozen=True)
class Blocked:
    """Why the root Application brings nothing new; empty when nothing is known to stop it.
    `final`: waiting won't help."""

    reason: str = ""
    final: bool = False


def expected(application: dict[str, Any]) -> Expected:
    """What a generated Application promises."""
    labels = application["metadata"]["labels"]
    name, component = application["metadata"]["name"], labels["relman/component"]
    return Expected(
        name=name,
        cluster=name.removesuffix(f"-{component}"),
        component=component,
        release=labels["relman/release"],
        spec=application["spec"],
    )


def of_root(root: ApplicationState | None, folder: str, is_current: IsCurrent) -> Blocked:
    """Whether the root Application, which reads `folder`, is known to be stuck."""
    if root is None:
        return Blocked(f"no root Application reads {folder}: relman bootstrap applies it")
    if root.phase in FAILED and not root.pending and is_current(root.revision, folder):
        why = _first_line(root.operation_message)
        return Blocked(f"the root Application {root.name} failed to sync: {why}", final=True)
    if root.conditions:
        return Blocked(f"the root Application {root.name}: {_first_line(root.conditions[0])}")
    return Blocked()


def judge(
    want: Expected, state: ApplicationState | None, blocked: Blocked = Blocked()
) -> Readiness:
    """One Application against what git wants of it."""
    untaken = _untaken(want, state)
    if state is None or untaken:
        reason = f"{untaken} ({blocked.reason})" if blocked.reason else untaken
        return _answer(want, state, "failed" if blocked.final else "waiting", reason)
    if reason := _failed(want, state):
        return _answer(want, state, "failed", reason, current=True)
    if reason := _behind(want, state):
        return _answer(want, state, "waiting", reason)
    reason = _not_done(want, state)
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
        applied=state is not None and _at_release(want, state.applied),
        sync=state.sync if state else "Missing",
        health=state.health if state else "Missing",
        since=_since(want, state) if state else None,
    )


def _since(want: Expected, state: ApplicationState) -> str | None:
    """The last change of health or end of an operation, whichever was later. RFC 3339 in UTC
    sorts as text."""
    finished = state.operation_finished if _at_release(want, state.applied) else None
    return max(filter(None, (state.health_since, finished)), default=None)


def _at_release(want: Expected, source: dict[str, Any]) -> bool:
    """Whether it is of this source: the chart at its version, with these values."""
    return bool(source) and _holds(source, want.spec["source"])


def _untaken(want: Expected, state: ApplicationState | None) -> str:
    """Why the live Application isn't the one in git; empty when it is."""
    if state is None:
        return "Argo CD does not have it yet"
    if state.deleting:
        return "is being deleted"
    if state.release != want.release:
        return f"Argo CD still has {state.release or 'another release'}"
    parts = [key for key in COMPARED if not _holds(state.spec.get(key), want.spec.get(key))]
    return f"Argo CD still has another {' and '.join(parts)}" if parts else ""


def _holds(live: Any, wanted: Any) -> bool:
    """Whether everything wanted is there. An API server may have filled in more, and Argo CD
    leaves out what is empty when it writes an Application."""
    if isinstance(wanted, dict):
        there = live if isinstance(live, dict) else {}
        return all(_holds(there.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(live, list):
        return len(live) == len(wanted) and all(map(_holds, live, wanted))
    return bool(live == wanted) or (live in EMPTY and wanted in EMPTY)


def _failed(want: Expected, state: ApplicationState) -> str:
    """Why waiting won't help; empty when it may. What an earlier release did doesn't count, nor
    does a sync that Argo CD will try again."""
    if state.phase in FAILED and not state.pending and _at_release(want, state.applied):
        return f"the sync failed: {_first_line(state.operation_message)}"
    return ""


def _behind(want: Expected, state: ApplicationState) -> str:
    if state.conditions:
        return _first_line(state.conditions[0])
    if not _at_release(want, state.compared):
        return "Argo CD has not compared it with this release yet"
    return ""


def _not_done(want: Expected, state: ApplicationState) -> str:
    mine = _at_release(want, state.applied)
    if state.phase in BUSY:
        what = "syncing" if mine else "still syncing what came before"
        told = _first_line(state.operation_message)
        return f"{what}: {told}" if told else what
    if state.pending:
        return "a sync is about to begin"
    if state.sync != "Synced":
        return f"is {state.sync}"
    if (state.reconciled or "") < (state.operation_finished or ""):
        return "Argo CD has not looked at it since its last sync"
    if state.health != "Healthy":
        why = _unhealthy(state)
        return f"{state.health.lower()}: {why}" if why else state.health.lower()
    return ""


def _unhealthy(state: ApplicationState) -> str:
    """The first objects that are not healthy, with Argo CD's reasons where it keeps them."""
    shown = [f"{o.kind}/{o.name}: {o.message or o.health}" for o in state.unhealthy[:3]]
    more = len(state.unhealthy) - len(shown)
    return "; ".join(shown) + (f" (+{more})" if more > 0 else "") or state.health_message


def _first_line(text: str) -> str:
    """What matters of a message: without the names of the calls that it came through."""
    line = text.strip().partition("\n")[0]
    kind, colon, rest = line.partition(": ")
    if not colon:
        return line[:MOST]
    inner = rest.rpartition("desc = ")[2]
    # The cause stands at the end of a chain.
    return f"{kind}: ...{inner[-MOST:]}" if len(inner) > MOST else f"{kind}: {inner}"
