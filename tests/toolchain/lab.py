"""A catalogue of one tiny local tool, a cache of its own, and the command line to drive them."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLI = Path(__file__).parents[2] / "tools" / "toolchain" / "toolchain.py"

SOURCE = """package main

var version = "dev"

func main() { println("hello v" + version) }
"""
GO_MOD = """module example.invalid/wrapper

go 1.24

tool example.invalid/hello

require example.invalid/hello v1.2.3 // indirect

replace example.invalid/hello => ../source
"""
TOOL = """[{name}]
version = "1.2.3"
module = "example.invalid/hello"
main = "example.invalid/hello"
ldflags = ["-X main.version={{version}}"]
version_args = []
purpose = "tests"
default = true
"""
# Counts builds and waits while the file `hold` is there, so that a test can stop it half-way.
SLOW_GO = """#!/bin/sh
if [ "$1" = build ]; then
  echo build >> "{root}/builds"
  while [ -e "{root}/hold" ]; do sleep 0.02; done
fi
exec "{go}" "$@"
"""


Until = Callable[[Callable[[], bool]], None]


@dataclass
class Lab:
    """One user's machine: PATH is `bin` and the system's, nothing of the tester's is seen."""

    root: Path
    env: dict[str, str]

    @property
    def tools(self) -> Path:
        return self.root / "catalogue" / "tools.toml"

    @property
    def source(self) -> Path:
        return self.root / "catalogue" / "source" / "main.go"

    @property
    def cache(self) -> Path:
        return self.root / "cache" / "relman" / "tools"

    @property
    def binary(self) -> Path:
        return self.cache / "hello-1.2.3" / "hello"

    @property
    def builds(self) -> int:
        """How many times `go build` was run."""
        log = self.root / "builds"
        return len(log.read_text().splitlines()) if log.exists() else 0

    @property
    def leftovers(self) -> list[str]:
        return sorted(path.name for path in self.cache.glob(".*.partial"))

    def command(self, *args: str) -> list[str]:
        return [sys.executable, str(CLI), "--tools", str(self.tools), *args]

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(*args), env=self.env, capture_output=True, text=True, timeout=60
        )
        assert "Traceback" not in done.stderr
        return done

    def start(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*args),
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def listed(self) -> dict[str, dict[str, Any]]:
        done = self.run("list", "-o", "json")
        assert done.returncode == 0, done.stderr
        return {tool["name"]: tool for tool in json.loads(done.stdout)["tools"]}

    def add_tool(self, name: str, go_mod: str = GO_MOD) -> Path:
        """Adds a tool to the catalogue, and returns its wrapper folder."""
        wrapper = self.tools.parent / name
        wrapper.mkdir(parents=True)
        (wrapper / "go.mod").write_text(go_mod)
        (wrapper / "go.sum").write_text("")
        with self.tools.open("a") as out:
            out.write(TOOL.format(name=name))
        return wrapper

    def on_path(self, name: str, script: str) -> Path:
        path = self.root / "bin" / name
        path.write_text(script)
        path.chmod(0o755)
        return path

    def hold(self) -> None:
        (self.root / "hold").touch()

    def release(self) -> None:
        (self.root / "hold").unlink()
