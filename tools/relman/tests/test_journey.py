"""The main job from its beginning to its end."""

from __future__ import annotations

import pytest

from .lab import Lab


@pytest.fixture(params=["lab", "remote_lab"])
def any_lab(request: pytest.FixtureRequest) -> Lab:
    """With a remote and without one."""
    found: Lab = request.getfixturevalue(request.param)
    return found


def test_a_release_goes_from_dev_to_prod_and_back(any_lab: Lab) -> None:
    any_lab.cut("1.0.0")
    any_lab.ok("deploy", "dev", "--yes")
    any_lab.ok("promote", "dev", "prod", "--yes")
    any_lab.cut("1.1.0", web=2)
    any_lab.ok("deploy", "dev", "--yes")
    any_lab.ok("promote", "dev", "prod", "--yes")
    assert any_lab.runs() == {"dev": "1.1.0", "staging": "1.1.0", "prod": "1.1.0"}
    any_lab.ok("rollback", "prod", "--yes", "--reason", "checkout fails")
    assert any_lab.runs() == {"dev": "1.1.0", "staging": "1.1.0", "prod": "1.0.0"}
    refused = any_lab.relman("promote", "staging", "prod", "--yes")
    assert refused.code == 1
    assert "relman unblock prod 1.1.0" in refused.err
    any_lab.ok("audit")
    any_lab.ok("render", "--check")
    any_lab.ok("unblock", "prod", "1.1.0", "--reason", "mended")
    any_lab.ok("promote", "staging", "prod", "--yes")
    assert any_lab.runs()["prod"] == "1.1.0"
    any_lab.ok("audit")
