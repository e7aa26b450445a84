"""The gate `health`: what is upstream is Synced and Healthy at the release, as Argo CD says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from relman.adapters import api_server as adapter

from . import api_servers
from .api_servers import status
from .argo import LATER, Argo
from .gating import declare, gate, verdict
from .lab import Lab


@pytest.fixture
def argo(remote_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Argo]:
    """1.0.0 runs in dev by git; staging is guarded."""
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=lambda _: None))
    with api_servers.serving() as fake:
        config = api_servers.kubeconfig(tmp_path / "kubeconfig", {"hub": fake.url})
        monkeypatch.setenv("KUBECONFIG", str(config))
        remote_lab.cut("1.0.0")
        remote_lab.ok("deploy", "dev", "--yes")
        remote_lab.pull()
        declare(remote_lab, "staging", {"health": {}})
        found = Argo(fake, remote_lab)
        found.root("dev")
        yield found


def test_well(argo: Argo) -> None:
    argo.deliver("dev")
    found = gate(argo.lab, "health", "staging")
    assert (found["verdict"], found["summary"]) == ("pass", "dev is Synced and Healthy")
    assert found["evidence"]["dev"]["since"] == LATER
    assert found["evidence"]["dev"]["applications"] == 1
    argo.lab.ok("promote", "dev", "staging", "--yes")


@pytest.mark.parametrize(
    ("sync", "health"), [("OutOfSync", "Healthy"), ("Synced", "Degraded"), ("Synced", "Unknown")]
)
def test_not_well(argo: Argo, sync: str, health: str) -> None:
    argo.deliver("dev")
    argo.compare("dev", sync, health)
    found = verdict(argo.lab, "health", "staging")
    assert found[0] == "fail"
    assert "dev: dev-shop" in found[1]
    assert "relman wait dev" in found[1]
    done = argo.lab.relman("promote", "dev", "staging", "--yes")
    assert (done.code, argo.lab.runs()["staging"]) == (1, None)


def test_not_there_yet(argo: Argo) -> None:
    """Argo CD has not seen what git says."""
    assert verdict(argo.lab, "health", "staging")[0] == "fail"


def test_well_at_another_release(argo: Argo) -> None:
    argo.deliver("dev")
    argo.lab.cut("1.1.0", web=2)
    argo.lab.ok("deploy", "dev", "--yes")
    assert verdict(argo.lab, "health", "staging")[0] == "fail"
    argo.lab.pull()
    argo.deliver("dev")
    assert verdict(argo.lab, "health", "staging")[0] == "pass"
    plan = argo.lab.ok("plan", "staging", "1.0.0", "-o", "json").json
    (found,) = [one for one in plan["gates"] if one["gate"] == "health"]
    assert (found["verdict"], found["summary"]) == ("fail", "dev: is at 1.1.0, not 1.0.0")


@pytest.mark.parametrize("code", [401, 403, 500, 503])
def test_argo_can_not_be_asked(argo: Argo, code: int) -> None:
    argo.deliver("dev")
    argo.server.script = lambda _: status(code, "as it is")
    assert verdict(argo.lab, "health", "staging")[0] == "unknown"
    done = argo.lab.relman("promote", "dev", "staging", "--yes")
    assert (done.code, argo.lab.runs()["staging"]) == (1, None)


def test_no_kubeconfig(argo: Argo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    found = verdict(argo.lab, "health", "staging")
    assert found[0] == "unknown"
    assert "kubeconfig" in found[1]


def test_where_the_path_starts(argo: Argo) -> None:
    declare(argo.lab, "dev", {"health": {}})
    assert verdict(argo.lab, "health", "dev")[0] == "pass"


def test_a_rollback_is_not_held_up(argo: Argo) -> None:
    argo.deliver("dev")
    argo.lab.ok("promote", "dev", "staging", "--yes")
    argo.lab.cut("1.1.0", web=2)
    argo.lab.ok("deploy", "dev", "--yes")
    argo.lab.pull()
    argo.deliver("dev")
    argo.lab.ok("promote", "dev", "staging", "--yes")
    argo.server.script = lambda _: status(500)
    argo.lab.ok("rollback", "staging", "--yes")
    assert argo.lab.runs()["staging"] == "1.0.0"
