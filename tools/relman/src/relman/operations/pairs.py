"""Which Applications a change touches, each as it is and as it will be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.adapters import commits
from relman.core import generated
from relman.operations import rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.adapters.git import Git
    from relman.adapters.snapshot import Snapshot
    from relman.core.generated import Generated
    from relman.core.models.release import Release
    from relman.operations.desired import Present
    from relman.operations.rendered import Target


@dataclass(frozen=True)
class Pair:
    """One Application before and after; None where it isn't there."""

    before: Target | None
    after: Target | None

    @property
    def any(self) -> Target:
        """Either side, the new one first."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a pair of nothing")
        return found

    @property
    def unchanged(self) -> bool:
        """Whether both sides are the same; to Python 1 and true are equal, to Helm they aren't."""
        if self.before is None or self.after is None or self.before != self.after:
            return False
        return json.dumps(self.before.values) == json.dumps(self.after.values)

    @property
    def same_server(self) -> bool:
        """Whether both sides are on the same API server, as far as Argo CD is told."""
        return not (self.before and self.after) or self.before.server == self.after.server

    @property
    def same_place(self) -> bool:
        """Whether equal texts are equal objects on both sides."""
        moved = self.before and self.after and self.before.namespace != self.after.namespace
        return self.same_server and not moved


def changed(
    snapshot: Snapshot,
    here: Present,
    wanted: Generated,
    release: Release,
    files: dict[str, bytes | None],
    current: str | None,
) -> Iterator[Pair]:
    """Only Applications of which more changes than the release's name; the rest is known to
    render as before. A pair is given as soon as it is known."""
    environment = here.environment
    for name in sorted({*here.applications, *wanted.installations}):
        path = generated.application_path(environment, name)
        if path not in files:
            continue
        if current and _only_renamed(snapshot.git, here, wanted, path, current, release.version):
            continue
        before = rendered.of_application(snapshot, path) if path in here.ids else None
        item = wanted.installations.get(name)
        after = rendered.of_installation(item, release.charts.commit) if item else None
        yield Pair(before, after)


def _only_renamed(
    git: Git, here: Present, wanted: Generated, path: str, current: str, version: str
) -> bool:
    """Whether an Application differs in the release's name only, where relman writes it. Most
    are like that in most changes, so nothing is read for this: the new text with the old name in
    it has the id of the old one."""
    if path not in wanted.files or path not in here.ids:
        return False
    label = b'relman/release: "%s"'
    text = wanted.files[path].replace(label % version.encode(), label % current.encode(), 1)
    return here.ids[path] == commits.blob_id(git, text)
