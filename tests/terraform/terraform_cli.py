"""Terraform as the tests run it: on a copy of terraform/, without the caller's AWS settings.

Plugins come from a folder on this machine where there is one (Terraform's implied mirrors, then a
level or two under /opt and /usr/local/share), and else from the registry, once, into a cache.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = REPOSITORY / "terraform"
ROOTS = ("state", "vpc", "eks", "delivery")
PROVIDER = Path("registry.terraform.io/hashicorp/aws")
# Terraform repeats what a server refuses for half an hour and more.
TIMEOUT = 300


def plugin_folders() -> list[Path]:
    """Where plugins may be without a registry, most likely first."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local/share"))
    folders = [home / ".terraform.d/plugins", data / "terraform/plugins"]
    folders += [Path("/usr/local/share/terraform/plugins"), Path("/usr/share/terraform/plugins")]
    for top in (Path("/opt"), Path("/usr/local/share")):
        folders += sorted(top.glob("*")) + sorted(top.glob("*/*"))
    return folders


def plugins_on_disk() -> Path | None:
    """The first folder that holds the AWS provider."""
    return next((folder for folder in plugin_folders() if (folder / PROVIDER).is_dir()), None)


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would steer Terraform or reach a real account."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))
    }
    # Settings of a registry's mirror are the machine's, not the caller's.
    if (settings := Path(os.environ.get("TF_CLI_CONFIG_FILE", "/nonexistent"))).is_file():
        kept["TF_CLI_CONFIG_FILE"] = str(settings)
    return kept | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}


@dataclass(frozen=True)
class Terraform:
    """Runs Terraform in a folder; what fails raises, with what Terraform said."""

    program: str
    cache: Path
    extra: dict[str, str] = field(default_factory=dict)

    def attempt(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs Terraform and lets the caller judge."""
        environment = clean_environment() | {"TF_PLUGIN_CACHE_DIR": str(self.cache)} | self.extra
        command = [self.program, *arguments]
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )

    def run(self, folder: Path, *arguments: str) -> str:
        """Runs Terraform and returns what it printed."""
        done = self.attempt(folder, *arguments)
        assert done.returncode == 0, (
            f"terraform {' '.join(arguments)} in {folder.name}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout

    def init(self, folder: Path, *arguments: str) -> None:
        """Makes a folder ready."""
        folder_of_plugins = plugins_on_disk()
        source = [f"-plugin-dir={folder_of_plugins}"] if folder_of_plugins else []
        self.run(folder, "init", "-input=false", "-no-color", *source, *arguments)


def copied(target: Path, *names: str) -> Path:
    """A copy of terraform/, or of these files and folders of it, without what runs left there."""
    ignored = shutil.ignore_patterns(".terraform", "*.tfstate*", "__pycache__", "*_override.tf")
    for name in names or ("",):
        source = SOURCE / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=ignored, dirs_exist_ok=True)
        else:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


def events(output: str) -> list[dict[str, Any]]:
    """The JSON lines that Terraform printed."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]
