"""Values: merged, written and read exactly as Helm does, which is asked each time.

Many cases go into one file, each under a key of its own, since a start of Helm costs 0.1 s.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from relman.adapters import helm as in_process
from relman.adapters import yaml
from relman.core.merge import merge

from .lab import Lab
from .states import template

BOUNDED = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking would start Helm hundreds of times
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD = [
    "y", "n", "Y", "N", "yes", "no", "Yes", "NO", "on", "off", "true", "True", "FALSE", "~",
    "null", "Null", "NULL", "nUll", "nan", ".nan", ".inf", "-.inf", "inf", "0", "-0", "007",
    "0777", "0o17", "0x1F", "0b11", "08", "1_000", "1e3", "1E-3", "+1", "-1", ".5", "5.", "1.0",
    "12:30", "12:30:45", "1:60", "2024-01-01", "2024-01-01T10:00:00Z", "2024-1-1 10:00:00 +1",
    "=", "<<", "-", "- a", "?", "? a", ":", ": a", "a: b", "a:", "#", "a # b", "!", "!!str a",
    "&a", "*a", "%a", "@a", "`a`", "'", '"', "''", "\\", "{", "{}", "[", "[]", "a, b", "|", ">",
    "", " ", "  lead", "trail  ", "\n", "\n\n", "a\n", "a\nb", "a\nb\n", "a\n\nb\n\n", "\na",
    " a\nb", "a\n  b\n c", "a \nb", "\ta", "a\tb", "tab\t\nb", "---", "...", "--- a", "a\n---\nb",
    "ünïcödé", "日本", "😀", "\u2028", "\u0085", "\u00a0", "\ufeff", "\x07", "\x7f", "\x1b[0m",
    "a" * 300, "word " * 60, "1.2.3", "1.10", "0.1", "9007199254740993", "1e400", "0xg", "1__0",
    "0o8", "+.inf", "NaN", "190:20:30", "1,000", "0.", "1.e+3", "-2E+05", "4.2e1", "6.02e23",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.sampled_from(ODD)
    | st.text(st.characters(codec="utf-8"), max_size=12)
)
keys = st.sampled_from(["a", "b", "c"]) | st.sampled_from([key for key in ODD if key != "<<"])
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)
layers = st.dictionaries(keys, trees, max_size=4)


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chart that prints the values that it got."""
    folder = tmp_path_factory.mktemp("chart") / "values"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: values\nversion: 0.1.0\n")
    (folder / "values.yaml").write_text("default: {kept: 1, removed: 2, list: [1, 2]}\n")
    (folder / "templates/all.yaml").write_text("got: {{ toJson .Values | quote }}\n")
    return folder


def _number(text: str) -> float:
    """JSON has no whole numbers; beyond 2**53 Helm prints what a double holds."""
    return int(text) if len(text) < 16 else float(text)


def _got(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(yaml.load(text, "rendered")["got"], parse_int=_number)
    return found


def _by_helm(chart: Path, *texts: str) -> dict[str, Any]:
    options = []
    for number, text in enumerate(texts):
        file = chart.parent / f"layer-{number}.yaml"
        file.write_text(text)
        options += ["--values", str(file)]
    return _got(template("template", "x", str(chart), *options))


def _in_process(chart: Path, values: dict[str, Any]) -> dict[str, Any]:
    return _got(in_process.render(chart, "x", "default", values, "values"))


def _cases(found: list[Any]) -> dict[str, Any]:
    return {f"case-{number}": one for number, one in enumerate(found)}


@BOUNDED
@given(st.lists(st.tuples(layers, layers, layers), min_size=5, max_size=15))
def test_layers_merge_as_helms_files_do(chart: Path, cases: list[tuple[Any, ...]]) -> None:
    sides = [_cases([case[side] for case in cases]) for side in range(3)]
    expected = _by_helm(chart, *(yaml.dump(side) for side in sides))
    assert _in_process(chart, merge(*sides)) == expected


def test_a_null_removes_the_charts_default_through_every_layer(chart: Path) -> None:
    below = {"default": {"removed": None}, "own": {"a": 1, "b": [1, 2]}}
    above = {"default": {"list": [3]}, "own": {"b": [4], "c": None}}
    expected = _by_helm(chart, json.dumps(below), json.dumps(above))
    assert expected["default"] == {"kept": 1, "list": [3]}
    assert expected["own"]["b"] == [4]
    assert _in_process(chart, merge(below, above)) == expected


def test_what_an_environment_removes_a_cluster_does_not_bring_back(lab: Lab) -> None:
    relman = lab.root / "releases/relman.yaml"
    component = "    chart: charts/shop\n"
    assert component in relman.read_text()
    values = "    values: {web: {settings: {REMOVED: yes please}}}\n"
    relman.write_text(relman.read_text().replace(component, component + values))
    lab.write("releases/environments/dev.yaml",
              "apiVersion: relman/v1\nkind: Environment\nname: dev\n"
              "values: {shop: {web: {settings: null}}}\n"
              "clusters:\n  - {name: a}\n"
              "  - {name: b, values: {shop: {web: {settings: {KEPT: this}}}}}\n")  # fmt: skip
    done = lab.ok("render", "dev", "--draft", "--worktree")
    assert "KEPT" in done.out
    assert "REMOVED" not in done.out


@given(layers, layers, layers)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_merging_is_pure_and_goes_step_by_step(one: Any, two: Any, three: Any) -> None:
    """From below only: a null and a map above it, merged first, would be just the map."""
    before = json.dumps([one, two, three])
    assert merge(one, two, three) == merge(merge(one, two), three)
    merged = merge(one, two)
    for value in merged.values():
        if isinstance(value, dict):
            value["x"] = 1
    assert json.dumps([one, two, three]) == before


@BOUNDED
@given(st.lists(trees, min_size=5, max_size=30))
def test_what_relman_writes_helm_reads(chart: Path, found: list[Any]) -> None:
    data = _cases(found)
    assert yaml.load(yaml.dump(data), "dumped") == data
    got = _by_helm(chart, yaml.dump(data))
    assert {key: got.get(key) for key in data} == data


def test_every_odd_text_survives(chart: Path) -> None:
    data = {**_cases(ODD), "keys": {key: key for key in ODD}, "list": [*ODD, [*ODD]]}
    assert yaml.load(yaml.dump(data), "dumped") == data
    got = _by_helm(chart, yaml.dump(data))
    assert {key: got[key] for key in data} == data


SPECIAL = set("\n#:,{}[]&*!|>'\"%@`?\\\t\x07\x7f\x1b\ufeff\u2028\u0085")
PLAIN = [text for text in ODD if not set(text) & SPECIAL
         and text.strip() and not text.startswith(("- ", "--- ", "---", "..."))]  # fmt: skip
PLAIN.remove("9007199254740993")  # a double can't hold it; Helm rounds, Python needs not
PLAIN += ["12:30", "12:30:45", "1:60", "190:20:30"]
# Helm stops at these, and so does relman.
REFUSED = {".nan", ".inf", "-.inf", "+.inf", "<<", "-"}


@pytest.mark.parametrize("scalar", sorted({*PLAIN} - REFUSED))
def test_plain_scalars_are_read_as_helm_reads_them(read_by_helm: Any, scalar: str) -> None:
    expected = read_by_helm[scalar.strip()]
    found = yaml.load(f"k: {scalar}\n", "plain")["k"]
    assert type(found) is type(expected) or {type(found), type(expected)} == {int, float}
    assert found == expected or (isinstance(found, float) and math.isclose(found, expected))


def test_keys_that_are_numbers_are_named_as_helm_names_them(chart: Path) -> None:
    numbers = ("1.0", "1.10", "3e2", "100000.0", "1234567.5", "2e6", "-1.0", "0.00001", "0x1F",
               "0.1234567", "-2.5e-9", "12", "0.0", "true")  # fmt: skip
    text = "keys:\n" + "".join(f"  {number}: {n}\n" for n, number in enumerate(numbers))
    assert yaml.load(text, "plain")["keys"] == _by_helm(chart, text)["keys"]


@pytest.fixture(scope="module")
def read_by_helm(chart: Path) -> dict[str, Any]:
    """How Helm reads each plain scalar."""
    wanted = sorted({*PLAIN} - REFUSED)
    got = _by_helm(chart, "".join(f"case-{n}: {text}\n" for n, text in enumerate(wanted)))
    return {text.strip(): got.get(f"case-{n}") for n, text in enumerate(wanted)}


@pytest.mark.parametrize("number", [1, 3.5, 1000000, 123456789, 9007199254740993, 1e21, 0.1, -0.0])
def test_numbers_print_alike_both_ways(chart: Path, number: float) -> None:
    """An image's tag or an account's number in a template: the text counts."""
    printing = chart.parent / "printing"
    (printing / "templates").mkdir(parents=True, exist_ok=True)
    (printing / "Chart.yaml").write_text("apiVersion: v2\nname: printing\nversion: 0.1.0\n")
    (printing / "templates/all.yaml").write_text("n: {{ .Values.n }}|{{ .Values.n | int }}\n")
    file = chart.parent / "n.yaml"
    file.write_text(yaml.dump({"n": number}))
    by_helm = template("template", "x", str(printing), "--values", str(file))
    assert in_process.render(printing, "x", "default", {"n": number}, "x") == by_helm
