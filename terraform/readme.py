"""Writes the tables of inputs and outputs into each module's README.md.

    python terraform/readme.py            writes them
    python terraform/readme.py --check    writes nothing; 1 if a table is out of date

A table stands between `<!-- inputs -->` and `<!-- end -->`, or `<!-- outputs -->` and
`<!-- end -->`. Needs Python alone: it reads the blocks of variables.tf and outputs.tf as
`terraform fmt` leaves them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = ("state", "vpc", "eks", "delivery", "modules/pod-identity-role")
LONGEST_DEFAULT = 60

Block = dict[str, str]


def blocks(text: str, kind: str) -> dict[str, Block]:
    """The blocks `kind "name" { ... }`, each with its arguments as they are written."""
    pattern = rf'^{kind} "([^"]+)" \{{\n(.*?)^\}}$'
    found = re.findall(pattern, text, flags=re.MULTILINE | re.DOTALL)
    return {name: arguments(body) for name, body in found}


def arguments(body: str) -> Block:
    """Arguments of a block: two spaces, a name, and lines until the next argument or block."""
    found: Block = {}
    name = ""
    for line in body.splitlines():
        if start := re.match(r"  (\w+)\s*= (.*)", line):
            name = start[1]
            found[name] = start[2]
        elif re.match(r"  \w+ \{", line) or line.startswith("  #"):
            name = ""
        elif name and line:
            found[name] = joined(found[name], line.strip())
    return found


def joined(text: str, line: str) -> str:
    """Text and its next line as one line: attributes on lines of their own need a comma."""
    comma = "" if text.endswith(("{", "[", "(", ",")) or line.startswith(("}", "]", ")")) else ","
    return f"{text}{comma} {line}"


def plain(text: str) -> str:
    """The text of a quoted string."""
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def cell(text: str) -> str:
    """Text that stays inside its cell."""
    return text.replace("|", "\\|")


def shown_default(variable: Block) -> str:
    """The default as it is written, or that there is none."""
    if "default" not in variable:
        return "required"
    default = re.sub(r"\s+", " ", variable["default"])
    return f"`{default}`" if len(default) <= LONGEST_DEFAULT else "see variables.tf"


def inputs(module: Path) -> str:
    """The table of a module's variables."""
    lines = ["| input | type | default | what it is |", "|---|---|---|---|"]
    for name, variable in sorted(blocks((module / "variables.tf").read_text(), "variable").items()):
        kind = re.sub(r"\s+", " ", variable["type"])
        columns = (
            f"`{name}`",
            f"`{kind}`",
            shown_default(variable),
            plain(variable["description"]),
        )
        lines.append(f"| {' | '.join(cell(column) for column in columns)} |")
    return "\n".join(lines)


def outputs(module: Path) -> str:
    """The table of a module's outputs."""
    lines = ["| output | what it is |", "|---|---|"]
    for name, output in sorted(blocks((module / "outputs.tf").read_text(), "output").items()):
        lines.append(f"| `{name}` | {cell(plain(output['description']))} |")
    return "\n".join(lines)


def written(module: Path) -> str:
    """The README with both tables as they must be."""
    text = (module / "README.md").read_text()
    for heading, table in (("inputs", inputs(module)), ("outputs", outputs(module))):
        place = re.compile(rf"(<!-- {heading} -->\n).*?(<!-- end -->)", flags=re.DOTALL)
        if not place.search(text):
            raise SystemExit(
                f"{module / 'README.md'}: no <!-- {heading} --> ... <!-- end -->: add it"
            )
        text = place.sub(lambda match, table=table: f"{match[1]}{table}\n{match[2]}", text)  # type: ignore[misc]
    return text


def main(checking: bool) -> int:
    """Writes every README, or says which ones are out of date."""
    stale = [
        name for name in MODULES if written(HERE / name) != (HERE / name / "README.md").read_text()
    ]
    if checking:
        for name in stale:
            print(
                f"terraform/{name}/README.md is out of date: run python terraform/readme.py",
                file=sys.stderr,
            )
        return 1 if stale else 0
    for name in stale:
        (HERE / name / "README.md").write_text(written(HERE / name))
        print(f"terraform/{name}/README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
