"""The fixtures: a machine with Go, one without, and a way to wait."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .lab import SLOW_GO, SOURCE, Lab, Until

# A shell that starts the tests in the background lets them ignore ^C, and so would their children.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def go_env() -> dict[str, str]:
    """The real Go and its build cache: shared, so that its library is compiled once."""
    installed = sorted(Path.home().glob(".cache/relman/tools/go-*/go/bin/go"))
    go = shutil.which("go") or (str(installed[-1]) if installed else "")
    if not go and os.environ.get("CI") == "true":
        pytest.fail("Go is not here: make tools installs it where PATH has none")
    if not go:
        pytest.skip("Go is not here")
    cache = subprocess.check_output([go, "env", "GOCACHE"], text=True).strip()
    return {"go": go, "GOCACHE": cache}


@pytest.fixture
def bare_lab(tmp_path: Path) -> Lab:
    """A machine without Go and without tools."""
    for folder in ("bin", "home", "catalogue/source"):
        (tmp_path / folder).mkdir(parents=True)
    env = {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GOPROXY": "off",
        "RELMAN_TOOLCHAIN_GO": "path",
    }
    lab = Lab(tmp_path, env)
    lab.source.write_text(SOURCE)
    (lab.source.parent / "go.mod").write_text("module example.invalid/hello\n\ngo 1.24\n")
    lab.add_tool("hello")
    return lab


@pytest.fixture
def lab(bare_lab: Lab, go_env: dict[str, str]) -> Lab:
    """A machine with Go."""
    bare_lab.on_path("go", SLOW_GO.format(root=bare_lab.root, go=go_env["go"]))
    bare_lab.env["GOCACHE"] = go_env["GOCACHE"]
    return bare_lab


@pytest.fixture
def until() -> Until:
    """Waits until something is so."""

    def wait(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, "waited 20 s"
            time.sleep(0.01)

    return wait
