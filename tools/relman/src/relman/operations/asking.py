"""When Argo CD is asked to compare an Application now instead of at its next poll.

Those that have not seen the release wait for git, and git is looked at seldom: the root
Application first. Those that have seen it and aren't ready may be ready all the same: Argo CD's
controller loses events of objects' health (argo-cd 3.6), and then finds out at its next resync,
minutes later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relman.adapters.argocd import Delivered
    from relman.core.models.live import EnvironmentHealth

# Seconds between two requests: of what waits for git, and of what waits for health.
GIT, HEALTH = 20.0, 5.0
# So many are asked for at a time; in a large environment the others have to wait for their turn.
AT_ONCE = 20
NEVER = float("-inf")


@dataclass
class Asking:
    """Remembers when it has asked for what."""

    _asked: dict[str, float] = field(default_factory=dict)

    def due(self, health: EnvironmentHealth, there: Delivered, now: float) -> list[str]:
        """The Applications that are to be asked for now; the root Application is the first."""
        pauses = _pauses(health, there)
        due = [name for name, pause in pauses.items() if now - self._last(name) >= pause]
        chosen = sorted(due, key=self._last)[:AT_ONCE]
        self._asked |= dict.fromkeys(chosen, now)
        return chosen

    def _last(self, name: str) -> float:
        return self._asked.get(name, NEVER)


def _pauses(health: EnvironmentHealth, there: Delivered) -> dict[str, float]:
    """How seldom each is asked for. What is being compared already needs no request."""
    waiting = [one for one in health.applications if one.state == "waiting"]
    lagging = any(not one.current for one in waiting)
    root = {there.root.name: GIT} if there.root and lagging else {}
    return root | {
        one.application: HEALTH if one.current else GIT
        for one in waiting
        if (state := there.applications.get(one.application)) and not state.refreshing
    }
