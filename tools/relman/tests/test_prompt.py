"""The question on a terminal: a pseudo-terminal of its own, on which somebody types."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from .lab import Lab

PROGRAM = Path(sys.executable).with_name("relman")
# Makes the terminal the process's own, so that ^C typed on it interrupts the process.
OWN_TERMINAL = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)
QUESTION = "Apply this to dev? [y/N] "
PATIENCE = 60


def _typed(lab: Lab, answer: bytes, *command: str) -> tuple[int, str]:
    """(exit code, everything that was shown) when `answer` is typed at the question."""
    terminal, its_side = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_TERMINAL, PROGRAM, *command],
        cwd=lab.root,
        stdin=its_side,
        stdout=its_side,
        stderr=its_side,
    )
    os.close(its_side)
    try:
        shown = _until(terminal, QUESTION)
        os.write(terminal, answer)
        shown += _until(terminal, None)
        return process.wait(PATIENCE), shown
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def _until(terminal: int, text: str | None) -> str:
    """What is shown until `text` has been, or to the end."""
    shown = b""
    while text is None or text.encode() not in shown:
        ready, _, _ = select.select([terminal], [], [], PATIENCE)
        assert ready, f"nothing more came after {shown.decode()!r}"
        try:
            read = os.read(terminal, 4096)
        except OSError:  # Linux's end of a terminal that nobody holds any more
            read = b""
        if not read:
            assert text is None, f"it ended with {shown.decode()!r}"
            break
        shown += read
    return shown.decode()


@pytest.fixture
def ready(lab: Lab) -> Lab:
    """A release that could be deployed."""
    lab.cut("1.0.0")
    return lab


def _state(lab: Lab) -> tuple[str, str]:
    return lab.git("for-each-ref"), lab.git("status", "--porcelain")


def test_yes(ready: Lab) -> None:
    code, shown = _typed(ready, b"y\n", "deploy", "dev")
    assert code == 0
    assert "dev now has 1.0.0" in shown
    assert ready.runs()["dev"] == "1.0.0"


@pytest.mark.parametrize("answer", [b"n\n", b"\n", b"what?\n", b"\x04"], ids=ascii)
def test_anything_else_is_no(ready: Lab, answer: bytes) -> None:
    before = _state(ready)
    code, shown = _typed(ready, answer, "deploy", "dev")
    assert code == 1
    assert "nothing was changed" in shown
    assert _state(ready) == before


def test_an_interruption(ready: Lab) -> None:
    before = _state(ready)
    code, shown = _typed(ready, b"\x03", "deploy", "dev")
    assert code == 130
    assert "interrupted" in shown
    assert "Traceback" not in shown
    assert _state(ready) == before


def test_the_plan_is_shown_before_the_question(ready: Lab) -> None:
    _, shown = _typed(ready, b"n\n", "deploy", "dev")
    assert shown.index("Deployment") < shown.index(QUESTION)
