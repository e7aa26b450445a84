"""Evidence from outside is gathered side by side: one source that fails or is late hides no
other, what isn't declared isn't asked, and a plan that is made again asks no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from relman.adapters import api_server as adapter
from relman.operations import evidence, side_by_side
from relman.operations.evidence import checks

from . import api_servers, registries
from .api_servers import ApiServer
from .gating import declare, facts
from .lab import DIGEST, Lab
from .registries import Answer, Registry

QUOTAS = [("ResourceQuota", "resourcequotas", True), ("LimitRange", "limitranges", True)]


@pytest.fixture
def service() -> Iterator[Registry]:
    """A registry of images, and what is checked."""
    with registries.serving() as found:
        found.script = lambda _: Answer(body=b"{}")
        yield found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=lambda _: None))
    with api_servers.serving() as fake:
        fake.served["v1"] = fake.served["v1"] + QUOTAS
        config = api_servers.kubeconfig(tmp_path / "kubeconfig", {"dev": fake.url})
        monkeypatch.setenv("KUBECONFIG", str(config))
        yield fake


@pytest.fixture
def guarded(lab: Lab, service: Registry, server: ApiServer) -> Lab:
    """A lab in which dev is guarded by everything, and all of it holds."""
    images = [f"{name}={service.host}/{name}:1@{DIGEST.format(1)}" for name in ("web", "api")]
    lab.ok("cut", "1.0.0", "--image", images[0], "--image", images[1])
    facts(lab, "dev", accountId="123456789012", region="eu-west-1")
    check = {"name": "api", "url": f"http://{service.host}/health", "timeout": "2s"}
    declare(lab, "dev", {"images": {}, "secrets": {}, "target": {}, "checks": [check]})
    return lab


def verdicts(lab: Lab) -> dict[str, str]:
    plan = lab.ok("plan", "dev", "-o", "json").json
    return {one["gate"]: one["verdict"] for one in plan["gates"]}


def test_all_hold(guarded: Lab) -> None:
    assert set(verdicts(guarded).values()) == {"pass"}
    guarded.ok("deploy", "dev", "--yes")


def test_one_that_fails_hides_no_other(
    guarded: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    found = verdicts(guarded)
    assert found.pop("target") == "unknown"
    assert set(found.values()) == {"pass"}


def test_one_that_is_late_hides_no_other(
    guarded: Lab, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    monkeypatch.setattr(evidence, "SECONDS", 2)
    server.script = lambda _: api_servers.Answer(wait=never)
    try:
        found = verdicts(guarded)
    finally:
        never.set()
    assert found.pop("target") == "unknown"
    assert set(found.values()) == {"pass"}


@pytest.mark.parametrize("source", ["images", "secrets", "target", "checks"])
def test_a_source_that_breaks_is_unknown(
    guarded: Lab, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """A mistake of relman's own must not open a gate."""

    def broken(_: Any) -> Any:
        raise KeyError("a mistake")

    monkeypatch.setitem(evidence.SOURCES, source, broken)
    found = verdicts(guarded)
    assert found.pop(source) == "unknown"
    assert set(found.values()) == {"pass"}
    assert guarded.relman("deploy", "dev", "--yes").code == 1


def test_nothing_is_asked_that_is_not_declared(
    lab: Lab, service: Registry, server: ApiServer
) -> None:
    lab.cut("1.0.0")
    lab.ok("plan", "dev")
    lab.ok("deploy", "dev", "--yes")
    assert (service.asked, server.asked) == ([], [])


def test_offline_nothing_is_asked_at_all(
    guarded: Lab, service: Registry, server: ApiServer
) -> None:
    plan = guarded.ok("plan", "dev", "--offline", "-o", "json").json
    found = {one["gate"]: one["verdict"] for one in plan["gates"]}
    names = ("images", "secrets", "target", "checks")
    assert {found[name] for name in names} == {"unknown"}
    assert (service.asked, server.asked) == ([], [])


def test_a_lost_race_asks_no_more(
    guarded: Lab, service: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked a moment ago for the very plan still holds."""
    from relman.adapters import commits

    swap, lost = commits.swap, [True]

    def overtaken(*arguments: Any) -> str | None:
        if lost:
            lost.pop()
            guarded.write("unrelated.txt", "somebody else's")
            guarded.commit("faster")
            return "moved"
        return swap(*arguments)

    monkeypatch.setattr(commits, "swap", overtaken)
    guarded.ok("deploy", "dev", "--yes")
    assert not lost
    assert [said.path for said in service.asked].count("/health") == 1


def test_many_questions_share_a_few_threads() -> None:
    most, now, lock = [0], [0], threading.Lock()
    together = threading.Barrier(side_by_side.MOST)

    def job() -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait(10)
        with lock:
            now[0] -= 1
        return 1

    count = side_by_side.MOST * 3
    answers = side_by_side.ask(dict.fromkeys(range(count), job), 30)
    assert [answer.value for answer in answers.values()] == [1] * count
    assert list(answers) == list(range(count))
    assert most[0] == side_by_side.MOST


def test_how_long_checks_may_take_is_what_is_declared() -> None:
    from relman.core.models.gates import ReleaseCheck

    check = ReleaseCheck(name="x", command=("true",), timeout="30s", retries=2)
    assert checks.seconds(check) == 3 * (30 + checks.PAUSE)
