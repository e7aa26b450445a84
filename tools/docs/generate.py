"""Writes what the documentation says of the code: help texts, keys of files, shapes of JSON.

A page marks such a place with a pair of comments, and everything between them is replaced:

    <!-- generated: help promote -->
    <!-- /generated -->

Run without arguments it writes the pages that are stale; with --check it names them and ends
with 5.
"""

from __future__ import annotations

import json
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import typer
from relman.cli.app import app
from relman.core.durations import DURATION
from relman.core.models.base import DNS_LABEL, SEMVER, Commit, Digest, Model
from relman.core.models.check import Check
from relman.core.models.decision import Decision
from relman.core.models.drift import Drift
from relman.core.models.environment import (
    AwsAccess,
    Cluster,
    ComponentChoice,
    Environment,
    Facts,
    StateRef,
)
from relman.core.models.gates import (
    ApprovalsGate,
    Expectation,
    Gates,
    HealthGate,
    ImagesGate,
    ImageSignature,
    ReleaseCheck,
    SecretsGate,
    SoakGate,
    TargetGate,
)
from relman.core.models.live import EnvironmentHealth
from relman.core.models.plan import Plan
from relman.core.models.project import (
    ArgoCD,
    ArgoChart,
    ComponentFile,
    GroupKind,
    IgnoreDifference,
    Project,
    RepositoryRef,
    Service,
)
from relman.core.models.record import Record, RunningFile
from relman.core.models.sandbox import Definition, SandboxFile, SandboxStatus, Shared
from relman.core.models.windows import CLOCK, DATE, Dates, Window, WindowsGate
from relman.operations.audit import Audit
from relman.operations.bootstrap import Bootstrap
from relman.operations.change import Outcome
from relman.operations.cut import Cut
from relman.operations.diff import ReleaseDifference
from relman.operations.facts import FactsImport
from relman.operations.lint import LintFinding
from relman.operations.releases import ReleaseDetails, ReleaseSummary
from relman.operations.render import Manifests, Staleness
from relman.operations.status import Status
from relman.operations.why import Why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DOCS = Path(__file__).parents[2] / "docs"
# The widest that help gets on a terminal (max_content_width, less the margin).
WIDTH = 98
BLOCK = re.compile(
    r"(?P<start><!-- generated: (?P<kind>\w+)(?: (?P<of>[\w-]+))? -->\n)"
    r".*?(?P<end><!-- /generated -->)",
    re.DOTALL,
)

# What `-o json` prints: the models of each command, and whether there is a list of them.
ONE, LIST = "one document", "a list"
OUTPUTS: dict[str, tuple[tuple[str, type[Model], str], ...]] = {
    "cut": ((ONE, Cut, ""),),
    "releases": ((LIST, ReleaseSummary, ""),),
    "show": ((ONE, ReleaseDetails, ""),),
    "deploy": ((LIST, Outcome, ""),),
    "plan": ((ONE, Plan, ""),),
    "why": ((ONE, Why, ""),),
    "promote": ((LIST, Outcome, ""),),
    "refresh": ((LIST, Outcome, ""),),
    "rollback": ((LIST, Outcome, ""),),
    "approve": ((ONE, Decision, ""),),
    "hold": ((ONE, Decision, ""),),
    "resume": ((ONE, Decision, ""),),
    "unblock": ((ONE, Record, ""),),
    "status": ((ONE, Status, ""),),
    "wait": ((ONE, EnvironmentHealth, ""),),
    "drift": ((ONE, Drift, ""),),
    "bootstrap": ((ONE, Bootstrap, ""),),
    "history": ((LIST, Record, ""),),
    "diff": ((ONE, ReleaseDifference, ""),),
    "audit": ((ONE, Audit, ""),),
    "render": ((LIST, Manifests, ""), (LIST, Staleness, "with `--check`")),
    "lint": ((LIST, LintFinding, ""),),
    "doctor": ((LIST, Check, ""),),
    "facts": ((ONE, FactsImport, ""),),
    "sandbox": ((ONE, SandboxStatus, ""),),
}
# What people write, and what relman writes for them to read.
FILES: dict[str, type[Model]] = {
    model.__name__: model
    for model in (
        Project, RepositoryRef, ArgoCD, ArgoChart, GroupKind, Service, ComponentFile,
        IgnoreDifference,
        Environment, Cluster, ComponentChoice, AwsAccess, Gates, HealthGate, SoakGate, WindowsGate,
        Window, Dates, ApprovalsGate, ImagesGate, ImageSignature, SecretsGate, TargetGate,
        ReleaseCheck, Expectation, Facts, StateRef, RunningFile, SandboxFile, Definition, Shared,
    )
}  # fmt: skip
# The keys that every file begins with.
HEADER = ("apiVersion", "kind")
PATTERNS = {
    DNS_LABEL: "name",
    SEMVER: "version",
    DURATION: "duration",
    CLOCK: "time of day",
    DATE: "date",
    get_args(Digest)[1].pattern: "digest",
    get_args(Commit)[1].pattern: "commit id",
}
PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
}

ESCAPED = "\\|"

Schema = dict[str, Any]
Row = tuple[str, ...]


@lru_cache
def commands() -> dict[str, Any]:
    """The commands by name, in the order of `relman --help`."""
    return dict(typer.main.get_group(app).commands)


def members(name: str) -> dict[str, Any]:
    """The commands of a group by name; none of a command."""
    return dict(getattr(commands()[name], "commands", {}))


def help_text(name: str) -> str:
    """What `relman NAME --help` prints on a wide terminal; of a group, for each of its members."""
    group = typer.main.get_group(app)
    above = typer.Context(
        group,
        info_name="relman",
        terminal_width=WIDTH,
        help_option_names=group.context_settings["help_option_names"],
    )
    below = typer.Context(commands()[name], info_name=name, parent=above, terminal_width=WIDTH)
    inner = [
        typer.Context(member, info_name=one, parent=below, terminal_width=WIDTH)
        for one, member in members(name).items()
    ]
    return "\n".join(_block(context) for context in (below, *inner))


def _block(context: typer.Context) -> str:
    text = "\n".join(line.rstrip() for line in context.get_help().splitlines())
    return f"```text\n{text.strip()}\n```\n"


def output(name: str) -> str:
    """Which shapes `relman NAME -o json` prints."""
    if name not in OUTPUTS:
        return "This command has no JSON output.\n"
    sentences = []
    for amount, model, when in OUTPUTS[name]:
        link = f"[{model.__name__}](../json.md#{model.__name__.lower()})"
        what = link if amount == ONE else f"{amount} of {link}"
        sentences.append(f"`-o json`{' ' + when if when else ''} prints {what}.\n")
    return "".join(sentences)


def overview(_: str) -> str:
    """A table of all commands."""
    rows = []
    for name, command in commands().items():
        first = (command.help or "").strip().splitlines()[0]
        rows.append((f"[{name}](commands/{name}.md)", first))
    return table(("command", "what it does"), rows)


def keys(name: str) -> str:
    """The keys of a file, or of a part of one: what may stand there, and what holds otherwise."""
    schema = FILES[name].model_json_schema(by_alias=True, mode="validation")
    fields = sorted(schema.get("properties", {}).items(), key=lambda item: item[0] not in HEADER)
    rows = [(f"`{key}`", type_of(field), otherwise(schema, key, field)) for key, field in fields]
    return table(("key", "type", "default"), rows) if rows else "It has no keys: `{}`.\n"


def otherwise(schema: Schema, key: str, field: Schema) -> str:
    """What holds where a key is left out."""
    if key in schema.get("required", ()):
        return "required"
    default = field.get("default", {})
    if isinstance(default, dict):
        default = {key: value for key, value in default.items() if value not in (None, [])}
    return "" if default is None else f"`{json.dumps(default)}`"


def shapes(_: str) -> str:
    """Every model that some command prints, each with those that it is made of."""
    found: dict[str, Schema] = {}
    for outputs in OUTPUTS.values():
        for _, model, _ in outputs:
            schema = model.model_json_schema(by_alias=True, mode="serialization")
            found |= {model.__name__: schema, **schema.get("$defs", {})}
    return "\n".join(shape(name, found[name]) for name in sorted(found))


def shape(name: str, schema: Schema) -> str:
    """A heading, what it is, and its keys."""
    text = paragraphs(schema.get("description", ""))
    rows = [(f"`{key}`", type_of(field)) for key, field in schema["properties"].items()]
    return f"### {name}\n\n{text}\n\n{table(('key', 'type'), rows)}"


def paragraphs(text: str) -> str:
    """Text whose lines are joined, paragraph by paragraph."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def type_of(schema: Schema) -> str:
    """A type in words; another model as a link."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(type_of(one) for one in schema["anyOf"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    return plain_type(schema)


def plain_type(schema: Schema) -> str:
    """The words for a list, a map or a scalar."""
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    if schema.get("type") == "object":
        return map_type(schema)
    if "pattern" in schema:
        return PATTERNS.get(schema["pattern"], "text")
    return PLAIN.get(str(schema.get("type")), "anything")


def map_type(schema: Schema) -> str:
    """A map by what its values are."""
    values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    return f"map of {type_of(values[0])}" if isinstance(values[0], dict) else "map"


def table(columns: Row, rows: Iterable[Row]) -> str:
    """A Markdown table."""
    head = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    body = [f"| {' | '.join(cell.replace('|', ESCAPED) for cell in row)} |" for row in rows]
    return "\n".join([*head, *body]) + "\n"


KINDS: dict[str, Callable[[str], str]] = {
    "help": help_text,
    "output": output,
    "commands": overview,
    "keys": keys,
    "shapes": shapes,
}


def filled(text: str) -> str:
    """A page with everything between its markers written anew."""

    def fill(found: re.Match[str]) -> str:
        written = KINDS[found["kind"]](found["of"] or "")
        return f"{found['start']}{written}{found['end']}"

    return BLOCK.sub(fill, text)


def stale(docs: Path = DOCS) -> Iterator[tuple[Path, str]]:
    """Pages that aren't current, each with what it should be."""
    for page in sorted(docs.rglob("*.md")):
        text = page.read_text()
        if (wanted := filled(text)) != text:
            yield page, wanted


def main() -> int:
    """0: all current or written. 5: with --check, some are stale."""
    check = "--check" in sys.argv[1:]
    found = list(stale())
    for page, text in found:
        print(f"{'stale' if check else 'wrote'} {page}", file=sys.stderr)
        if not check:
            page.write_text(text)
    if check and found:
        print(".venv/bin/python tools/docs/generate.py writes them", file=sys.stderr)
        return 5
    return 0


if __name__ == "__main__":
    sys.exit(main())
