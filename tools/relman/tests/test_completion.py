"""Shell completion, as the scripts that `--install-completion` sets up ask for it: a process of
its own, told by the environment what has been typed. bash runs the script itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .lab import Lab

PROGRAM = Path(sys.executable).with_name("relman")
# What has been typed, and what is offered: commands, options' values, environments, versions.
TYPED = {
    "relman pro": ["promote"],
    "relman plan d": ["dev"],
    "relman plan dev ": ["1.1.0", "1.0.0"],
    "relman plan dev 1.0": ["1.0.0"],
    "relman promote ": ["dev", "staging", "prod"],
    "relman promote dev st": ["staging"],
    "relman promote dev prod --release 1.1": ["1.1.0"],
    "relman rollback prod --to ": ["1.1.0", "1.0.0"],
    "relman diff ": ["dev", "staging", "prod", "1.1.0", "1.0.0"],
    "relman show 1": ["1.1.0", "1.0.0"],
    "relman plan nowhere": [],
}


@pytest.fixture
def two(lab: Lab) -> Lab:
    """Two releases, and nothing that runs."""
    lab.cut("1.0.0")
    lab.cut("1.1.0", web=2)
    return lab


def _ran(cwd: Path, **told: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM], cwd=cwd, env={**os.environ, **told}, capture_output=True, text=True, check=False
    )


def _asked(shell: str, typed: str, cwd: Path, **told: str) -> str:
    done = _ran(cwd, _RELMAN_COMPLETE=f"complete_{shell}", _TYPER_COMPLETE_ARGS=typed, **told)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def _in_bash(typed: str, cwd: Path) -> list[str]:
    """What bash itself would offer."""
    words = typed.split(" ")
    script = _ran(cwd, _RELMAN_COMPLETE="source_bash").stdout
    asked = (
        f'{script}\nCOMP_WORDS=("$@")\nCOMP_CWORD={len(words) - 1}\n'
        '_relman_completion relman\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", asked, "bash", *words],
        cwd=cwd,
        env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_bash(two: Lab) -> None:
    assert {typed: _in_bash(typed, two.root) for typed in TYPED} == TYPED


@pytest.mark.slow
def test_zsh(two: Lab) -> None:
    for typed, offered in TYPED.items():
        found = _asked("zsh", typed, two.root)
        names = [line.split('"')[1] for line in found.splitlines() if '"' in line]
        assert names == offered, typed
        assert offered or found == "_files"


@pytest.mark.slow
def test_fish(two: Lab) -> None:
    for typed, offered in TYPED.items():
        found = _asked("fish", typed, two.root, _TYPER_COMPLETE_FISH_ACTION="get-args")
        assert [line.split("\t")[0] for line in found.splitlines()] == offered, typed


@pytest.mark.parametrize("where", ["relman -C {} plan ", "relman plan -C {} "])
def test_another_folder(two: Lab, tmp_path: Path, where: str) -> None:
    typed = where.format(two.root)
    assert _in_bash(typed, tmp_path) == ["dev", "staging", "prod"]


def test_no_repository_is_no_noise(tmp_path: Path) -> None:
    assert _in_bash("relman plan ", tmp_path) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_names_its_command(tmp_path: Path, shell: str) -> None:
    done = _ran(tmp_path, _RELMAN_COMPLETE=f"source_{shell}")
    assert done.returncode == 0
    assert "relman" in done.stdout
    assert f"complete_{shell}" in done.stdout
