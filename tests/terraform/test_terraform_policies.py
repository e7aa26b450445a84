"""Checkov finds nothing but what is excepted, and every exception is needed and explained."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from .terraform_cli import copied

pytestmark = pytest.mark.policies

EXCEPTION = re.compile(r"# checkov:skip=(\w+):(.+)")


def exceptions(folder: Path) -> dict[str, set[str]]:
    """What each file excepts."""
    found: dict[str, set[str]] = {}
    for file in folder.rglob("*.tf"):
        for check, _ in EXCEPTION.findall(file.read_text()):
            found.setdefault(f"/{file.relative_to(folder)}", set()).add(check)
    return found


def test_every_exception_has_a_reason(tmp_path: Path) -> None:
    reasons = [
        match
        for file in copied(tmp_path).rglob("*.tf")
        for match in EXCEPTION.findall(file.read_text())
    ]

    assert [check for check, reason in reasons if len(reason.split()) < 4] == []


def test_policies_hold_but_for_the_exceptions(checkov: str, tmp_path: Path) -> None:
    expected = exceptions(copied(tmp_path))
    # Without the exceptions: one that no check needs any more would otherwise stay for ever.
    for file in tmp_path.rglob("*.tf"):
        file.write_text(EXCEPTION.sub("#", file.read_text()))

    command = [
        checkov,
        "-d",
        str(tmp_path),
        "--framework",
        "terraform",
        "--skip-download",
        "--quiet",
        "-o",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    failed: dict[str, set[str]] = {}
    for check in json.loads(done.stdout)["results"]["failed_checks"]:
        failed.setdefault(check["file_path"], set()).add(check["check_id"])

    assert failed == expected
