"""`relman sandbox down`: ends every process of the sandbox, and removes its folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import background
from relman.core.errors import Invalid, Unavailable
from relman.operations.sandbox.status import status

if TYPE_CHECKING:
    from relman.core.models.sandbox import SandboxStatus
    from relman.core.sandbox.layout import Layout

# Asked to stop, an API server may wait for minutes for its watchers.
GRACE = 5.0


def down(where: Layout) -> SandboxStatus:
    """Leaves neither process nor file, also of a sandbox that was killed half-way.

    Raises Invalid for a folder that isn't a sandbox's, Unavailable when something stays.
    """
    root = Path(where.root)
    if root.exists() and any(root.iterdir()) and not Path(where.state).exists():
        raise Invalid(f"{root} is not a sandbox", hint="nothing was removed")
    # Etcd last: an API server without one answers nonsense while it goes.
    background.stop(root, lambda name: name != "etcd", GRACE)
    background.stop(root, lambda _: True, GRACE)
    if left := background.running(root):
        names = ", ".join(sorted(left))
        raise Unavailable(f"{names} can't be ended", hint="look at them with ps, then run it again")
    shutil.rmtree(root, ignore_errors=True)
    return status(where)
