"""What a source of evidence is asked about."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from relman.adapters import aws, rendering, yaml
from relman.core import installations, manifests
from relman.operations import rendered

if TYPE_CHECKING:
    from collections.abc import Callable

    from relman.core.installations import Installation
    from relman.core.manifests import Manifest
    from relman.core.models.environment import Environment
    from relman.core.models.plan import Plan
    from relman.core.models.release import Release
    from relman.operations.repository import Repository


Objects = tuple[dict[str, list["Manifest"]], str]


class Once:
    """Something that several sources need, made by the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[Objects] = []

    def get(self, make: Callable[[], Objects]) -> Objects:
        """What was made, now or before."""
        with self._lock:
            if not self._made:
                self._made.append(make())
            return self._made[0]


@dataclass(frozen=True)
class Asked:
    """A plan, and how many seconds there are to answer, from when this was made."""

    repository: Repository
    environment: Environment
    release: Release
    plan: Plan
    seconds: float
    begun: float = field(default_factory=time.monotonic)
    _objects: Once = field(default_factory=Once)

    def within(self, seconds: float) -> Asked:
        """The same with so many seconds from now."""
        return replace(self, seconds=seconds, begun=time.monotonic())

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.seconds - (time.monotonic() - self.begun))

    @property
    def access(self) -> aws.Access:
        """How to log in to the environment's AWS account."""
        return aws.Access(self.environment.aws.profile, self.environment.aws.role_arn)

    @property
    def installations(self) -> list[Installation]:
        """What would be installed."""
        facts = self.repository.facts(self.environment)
        contents = installations.contents_of(self.release)
        return list(installations.installations(contents, self.environment, facts))

    def objects(self) -> Objects:
        """All objects that there would be, by cluster; and a problem when some of those that
        change can't be rendered here. What isn't rendered and stays as it is, is left out."""
        return self._objects.get(self._rendered)

    def _rendered(self) -> Objects:
        renderer = rendered.Renderer(self.repository.snapshot)
        changed = {(one.cluster, one.component) for one in self.plan.unrendered}
        found: dict[str, list[Manifest]] = {c.name: [] for c in self.environment.clusters}
        unseen: dict[str, str] = {}
        for item in self.installations:
            target = rendered.of_installation(item, self.release.charts.commit)
            request = renderer.request(target)
            if not isinstance(request, str):
                texts = manifests.split(rendering.render(request))
                found[item.cluster] += [one for t in texts for one in _parsed(t, item.namespace)]
            elif (item.cluster, item.name) in changed:
                unseen[item.name] = request
        why = next(iter(unseen.values()), "")
        return found, f"not rendered: {', '.join(unseen)}: {why}" if unseen else ""


@lru_cache(maxsize=4096)
def _parsed(text: str, namespace: str) -> tuple[Manifest, ...]:
    """Most documents are the same, letter by letter, on many clusters."""
    return tuple(manifests.parse([text], yaml.load_all, namespace))
