"""Why an Application isn't ready: a few words for each reason, empty where it isn't one.

Meaning of the fields: argo-cd's pkg/apis/application/v1alpha1, and what its controller makes of
them (controller/appcontroller.go: autoSync, processRequestedAppOperation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.expected import at_release, holds

if TYPE_CHECKING:
    from relman.core.expected import Expected
    from relman.core.models.live import ApplicationState

# An operation that will be tried again is Running between the tries: these are final.
FAILED = ("Failed", "Error")
BUSY = ("Running", "Terminating")
MOST = 250
# What of a specification says what is deployed, and where.
COMPARED = ("project", "destination", "source", "ignoreDifferences")


def untaken(want: Expected, state: ApplicationState | None) -> str:
    """Why the live Application isn't the one in git; empty when it is."""
    if state is None:
        return "Argo CD does not have it yet"
    if state.deleting:
        return "is being deleted"
    if state.release != want.release:
        return f"Argo CD still has {state.release or 'another release'}"
    parts = [key for key in COMPARED if not holds(state.spec.get(key), want.spec.get(key))]
    return f"Argo CD still has another {' and '.join(parts)}" if parts else ""


def failed(want: Expected, state: ApplicationState) -> str:
    """Why waiting won't help; empty when it may. What an earlier release did doesn't count, nor
    does a sync that Argo CD will try again."""
    if state.phase in FAILED and not state.pending and at_release(want, state.applied):
        return f"the sync failed: {first_line(state.operation_message)}"
    return ""


def behind(want: Expected, state: ApplicationState) -> str:
    """What it says against it, or that it has not compared it with this release yet."""
    if state.conditions:
        return first_line(state.conditions[0])
    if not at_release(want, state.compared):
        return "Argo CD has not compared it with this release yet"
    return ""


def not_done(want: Expected, state: ApplicationState) -> str:
    """What is still to happen before it is Synced and Healthy."""
    mine = at_release(want, state.applied)
    if state.phase in BUSY:
        what = "syncing" if mine else "still syncing what came before"
        told = first_line(state.operation_message)
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


def first_line(text: str) -> str:
    """What matters of a message: without the names of the calls that it came through."""
    line = text.strip().partition("\n")[0]
    kind, colon, rest = line.partition(": ")
    if not colon:
        return line[:MOST]
    inner = rest.rpartition("desc = ")[2]
    # The cause stands at the end of a chain.
    return f"{kind}: ...{inner[-MOST:]}" if len(inner) > MOST else f"{kind}: {inner}"
