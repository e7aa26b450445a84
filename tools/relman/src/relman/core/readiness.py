"""Whether Argo CD has brought an Application to its release: Synced and Healthy at that very
revision, by an operation that has finished and succeeded.

The times of different machines are never compared: that Argo CD has seen a change is told from
the revisions that it names. Meaning of the fields: argo-cd's pkg/apis/application/v1alpha1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.core.models.live import EnvironmentHealth, Readiness

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relman.core.models.live import ApplicationState

# An operation in one of these has ended without applying everything, retries included.
FAILED = ("Failed", "Error")


@dataclass(frozen=True)
class Expected:
    """An Application as git wants it: the revision of its chart, and its values file."""

    name: str
    cluster: str
    component: str
    release: str
    revision: str
    value_files: tuple[str, ...]


def expected(application: dict[str, Any]) -> Expected:
    """What a generated Application promises."""
    labels = application["metadata"]["labels"]
    name, component = application["metadata"]["name"], labels["relman/component"]
    chart = application["spec"]["sources"][0]
    return Expected(
        name=name,
        cluster=name.removesuffix(f"-{component}"),
        component=component,
        release=labels["relman/release"],
        revision=chart["targetRevision"],
        value_files=tuple(chart.get("helm", {}).get("valueFiles", ())),
    )


def judge(
    want: Expected, state: ApplicationState | None, is_current: Callable[[str], bool]
) -> Readiness:
    """`is_current` says whether a revision of the branch holds what git wants now."""
    if state is None:
        return _answer(want, None, "waiting", "Argo CD does not have it yet")
    reason = _failed(want, state)
    if reason:
        return _answer(want, state, "failed", reason)
    reason = _behind(want, state, is_current) or _not_done(state)
    return _answer(want, state, "waiting" if reason else "ready", reason)


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


def _answer(want: Expected, state: ApplicationState | None, verdict: Any, reason: str) -> Readiness:
    return Readiness(
        application=want.name,
        cluster=want.cluster,
        component=want.component,
        state=verdict,
        reason=reason,
        sync=state.sync if state else "Missing",
        health=state.health if state else "Missing",
        since=_since(state) if state else None,
    )


def _since(state: ApplicationState) -> str | None:
    """The last change of health or end of an operation, whichever was later. RFC 3339 in UTC
    sorts as text."""
    times = [time for time in (state.health_since, state.operation_finished) if time]
    return max(times, default=None)


def _at_release(want: Expected, state: ApplicationState) -> bool:
    return state.wanted[:1] == (want.revision,) and state.value_files == want.value_files


def _failed(want: Expected, state: ApplicationState) -> str:
    """Why waiting won't help; empty when it may. What an earlier release did doesn't count."""
    if not _at_release(want, state):
        return ""
    tried = state.applied[:1] == (want.revision,) or not state.applied
    if state.phase in FAILED and tried:
        return f"the sync failed: {_first_line(state.operation_message)}"
    if state.health == "Degraded" and state.compared[:1] == (want.revision,):
        return f"degraded: {_unhealthy(state)}"
    return ""


def _behind(want: Expected, state: ApplicationState, is_current: Callable[[str], bool]) -> str:
    if not _at_release(want, state):
        return f"Argo CD still has {state.release or 'another release'}"
    if state.conditions:
        return _first_line(state.conditions[0])
    if state.compared[:1] != (want.revision,):
        return "Argo CD has not compared it with this release yet"
    if not all(is_current(revision) for revision in state.compared[1:]):
        return "Argo CD has not seen the last commit yet"
    return ""


def _not_done(state: ApplicationState) -> str:
    if state.phase == "Running":
        return f"syncing: {_first_line(state.operation_message)}"
    if state.sync != "Synced":
        return f"is {state.sync}"
    if state.phase is not None and state.phase != "Succeeded":
        return f"the last operation is {state.phase}: {_first_line(state.operation_message)}"
    if state.health != "Healthy":
        return f"{state.health.lower()}: {_unhealthy(state)}"
    return ""


def _unhealthy(state: ApplicationState) -> str:
    """The first objects that are not healthy, with Argo CD's reasons."""
    shown = [f"{o.kind}/{o.name}: {o.message or o.health}" for o in state.unhealthy[:3]]
    more = len(state.unhealthy) - len(shown)
    return "; ".join(shown) + (f" (+{more})" if more > 0 else "") or state.health_message or "-"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:300]
