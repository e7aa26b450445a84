"""The one writer to the terminal: data to stdout, everything else to stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from relman.cli.options import Output
from relman.core.models.base import Model

if TYPE_CHECKING:
    from rich.console import Console

Cell = str


@lru_cache
def out() -> Console:
    """stdout. Its width is the terminal's; into a file or a pipe nothing is cut."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 10_000
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty(), width=width)


def say(message: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"{printable(message)}\n")
    sys.stderr.flush()


def emit(data: Model | Sequence[Model], output: Output, as_text: Callable[[], None]) -> None:
    """Prints a result: JSON as it is documented, or what `as_text` prints."""
    if output is Output.json:
        print_json(data)
    else:
        as_text()


def print_json(data: Model | Sequence[Model]) -> None:
    """One JSON document with the models' keys."""
    plain: Any = data.document() if isinstance(data, Model) else [one.document() for one in data]
    sys.stdout.write(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """A table as kubectl prints it: capitals above, no lines, columns two spaces apart."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for column in columns:
        grid.add_column(column.upper(), overflow="fold")
    for row in rows:
        grid.add_row(*(Text(printable(cell), style=_style(cell)) for cell in row))
    out().print(grid)


STYLES = {
    "pass": "green",
    "ok": "green",
    "fail": "red",
    "unknown": "yellow",
    "error": "red",
    "warning": "yellow",
    "missing": "red",
    "broken": "red",
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "edited": "red",
    "pending": "yellow",
    "running": "green",
    "stopped": "red",
}


def _style(cell: str) -> str:
    return STYLES.get(cell, "red" if "EMERGENCY" in cell else "")


def printable(text: str) -> str:
    """Without control characters: what others wrote into git must not steer this terminal."""
    return "".join(char for char in text if char.isprintable() or char == "\n")


def short_digests(text: str) -> str:
    """Digests cut to what tells them apart; -o json has them whole."""
    return re.sub(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}", r"\1", text)


def line(text: str = "", style: str = "") -> None:
    """A line of data on stdout."""
    out().print(printable(text), style=style or None, markup=False)


def ask(question: str) -> bool:
    """Asks on the terminal; anything but yes is no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
