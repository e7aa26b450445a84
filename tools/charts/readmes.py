"""Writes the table of values into each chart's README.md, from the comments in values.yaml.

A value is described by a comment "# -- text" on the line above its key; the
table replaces what stands between the two markers of the README.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

START, END = "<!-- values -->", "<!-- /values -->"
COMMENT = re.compile(r"^\s*# -- (.+)$")
KEY = re.compile(r"^( *)([A-Za-z0-9_.-]+):")

Keys = tuple[str, ...]


def descriptions(text: str) -> dict[Keys, str]:
    """What is described, by the path of its keys, in the order of the file."""
    found: dict[Keys, str] = {}
    path: list[str] = []
    pending = ""
    for line in text.splitlines():
        if comment := COMMENT.match(line):
            pending = comment[1]
        elif key := KEY.match(line):
            path = [*path[: len(key[1]) // 2], key[2]]
            if pending:
                found[tuple(path)] = pending
            pending = ""
    return found


def leaves(values: Any, path: Keys = ()) -> Iterator[Keys]:
    """The path of every value that is no map, and of every empty map."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    else:
        yield path


def undescribed(text: str) -> list[str]:
    """The values that have no description, nor anything above them."""
    known = descriptions(text)
    return [
        ".".join(path)
        for path in leaves(yaml.safe_load(text))
        if not any(path[:length] in known for length in range(1, len(path) + 1))
    ]


def value_at(values: Any, path: Keys) -> Any:
    for key in path:
        values = values[key]
    return values


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def table(text: str) -> str:
    """The Markdown table of all that is described in a values.yaml."""
    values = yaml.safe_load(text)
    rows = ["| Value | Default | Description |", "|---|---|---|"]
    for path, description in descriptions(text).items():
        default = json.dumps(value_at(values, path))
        rows.append(f"| `{'.'.join(path)}` | `{cell(default)}` | {cell(description)} |")
    return "\n".join(rows)


def filled(readme: str, values: str) -> str:
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{table(values)}\n{END}{after}"


def readmes(charts: Path) -> Iterator[tuple[Path, str]]:
    """Each chart's README.md and what it must contain."""
    for values in sorted(charts.glob("*/values.yaml")):
        readme = values.with_name("README.md")
        yield readme, filled(readme.read_text(), values.read_text())


if __name__ == "__main__":
    from generated import main

    sys.exit(main(readmes))
