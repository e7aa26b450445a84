"""The command line: parse, call, print, exit code. Data goes to stdout, all else to stderr."""

import argparse
import json
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from . import cache, catalog
from .build import ensure
from .catalog import Tool
from .errors import INTERRUPTED, MISSING, UNEXPECTED, ToolchainError
from .locate import Found, locate

HERE = Path(__file__).parents[1]
EXIT_CODES = "exit codes: 0 done, 1 build failed, 2 wrong usage, 4 missing, 130 interrupted"


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns its exit code; no traceback reaches the user."""
    args = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(args, catalog.load(args.tools))
    except KeyboardInterrupt:
        print("toolchain: interrupted; running it again goes on", file=sys.stderr)
        return INTERRUPTED
    except ToolchainError as exc:
        return _complain(exc)
    except OSError as exc:
        return _complain(ToolchainError(str(exc)))
    except Exception as exc:  # the last resort: a defect of this program
        return _unexpected(exc)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="toolchain", description="Builds and finds the pinned tools.", epilog=EXIT_CODES
    )
    parser.add_argument(
        "--tools",
        type=Path,
        default=HERE / "tools.toml",
        metavar="FILE",
        help="another tools.toml, with its wrapper modules beside it",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build what is neither on PATH nor in the cache")
    build.add_argument("names", nargs="*", metavar="NAME", help="default: those marked default")
    path = commands.add_parser("path", help="print the path of a usable binary")
    path.add_argument("name", metavar="NAME")
    show = commands.add_parser("list", help="all tools, and where each comes from")
    show.add_argument("-o", "--output", choices=["text", "json"], default="text")
    return parser


def _run(args: argparse.Namespace, tools: dict[str, Tool]) -> int:
    if args.command == "build":
        return _build(catalog.pick(tools, args.names))
    if args.command == "path":
        return _path(catalog.pick(tools, [args.name])[0])
    return _list([locate(tool) for tool in tools.values()], args.output)


def _build(tools: list[Tool]) -> int:
    """Builds all, tells all failures, and fails if one did."""
    failures: list[ToolchainError] = []
    for tool in tools:
        try:
            ensure(tool)
        except ToolchainError as exc:
            failures.append(exc)
    codes = [_complain(failure) for failure in failures]
    return min(codes, default=0)


def _path(tool: Tool) -> int:
    found = locate(tool)
    if found.path:
        print(found.path)
        return 0
    note = f" ({found.note})" if found.note else ""
    raise ToolchainError(f"{tool.label} is {found.state}{note}; run: {_command(tool)}", MISSING)


def _command(tool: Tool) -> str:
    return f"python {sys.argv[0]} build {tool.name}"


def _list(found: list[Found], output: str) -> int:
    if output == "json":
        print(json.dumps({"tools": [_as_json(item) for item in found]}, indent=2))
        return 0
    rows = [("TOOL", "VERSION", "STATE", "PATH", "NOTE")]
    rows += [_as_row(item) for item in found]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    return 0


def _as_row(found: Found) -> tuple[str, str, str, str, str]:
    todo = f"run: {_command(found.tool)}" if not found.path else ""
    note = "; ".join(filter(None, [found.note, todo])) or found.tool.purpose
    return found.tool.name, found.tool.version, found.state, str(found.path or "-"), note


def _as_json(found: Found) -> dict[str, str | None]:
    return {
        "name": found.tool.name,
        "version": found.tool.version,
        "state": found.state,
        "source": found.source,
        "path": str(found.path) if found.path else None,
        "note": found.note or None,
        "purpose": found.tool.purpose,
    }


def _complain(error: ToolchainError) -> int:
    print(f"toolchain: {error}", file=sys.stderr)
    return error.code


def _unexpected(exc: Exception) -> int:
    log = cache.log_file("unexpected")
    log.write_text("".join(traceback.format_exception(exc)), encoding="utf-8")
    print(f"toolchain: unexpected error: {exc}; please report it with {log}", file=sys.stderr)
    return UNEXPECTED


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the child and cleans up, as ^C does."""
    raise KeyboardInterrupt
