"""One sandbox for all of these tests, with release 1.0.0 in every environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from relman.core.errors import RelmanError
from relman.operations.sandbox import state

from ..charts.conftest import built_charts
from .world import World

__all__ = ["built_charts"]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def programs() -> None:
    """The built programs; in CI nothing may be skipped for want of one."""
    try:
        state.tools()
    except RelmanError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(f"{error}: {error.hint}")


@pytest.fixture(scope="session")
def started(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A sandbox that nothing was deployed to."""
    world = World(tmp_path_factory.mktemp("sandbox") / "sandbox")
    up = world.sandbox("up")
    try:
        assert up.returncode == 0, up.stderr
        yield world
    finally:
        world.sandbox("down")


@pytest.fixture(scope="session")
def world(started: World) -> World:
    """The same with the first release everywhere."""
    started.release("1.0.0", to="prod", each=True)
    return started


@pytest.fixture
def folder(programs: None, tmp_path: Path) -> Iterator[Path]:
    """Where a test puts a sandbox of its own; whatever it leaves is taken down. Its path needs
    quoting in a shell and in a URL, as a home folder's may."""
    place = tmp_path / "my $own place"
    yield place
    World(place).sandbox("down")
