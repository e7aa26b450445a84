"""Which Applications a change touches, each as it is and as it will be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import generated
from relman.operations import rendered
from relman.operations.comparison import Pair

if TYPE_CHECKING:
    from relman.adapters.snapshot import Snapshot
    from relman.core.generated import Generated
    from relman.core.models.release import Release
    from relman.operations.desired import Present


def changed(
    snapshot: Snapshot,
    here: Present,
    wanted: Generated,
    release: Release,
    files: dict[str, bytes | None],
    current: str | None,
) -> list[Pair]:
    """Only Applications of which more changes than the release's name; the rest is known to
    render as before."""
    environment = here.environment
    found = []
    for name in sorted({*here.applications, *wanted.installations}):
        path = generated.application_path(environment, name)
        if path not in files:
            continue
        if _only_renamed(snapshot, here, wanted, path, current, release.version):
            continue
        before = rendered.of_application(snapshot, path) if path in here.ids else None
        item = wanted.installations.get(name)
        after = rendered.of_installation(item, release.charts.commit) if item else None
        found.append(Pair(before, after))
    return found


def _only_renamed(
    snapshot: Snapshot,
    here: Present,
    wanted: Generated,
    path: str,
    current: str | None,
    version: str,
) -> bool:
    """Whether an Application differs in the release's name only, where relman writes it. Most are
    like that in most changes, so this is told from the texts."""
    if current is None or path not in wanted.files or path not in here.ids:
        return False
    text = (snapshot.read(path) or b"").decode()
    label = 'relman/release: "{}"'
    renamed = text.replace(label.format(current), label.format(version), 1)
    return renamed.encode() == wanted.files[path]
