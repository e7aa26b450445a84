"""Golden renders: what each environment would run with the charts as they are now.

They are there to be reviewed: a change of a chart or of values shows in them as the change of
Kubernetes objects that it is. `make golden` writes them anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
OURS = ("platform", "retail")


def renders() -> dict[Path, str]:
    """The files that there should be, with their contents."""
    from relman.operations import render, workspace

    found = {}
    with workspace.opened(ROOT) as here:
        repository = here.worktree()
        for environment in repository.environments:
            for component in OURS:
                for one in render.manifests(repository, environment, None, component):
                    found[HERE / environment / f"{one.cluster}-{component}.yaml"] = one.text
    return found


def main() -> None:
    """--write writes them."""
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("golden.py --write")
    wanted = renders()
    for old in set(HERE.glob("*/*.yaml")) - set(wanted):
        old.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
