"""How the demo and the sandbox's tour show what they do: a sentence, a command, its output."""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")


@dataclass
class Shown:
    """A terminal: where commands run, and with which variables."""

    folder: Path
    env: Mapping[str, str]

    def title(self, text: str) -> None:
        """What comes next, in a sentence."""
        print(f"\n{BOLD}# {text}{PLAIN}", flush=True)

    def show(self, *command: str, ends_with: int = 0, last: int | None = None) -> None:
        """Prints a command, runs it, and insists on its exit code; of long output only the end."""
        print(f"{BOLD}$ {shlex.join(command)}{PLAIN}", flush=True)
        out, errors = (subprocess.PIPE, subprocess.STDOUT) if last else (None, None)
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.env,
            stdout=out,
            stderr=errors,
            text=True,
            check=False,
        )
        if last:
            print("...", *done.stdout.splitlines()[-last:], sep="\n", flush=True)
        if done.returncode != ends_with:
            raise SystemExit(f"{command[0]} ended with {done.returncode}, not {ends_with}")
