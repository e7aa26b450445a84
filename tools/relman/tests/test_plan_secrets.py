"""No secret is ever in what relman prints, writes to a log or commits on top of what people wrote
themselves."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import Any

import pytest

from .lab import Lab, Ran
from .objects import DEV, Objects, container, having, thing, wants, workload
from .states import edited, environment, running

OLD, NEW = "hunter2-was-here", "hunter3-is-here"
ENCODED = [base64.b64encode(text.encode()).decode() for text in (OLD, NEW)]
WORDS = (OLD, NEW, *ENCODED)


def _silent(*runs: Ran) -> None:
    for done in runs:
        assert "Traceback" not in done.err
        for word in WORDS:
            assert word not in done.out
            assert word not in done.err


def _all_views(lab: Lab, after: Objects) -> list[Ran]:
    """Every way in which a change can be looked at and applied."""
    wants(lab, after)
    ran = [
        lab.relman("plan", "dev"),
        lab.relman("plan", "dev", "-o", "json"),
        lab.relman("refresh", "dev", "--dry-run"),
        lab.relman("lint"),
        lab.relman("refresh", "dev", "--yes"),
        lab.relman("history", "-o", "json"),
    ]
    record = lab.git("ls-tree", "-r", "--name-only", "main", "releases/records/dev").split()[-1]
    ran.append(Ran(0, lab.git("log", "-1", "--format=%B"), lab.read(record)))
    return ran


def _secret(**data: Any) -> dict[str, Any]:
    return thing("v1", "Secret", **data)


def _env(name: str, value: Any) -> dict[str, Any]:
    one: Objects = {"app": workload()}
    container(one)["env"] = [{"name": name, "value": value}]
    return one["app"]


def _config(data: dict[str, str]) -> dict[str, Any]:
    return thing("v1", "ConfigMap", data=data)


def _widget(**spec: Any) -> dict[str, Any]:
    return thing("example.com/v1", "Widget", spec=spec)


def _args(*args: str) -> dict[str, Any]:
    one: Objects = {"app": workload()}
    container(one)["args"] = list(args)
    return one["app"]


def _url(secret: str) -> str:
    return f"mysql://root:{secret}@db/x"


def _pairs() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Secrets where charts put them: before and after, by what makes them one."""
    pairs = {
        "stringData": (_secret(stringData={"a": OLD}), _secret(stringData={"a": NEW})),
        "data": (_secret(data={"a": ENCODED[0]}), _secret(data={"a": ENCODED[1]})),
        "another key": (_secret(stringData={"a": OLD}), _secret(stringData={"b": NEW})),
        "another form": (_secret(data={"a": ENCODED[0]}), _secret(stringData={"a": NEW})),
        "first": (_secret(), _secret(stringData={"a": NEW})),
        "url": (_env("DATABASE_URL", _url(OLD)), _env("DATABASE_URL", _url(NEW))),
        "new": (workload(), _env("DB_PASSWORD", NEW)),
        "key": (_config({"db.password": OLD}), _config({"db.password": NEW})),
        "file": (
            _config({"app.properties": f"a=1\ndb.password={OLD}\n"}),
            _config({"app.properties": f"a=2\ndb.password={NEW}\n"}),
        ),
        "map": (_widget(credentials={"value": OLD}), _widget(credentials={"value": NEW})),
        "list": (_widget(passwords=[OLD]), _widget(passwords=[OLD, NEW])),
        "argument": (_args("--a=x", f"--password={OLD}"), _args("--a=y", f"--password={NEW}")),
    }
    names = ("DB_PASSWORD", "API_KEY", "GITHUB_TOKEN", "JWT_SECRET", "AWS_SECRET_ACCESS_KEY")
    return pairs | {name: (_env(name, OLD), _env(name, NEW)) for name in names}


def test_secrets_that_change(tmp_path: Path) -> None:
    """Each in an object of its own, so that one plan shows which ones are not hidden."""
    before, after = {}, {}
    for number, (what, (old, new)) in enumerate(_pairs().items()):
        name = {"name": f"x{number}"}
        before[what] = {**old, "metadata": name}
        after[what] = {**new, "metadata": name}
    lab = having(tmp_path / "lab", before)
    ran = _all_views(lab, after)
    changed = {one["object"]["name"]: one for one in ran[1].json["objects"]}
    names = {f"x{number}": what for number, what in enumerate(before)}
    assert {names[name] for name in changed} == set(before), "that it changes must show"
    assert all(one["fields"] for one in changed.values())
    leaked = {names[name] for name, one in changed.items() if any(w in str(one) for w in WORDS)}
    assert leaked == set()
    _silent(*ran)
    assert "--a=y" in ran[0].out, "what is no secret is shown"


def test_a_secret_that_is_a_number(tmp_path: Path) -> None:
    spec = {"password": 48151623, "pin": 1}
    before = thing("example.com/v1", "Widget", spec=spec)
    lab = having(tmp_path / "lab", {"a": before})
    wants(lab, {"a": thing("example.com/v1", "Widget", spec={"password": 42316151, "pin": 2})})
    shown = lab.ok("plan", "dev").out
    assert "spec.pin: 1 -> 2" in shown
    assert "48151623" not in shown
    assert "42316151" not in shown


@pytest.mark.parametrize(
    "one",
    [
        _secret(stringData={"a": 48151623}),
        _env("DB_PASSWORD", 48151623),
        thing("v1", "ConfigMap", data={"db.password": 48151623}),
    ],
)
def test_what_a_schema_says_of_a_secret(tmp_path: Path, one: dict[str, Any]) -> None:
    """A validator quotes what it refuses."""
    lab = having(tmp_path / "lab", {})
    wants(lab, {"a": one})
    ran = [lab.relman("plan", "dev"), lab.relman("plan", "dev", "-o", "json"),
           lab.relman("lint"), lab.relman("refresh", "dev", "--yes")]  # fmt: skip
    assert ran[0].code == 0
    assert ran[3].code == 1
    for done in ran:
        assert "48151623" not in done.out + done.err


def test_what_a_charts_schema_says_of_a_secret(tmp_path: Path) -> None:
    lab = running(tmp_path / "lab")
    pattern = '{"properties": {"db": {"properties": {"password": {"pattern": "^[A-Z]+$"}}}}}'
    lab.write("charts/web/values.schema.json", pattern)
    values = f"values:\n  shop:\n    web:\n      db: {{password: {OLD}}}\n"
    lab.write(DEV, environment("dev", more=values))
    lab.commit()
    lab.cut("1.1.0")
    done = lab.relman("deploy", "dev", "--yes")
    assert done.code == 2
    assert "password" in done.err
    _silent(done, lab.relman("lint"))


UPSTREAM = """apiVersion: relman/v1
kind: Component
chart: metrics
repo: http://127.0.0.1:9/charts
version: 1.0.0
namespace: kube-system
values:
  admin: {{user: robin, password: {secret}}}
  env:
    - {{name: API_TOKEN, value: {secret}}}
  apiKey: {secret}
  plain: {plain}
"""


def test_values_of_an_upstream_chart_that_is_not_rendered(tmp_path: Path) -> None:
    lab = running(tmp_path / "lab")
    path = "releases/components/metrics.yaml"
    lab.write(path, UPSTREAM.format(secret=OLD, plain="one"))
    lab.commit()
    lab.cut("1.1.0")
    first = [lab.ok("plan", "dev"), lab.ok("plan", "dev", "-o", "json")]
    lab.ok("deploy", "dev", "--yes")
    lab.write(path, UPSTREAM.format(secret=NEW, plain="two"))
    lab.commit()
    lab.cut("1.2.0")
    second = [lab.ok("plan", "dev"), lab.ok("plan", "dev", "-o", "json")]
    _silent(
        *first,
        *second,
        lab.ok("diff", "1.1.0", "1.2.0", "-o", "json"),
        lab.ok("diff", "1.1.0", "1.2.0"),
    )
    assert "one -> two" in second[0].out


def test_values_of_environments_that_are_compared(tmp_path: Path) -> None:
    lab = running(tmp_path / "lab")
    for name, secret in (("dev", OLD), ("staging", NEW)):
        values = f"values:\n  shop:\n    web:\n      settings: {{PASSWORD: {secret}, A: {name}}}\n"
        edited(lab, f"releases/environments/{name}.yaml", "clusters:", f"{values}clusters:")
    done = [lab.ok("diff", "dev", "staging"), lab.ok("diff", "dev", "staging", "-o", "json")]
    _silent(*done)
    assert "dev -> staging" in done[0].out


def test_what_is_harmless_is_shown(tmp_path: Path) -> None:
    """Hiding too much makes people stop reading: names of secrets and files are no secrets."""
    names = {"PASSWORD_FILE": "/mnt/a", "secretName": "a", "API_KEY_ARN": "arn:a", "TOKENS": "a",
             "PASSWORD_ROTATION": "a", "CREDENTIALS_PATH": "/a", "URL": "https://a/b"}  # fmt: skip
    before = thing("v1", "ConfigMap", data=names)
    after = thing("v1", "ConfigMap", data={key: f"{text}2" for key, text in names.items()})
    lab = having(tmp_path / "lab", {"a": before})
    wants(lab, {"a": after})
    shown = lab.ok("plan", "dev").out
    hidden = [key for key in names if f"data.{key}: {names[key]} -> {names[key]}2" not in shown]
    assert hidden == []


def test_a_login_in_the_remotes_url(tmp_path: Path) -> None:
    """CI clones with a token in the URL; relman init would write it into relman.yaml."""
    lab = running(tmp_path / "lab", remote=True)
    lab.git("rm", "-rq", "releases", "argocd")
    lab.git("remote", "set-url", "origin", f"https://x-access-token:{OLD}@git.example.com/shop.git")
    done = lab.ok("init")
    _silent(done)
    text = (lab.root / "releases/relman.yaml").read_text()
    assert OLD not in text
    assert "https://git.example.com/shop.git" in text


def test_a_login_in_the_url_of_a_remote_that_is_away(tmp_path: Path) -> None:
    lab = running(tmp_path / "lab", remote=True)
    lab.git("remote", "set-url", "origin", f"http://robin:{OLD}@127.0.0.1:9/shop.git")
    done = lab.relman("cut", "1.1.0")
    assert done.code == 4
    _silent(done, lab.relman("doctor"), lab.relman("doctor", "-o", "json"))


def test_the_traceback_of_an_unexpected_error_stays_in_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And names no more than the error does on the terminal."""
    lab = running(tmp_path / "lab")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fails(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("relman.operations.status.status", fails)
    done = lab.relman("status")
    assert done.code == 3
    assert done.err.startswith("error: unexpected RuntimeError: a bug\n  traceback: ")
    log = Path(done.err.split("traceback: ")[1].strip())
    assert "Traceback (most recent call last)" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0, "others can't read it"
