"""The golden renders are what the charts and the environments render now."""

from __future__ import annotations

import difflib

from . import golden


def test_golden_renders_are_current() -> None:
    """When this fails, look at the difference; if it is wanted: make golden."""
    wanted = golden.renders()
    present = {path: path.read_text() for path in golden.HERE.glob("*/*.yaml")}
    assert set(present) == set(wanted)
    for path, text in wanted.items():
        changed = difflib.unified_diff(present[path].splitlines(), text.splitlines(), lineterm="")
        assert not list(changed), f"{path.name} differs; make golden writes it anew"
