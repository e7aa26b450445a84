"""What Argo CD calls Synced though it isn't.

When a comparison fails (its dry-run is refused: a field that can't be changed, a webhook that is
away), Argo CD says so once. Its next comparison finds the same source as the failed one and takes
the differences out of its cache, which are those from before the change: Synced, and no error
(argo-cd 3.6: controller/state.go, useDiffCache). A comparison that was asked for doesn't use that
cache. So what is Synced without an operation of its own is asked for, once, before it is believed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relman.core.models.live import ApplicationState, Readiness

ASKED = "Argo CD is asked to compare it once more"


@dataclass
class Doubts:
    """Which Applications have been asked about, and which are believed."""

    _asked: set[str] = field(default_factory=set)
    _believed: set[str] = field(default_factory=set)
    _errors: dict[str, str] = field(default_factory=dict)

    def settle(
        self, found: Iterable[Readiness], states: Mapping[str, ApplicationState]
    ) -> tuple[list[Readiness], list[str]]:
        """The verdicts with those that are not believed yet as waiting, and the Applications
        that Argo CD is to be asked about."""
        verdicts, ask = [], []
        for one in found:
            verdict = self._verdict(one, states.get(one.application))
            verdicts.append(verdict)
            if verdict is not one and one.application not in self._asked:
                self._asked.add(one.application)
                ask.append(one.application)
        return verdicts, ask

    def _verdict(self, one: Readiness, state: ApplicationState | None) -> Readiness:
        name = one.application
        if one.state != "ready" or one.applied or state is None:
            self._reset(one, state)
            return one
        if name in self._asked and not state.refreshing:
            self._believed.add(name)
        if name in self._believed:
            return one
        error = self._errors.get(name)
        reason = f"its last comparison failed: {error}" if error else ASKED
        return one.model_copy(update={"state": "waiting", "reason": reason})

    def _reset(self, one: Readiness, state: ApplicationState | None) -> None:
        """What isn't ready any more is asked about anew; an error is remembered as the reason."""
        self._believed.discard(one.application)
        if state is None or not state.refreshing:
            self._asked.discard(one.application)
        if state and state.conditions:
            self._errors[one.application] = one.reason
        else:
            self._errors.pop(one.application, None)
