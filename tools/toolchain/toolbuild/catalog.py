"""tools.toml as data: every tool, checked when read, so that what uses it need not check again."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_origin

from .errors import USAGE, ToolchainError

WORDS: Mapping[Any, str] = {str: "a string", bool: "true or false", list[str]: "a list of strings"}
SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True)
class Tool:
    """One section of tools.toml."""

    name: str
    wrapper: Path
    version: str
    module: str
    main: str
    version_args: list[str]
    purpose: str
    ldflags: list[str]
    files: list[str]
    edits: list[str]
    default: bool = False
    # `module` is then a Python package, and `main` the program's place in its wheel.
    from_wheel: bool = False
    # PATH's may then be newer than what is pinned.
    or_newer: bool = False

    @property
    def label(self) -> str:
        """NAME-VERSION: the key of everything that is kept about this tool."""
        return f"{self.name}-{self.version}"

    @property
    def stamped_ldflags(self) -> str:
        """What goes to the linker; no symbol tables, which halves the binaries."""
        flags = [flag.replace("{version}", self.version) for flag in self.ldflags]
        return " ".join(["-s", "-w", *flags])

    @property
    def requirements(self) -> Path:
        """The file that pins a wheel by its hashes."""
        return self.wrapper / "requirements.txt"

    def go_mod(self) -> str:
        """The wrapper's go.mod, which must require the version that tools.toml names."""
        text = _read(self.wrapper / "go.mod")
        pin = re.escape(f"{self.module} v{self.version}")
        if not re.search(rf"^(?:require)?\s+{pin}(?:\s|$)", text, re.M):
            raise ToolchainError(
                f"{self.wrapper / 'go.mod'}: does not require {self.module} v{self.version}, "
                f"which tools.toml names; there, run: go get {self.main}@v{self.version}",
                USAGE,
            )
        return text

    def required_go(self) -> str:
        """The least Go version that builds it, from the `go` line of its go.mod."""
        line = re.search(r"^go (\S+)$", self.go_mod(), re.M)
        if not line:
            raise ToolchainError(f"{self.wrapper / 'go.mod'}: has no `go` line", USAGE)
        return line[1]

    def recipe(self) -> str:
        """A digest of all that decides what is built: a changed pin rebuilds the same version."""
        if self.from_wheel:
            parts = [_read(self.requirements), self.main]
        else:
            parts = [self.go_mod(), _read(self.wrapper / "go.sum"), self.main, self.stamped_ldflags]
        parts += [*self.files, *self.edits]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def load(path: Path) -> dict[str, Tool]:
    """All tools by name, in the file's order."""
    try:
        sections = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as exc:
        raise ToolchainError(f"{path}: {exc}", USAGE) from exc
    return {name: _tool(path, name, section) for name, section in sections.items()}


def pick(tools: Mapping[str, Tool], names: list[str]) -> list[Tool]:
    """The named tools; without names, the default ones."""
    unknown = [name for name in names if name not in tools]
    if unknown:
        raise ToolchainError(
            f"no tool named {', '.join(unknown)}; tools.toml has {', '.join(tools)}", USAGE
        )
    return [tools[name] for name in names] or [tool for tool in tools.values() if tool.default]


def _tool(path: Path, name: str, section: Any) -> Tool:
    where = f"{path}: [{name}]"
    if not SAFE_NAME.fullmatch(name) or not isinstance(section, dict):
        raise ToolchainError(f"{where}: a tool is a section with a lower-case name", USAGE)
    values = {"ldflags": [], "files": [], "edits": [], **section}
    wrapper = values.pop("wrapper", name)
    if not isinstance(wrapper, str) or not SAFE_NAME.fullmatch(wrapper):
        raise ToolchainError(f"{where}: wrapper must name a folder beside tools.toml", USAGE)
    _check(where, values)
    return Tool(name=name, wrapper=path.absolute().parent / wrapper, **values)


def _check(where: str, values: Mapping[str, Any]) -> None:
    known = {field.name: field for field in fields(Tool) if field.name not in ("name", "wrapper")}
    for key in values.keys() - known.keys():
        raise ToolchainError(f"{where}: unknown key {key}; known: {', '.join(known)}", USAGE)
    for key, field in known.items():
        if key not in values and field.default is MISSING:
            raise ToolchainError(f"{where}: {key} is missing", USAGE)
        if key in values and not _fits(values[key], field.type):
            raise ToolchainError(f"{where}: {key} must be {WORDS[field.type]}", USAGE)


def _fits(value: object, wanted: Any) -> bool:
    if get_origin(wanted) is list:
        return isinstance(value, list) and all(_fits(item, get_args(wanted)[0]) for item in value)
    return isinstance(value, wanted) and value != ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as exc:
        raise ToolchainError(f"{path}: {exc.strerror}", USAGE) from exc
