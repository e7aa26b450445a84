"""What the documentation says is so: help texts, links, command lines, examples of files."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
import yaml
from relman.cli.app import app
from relman.core.models.decision import Decision
from relman.core.models.environment import Environment, Facts
from relman.core.models.project import ComponentFile, Project
from relman.core.models.record import Record, RunningFile
from relman.core.models.release import Release
from relman.core.models.sandbox import SandboxFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from relman.core.models.base import Model

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FOLDERS = ("argocd", "charts", "docs", "terraform", "tools")
PAGES = sorted(
    [*ROOT.glob("*.md")]
    + [
        page
        for folder in FOLDERS
        for page in (ROOT / folder).rglob("*.md")
        if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
    ]
)
OURS = [page for page in PAGES if page.parent == ROOT or page.is_relative_to(DOCS)]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FILES: dict[str, type[Model]] = {
    "Project": Project,
    "Environment": Environment,
    "Component": ComponentFile,
    "Facts": Facts,
    "Release": Release,
    "Record": Record,
    "Decision": Decision,
    "Running": RunningFile,
    "Sandbox": SandboxFile,
}


def generator() -> ModuleType:
    """The program that writes the generated parts; it is no package."""
    path = ROOT / "tools/docs/generate.py"
    spec = importlib.util.spec_from_file_location("docs_generate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = generator()


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_generated_parts_are_current() -> None:
    stale = [name(page) for page, _ in generate.stale()]
    assert stale == [], "run .venv/bin/python tools/docs/generate.py"


def test_every_command_has_a_page_and_no_page_is_left_over() -> None:
    pages = {page.stem for page in (DOCS / "commands").glob("*.md")} - {"README"}
    assert pages == set(generate.commands())


@pytest.mark.parametrize("command", generate.commands())
def test_page_has_help_codes_and_json(command: str) -> None:
    text = (DOCS / f"commands/{command}.md").read_text()
    assert f"<!-- generated: help {command} -->" in text
    assert f"<!-- generated: output {command} -->" in text
    assert "\n## Exit codes\n" in text


def test_every_json_output_is_documented() -> None:
    """A command with -o has its shapes in the generator's table, and only such a command."""
    printing = {
        command
        for command, parser in generate.commands().items()
        for one in (parser, *generate.members(command).values())
        if any("--output" in option.opts for option in one.params)
    }
    assert set(generate.OUTPUTS) == printing


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


@lru_cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    seen: Counter[str] = Counter()
    for line in FENCE.sub("", page.read_text()).splitlines():
        if heading := re.match(r"#{1,6} +(.+?) *$", line):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_internal_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(without_code(page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def command_lines(page: Path) -> Iterator[list[str]]:
    """Each call of relman in a page's code blocks, as words."""
    for _, block in FENCE.findall(page.read_text()):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            start = re.sub(r"^\s*(?:Example: |- )?(?:run: )?(?:\$ )?", "", line)
            if re.search(r"(^|[|&(] ?)relman ", start) and not start.startswith("Usage:"):
                yield from calls(start)


def calls(line: str) -> Iterator[list[str]]:
    """The calls of relman in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if not set(word) <= set(";&|()<>"):
            words.append(word)
            continue
        plain = [part.removeprefix("version=$(") for part in words]
        if plain[:1] == ["relman"]:
            yield plain[1:]
        words = []


CALLS = [(name(page), call) for page in OURS for call in command_lines(page)]


def test_command_lines_are_found() -> None:
    assert len(CALLS) > 50
    assert {call[0] for _, call in CALLS} >= {"cut", "deploy", "promote", "rollback", "plan"}


@pytest.mark.parametrize(("page", "call"), CALLS, ids=lambda value: str(value)[:60])
def test_command_lines_parse(
    page: str, call: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands, options, numbers of arguments and choices are those that there are."""
    (tmp_path / "outputs.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    command, *arguments = call
    if command.startswith("-"):
        options = {option for one in typer.main.get_group(app).params for option in one.opts}
        assert command in options, page
        return
    chosen = generate.commands()[command]
    if generate.members(command):
        command, *arguments = arguments
        chosen = chosen.commands[command]
    with chosen.make_context(command, arguments):
        pass  # files that it opened are closed again


INLINE = re.compile(r"`relman ([a-z][^`\n]*)`")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_in_sentences_exist(page: Path) -> None:
    for text in INLINE.findall(FENCE.sub("", page.read_text())):
        command, *arguments = text.split()
        assert command in generate.commands(), text
        parsers = (generate.commands()[command], *generate.members(command).values())
        known = {o for parser in parsers for option in parser.params for o in option.opts}
        options = {word.rstrip(",;:") for word in arguments if word.startswith("-")}
        assert options <= known | {"--help"}, text


def examples() -> Iterator[tuple[str, str]]:
    for page in OURS:
        for language, block in FENCE.findall(page.read_text()):
            if language == "yaml" and "\napiVersion: relman/v1\n" in f"\n{block}":
                yield name(page), block


@pytest.mark.parametrize(("page", "block"), list(examples()), ids=lambda value: str(value)[:20])
def test_examples_of_files_are_valid(page: str, block: str) -> None:
    data = yaml.safe_load(block)
    FILES[data["kind"]].model_validate(data)


def test_the_gates_that_prod_suggests_are_gates() -> None:
    text = (ROOT / "releases/environments/prod.yaml").read_text()
    declared = re.sub(r"^# (gates:|  \w+: \{.*\})$", r"\1", text, flags=re.MULTILINE)
    prod = Environment.model_validate(yaml.safe_load(declared))
    assert prod.gates is not None
    assert prod.gates.health is not None
