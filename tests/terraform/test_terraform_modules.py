"""Every module is well formed, valid without a warning, and plans what its own tests say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .terraform_cli import ROOTS, SOURCE, Terraform, copied

ENVIRONMENTS = ("dev", "staging", "prod")


def test_files_are_formatted(terraform: Terraform) -> None:
    assert terraform.run(SOURCE, "fmt", "-check", "-recursive", "-diff", "-no-color") == ""


@pytest.mark.slow
@pytest.mark.parametrize("root", ROOTS)
def test_module_is_valid_and_uses_nothing_deprecated(
    root: str, terraform: Terraform, ready: Callable[[str], Path]
) -> None:
    report = json.loads(terraform.attempt(ready(root), "validate", "-json").stdout)

    assert report["diagnostics"] == []


@pytest.mark.slow
@pytest.mark.parametrize("root", ROOTS)
def test_plans_are_as_the_module_says(
    root: str, terraform: Terraform, ready: Callable[[str], Path]
) -> None:
    assert "0 failed" in terraform.run(ready(root), "test", "-no-color")


@pytest.mark.parametrize("root", ROOTS)
def test_lock_file_is_taken_as_it_is(root: str, ready: Callable[[str], Path]) -> None:
    assert (ready(root) / ".terraform.lock.hcl").read_text() == (
        SOURCE / root / ".terraform.lock.hcl"
    ).read_text()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("root", ROOTS)
def test_example_environment_is_accepted(
    root: str, environment: str, terraform: Terraform, tmp_path: Path
) -> None:
    copied(tmp_path, f"{root}/variables.tf", "env")
    files = (
        f"-var-file=../env/{environment}.tfvars",
        f"-var-file=../env/{environment}/{root}.tfvars",
    )

    said = terraform.run(tmp_path / root, "plan", "-input=false", "-no-color", *files)

    assert "Warning" not in said  # a variable that the module does not have


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_example_environment_names_one_bucket(environment: str) -> None:
    files = [
        SOURCE / f"env/{environment}.s3.tfbackend",
        *(SOURCE / "env" / environment).glob("*.tfvars"),
    ]
    found = [
        re.findall(r'^(?:state_)?bucket\s*= "(.+)"$', file.read_text(), flags=re.MULTILINE)
        for file in files
    ]

    assert len({name for names in found for name in names}) == 1


def test_readmes_are_current() -> None:
    done = subprocess.run(
        [sys.executable, SOURCE / "readme.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
