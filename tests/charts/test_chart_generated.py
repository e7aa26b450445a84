"""The generated files are current, and what the service charts share is the same in each."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import jsonschema_rs
import pytest

from .objects import CHARTS, ROOT, SERVICES

TOOLS = ROOT / "tools" / "charts"


def load(name: str) -> ModuleType:
    """A generator: they are programs beside one another, not a package."""
    spec = importlib.util.spec_from_file_location(f"charts_{name}", TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


schemas, readmes, generated = load("schemas"), load("readmes"), load("generated")


@pytest.mark.parametrize("generate", [schemas.schemas, readmes.readmes])
def test_generated_files_are_current(generate: object) -> None:
    stale = [str(path) for path, _ in generated.stale(generate, CHARTS)]
    assert stale == [], "run the programs in tools/charts"


def test_one_program_checks_and_writes_them_all(tmp_path: Path) -> None:
    shutil.copytree(TOOLS, tmp_path / "tools" / "charts")
    shutil.copytree(CHARTS, tmp_path / "charts")
    spoiled = [tmp_path / "charts/cart" / name for name in ("values.schema.json", "README.md")]
    whole = [path.read_text() for path in spoiled]
    for path in spoiled:
        path.write_text(path.read_text().replace("tableName", "table"))

    def run(*arguments: str) -> int:
        program = tmp_path / "tools" / "charts" / "generated.py"
        return subprocess.run([sys.executable, program, *arguments], check=False).returncode

    assert run("--check") == 5
    assert run() == 0
    assert [path.read_text() for path in spoiled] == whole
    assert run("--check") == 0


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*/values.yaml")), ids=lambda p: p.parent.name)
def test_every_value_is_described(path: Path) -> None:
    assert readmes.undescribed(path.read_text()) == []


@pytest.mark.parametrize("service", [*SERVICES, "broker"])
def test_shared_values_are_described_alike(service: str) -> None:
    shared = readmes.descriptions((CHARTS / "microservice" / "values.yaml").read_text())
    own = readmes.descriptions((CHARTS / service / "values.yaml").read_text())
    assert {key: text for key, text in own.items() if key[0] != "app"} == shared


def test_schemas_are_valid_and_closed() -> None:
    for name in (*SERVICES, "broker", "retail", "platform"):
        schema = schemas.compose(name)
        jsonschema_rs.meta.validate(schema)
        assert schema["additionalProperties"] is False
        assert {"enabled", "global"} <= schema["properties"].keys()


def test_objects_are_closed_and_their_properties_required() -> None:
    inner = {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "optional": ["b"]}
    assert schemas.closed({"type": "array", "items": inner})["items"] == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {}},
        "additionalProperties": False,
        "required": ["a"],
    }


def test_a_rule_reaches_into_objects() -> None:
    source = {"when": {"a.b": {"const": 1}}, "demand": {"a.c": {"minLength": 1}, "d": {"const": 2}}}
    assert schemas.rule(source) == {
        "if": {"properties": {"a": {"properties": {"b": {"const": 1}}}}},
        "then": {
            "properties": {"a": {"properties": {"c": {"minLength": 1}}}, "d": {"const": 2}},
        },
    }


def test_a_stale_file_is_found_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out"

    def generate(_: Path) -> object:
        return iter([(target, "new")])

    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generated.main(generate) == 5
    assert not target.exists()
    assert f"stale {target}" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["generate"])
    assert generated.main(generate) == 0
    assert target.read_text() == "new"
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generated.main(generate) == 0


def test_the_table_shows_defaults_and_escapes_bars() -> None:
    text = 'a:\n  # -- One | two\n  b: "x|y"\n# -- All\nc:\n  d: 1\n'
    assert readmes.table(text).splitlines()[2:] == [
        '| `a.b` | `"x\\|y"` | One \\| two |',
        '| `c` | `{"d": 1}` | All |',
    ]
    assert readmes.undescribed("a:\n  b: 1\n") == ["a.b"]
