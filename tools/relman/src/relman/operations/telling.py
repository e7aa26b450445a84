"""What a person hears while an environment is waited for: what is new, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relman.core.models.live import Readiness

# More Applications than these with the same news share a line.
ONE_BY_ONE = 2

Progress = Callable[[str], None]


@dataclass
class Telling:
    """Remembers what it has said, of each Application and of each other matter."""

    progress: Progress
    _said: dict[str, str] = field(default_factory=dict)

    def of(self, found: Iterable[Readiness]) -> None:
        """What is new of each Application; those with the same news share a line."""
        groups: dict[str, list[str]] = {}
        for one in found:
            if self._said.get(one.application) != _told(one):
                self._said[one.application] = _told(one)
                groups.setdefault(_told(one), []).append(one.application)
        for told, names in groups.items():
            for name in names if len(names) <= ONE_BY_ONE else []:
                self.progress(f"{name}: {told}")
            if len(names) > ONE_BY_ONE:
                self.progress(f"{names[0]} and {len(names) - 1} more: {told}")

    def say(self, matter: str, text: str) -> None:
        """Something else, if it is new."""
        if self._said.get(matter) != text:
            self._said[matter] = text
            self.progress(text)

    def forget(self, matter: str) -> None:
        """It has passed; when it comes again, it is news again."""
        self._said.pop(matter, None)


def _told(one: Readiness) -> str:
    return "ready" if one.state == "ready" else one.reason
