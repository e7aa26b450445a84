"""The fixtures: Terraform, and root modules that are ready to run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from .terraform_cli import Terraform, copied


def unavailable(what: str, how: str) -> NoReturn:
    """Skips for want of a tool, with the way to get it; in CI nothing may be skipped."""
    message = f"{what} is not installed: {how}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Terraform on PATH."""
    program = shutil.which("terraform")
    if program is None:
        unavailable(
            "terraform", "get 1.11 or later from https://developer.hashicorp.com/terraform/install"
        )
    return Terraform(program, tmp_path_factory.mktemp("plugins"))


@pytest.fixture(scope="session")
def ready(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder of a root module in a copy of terraform/, ready but for its backend."""
    copy = copied(tmp_path_factory.mktemp("roots"))
    done: set[str] = set()

    def root(name: str) -> Path:
        if name not in done:
            terraform.init(copy / name, "-backend=false")
            done.add(name)
        return copy / name

    return root


@pytest.fixture(scope="session")
def checkov() -> str:
    """Checkov: the one that CHECKOV names, or the one on PATH."""
    program = os.environ.get("CHECKOV") or shutil.which("checkov")
    if program is None:
        how = "pip install checkov==3.3.30 in a venv of its own, and put it on PATH or into CHECKOV"
        unavailable("checkov", how)
    return program
