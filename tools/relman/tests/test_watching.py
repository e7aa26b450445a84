"""`promote --wait` and `--rollback-on-failure`: the next environment only after this one is well,
and back by itself from what isn't or doesn't stay so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from relman.adapters import api_server as adapter
from relman.cli import waiting as command

from . import api_servers
from .api_servers import status
from .argo import Argo
from .gating import declare
from .lab import Ran
from .states import running

pytestmark = pytest.mark.slow


@dataclass
class Time:
    """A clock that moves when somebody sleeps, and what happens then: the next step, then the
    last one again and again."""

    now: float = 0.0
    steps: list[Callable[[], object]] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert self.now < 100_000, "waits for ever"
        self.now += seconds
        if self.steps:
            step = self.steps.pop(0) if self.steps[1:] else self.steps[0]
            step()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(command, "time", clock)
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=lambda _: None))
    return clock


@pytest.fixture
def argo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: Time) -> Iterator[Argo]:
    """Everywhere runs 1.0.0, by git and by Argo CD; dev runs 1.1.0."""
    lab = running(tmp_path / "lab", remote=True)
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    with api_servers.serving() as fake:
        servers = {"hub": fake.url, "staging": fake.url}
        config = api_servers.kubeconfig(tmp_path / "kubeconfig", servers)
        monkeypatch.setenv("KUBECONFIG", str(config))
        found = Argo(fake, lab)
        for name in ("dev", "staging", "prod"):
            found.root(name)
            found.deliver(name)
        yield found


def promote(argo: Argo, *arguments: str, target: str = "staging") -> Ran:
    limit = () if "--pr" in arguments or "--timeout" in arguments else ("--timeout", "60s")
    return argo.lab.relman("promote", "dev", target, "--yes", *limit, *arguments)


def test_waits_until_it_is_well(argo: Argo, time: Time) -> None:
    time.steps = [lambda: None, lambda: argo.deliver("staging")]
    done = promote(argo, "--wait")
    assert done.code == 0, done.err
    assert "waiting for staging to be well at 1.1.0" in done.err
    assert argo.lab.runs() == {"dev": "1.1.0", "staging": "1.1.0", "prod": "1.0.0"}


def test_the_next_is_entered_only_when_the_one_before_is_well(argo: Argo, time: Time) -> None:
    done = promote(argo, "--wait", target="prod")
    assert done.code == 1
    assert "staging is not well at 1.1.0" in done.err
    assert "relman rollback staging" in done.err
    assert argo.lab.runs() == {"dev": "1.1.0", "staging": "1.1.0", "prod": "1.0.0"}
    assert 60 <= time.now < 90


def test_all_the_way(argo: Argo, time: Time) -> None:
    def deliver() -> None:
        argo.deliver("staging")
        argo.deliver("prod")

    time.steps = [deliver]
    declare_health(argo)
    done = promote(argo, "--wait", target="prod")
    assert done.code == 0, done.err
    assert argo.lab.runs()["prod"] == "1.1.0"


def declare_health(argo: Argo) -> None:
    argo.lab.pull()
    declare(argo.lab, "prod", {"health": {}})


def test_argo_can_not_be_asked(argo: Argo, time: Time) -> None:
    argo.server.script = lambda _: status(401)
    done = promote(argo, "--rollback-on-failure")
    assert done.code == 4
    assert argo.lab.runs()["staging"] == "1.1.0"


def test_goes_back_when_it_does_not_become_well(argo: Argo, time: Time) -> None:
    done = promote(argo, "--rollback-on-failure")
    assert done.code == 1
    assert "staging was not well at 1.1.0 and is back at 1.0.0" in done.err
    assert argo.lab.runs()["staging"] == "1.0.0"
    argo.lab.pull()
    record = yaml.safe_load(argo.lab.read("releases/records/staging/0003-1.0.0.yaml"))
    assert record["action"] == "rollback"
    assert record["reason"].startswith("by itself, as staging was not well at 1.1.0: staging-shop")
    assert record["blocked"] == ["1.1.0"]
    assert argo.lab.ok("audit").code == 0
    again = promote(argo)
    assert again.code == 1
    assert "relman unblock staging 1.1.0" in again.err


def test_stays_when_it_stays_well(argo: Argo, time: Time) -> None:
    time.steps = [lambda: argo.deliver("staging")]
    done = promote(argo, "--rollback-on-failure", "--watch", "60s")
    assert done.code == 0, done.err
    assert time.now >= 60
    assert argo.lab.runs()["staging"] == "1.1.0"


def test_what_needed_no_sync_stays(argo: Argo, time: Time) -> None:
    """A release that changes nothing there is Synced without an operation of its own. That is
    looked at twice, and then believed for as long as it is watched."""

    def deliver() -> None:
        argo.deliver("staging")
        for one in argo.applications("staging"):
            one["status"].pop("operationState", None)

    argo.server.script = argo.attend
    time.steps = [deliver, lambda: None]
    done = promote(argo, "--rollback-on-failure", "--watch", "2m")
    assert done.code == 0, done.err
    assert argo.lab.runs()["staging"] == "1.1.0"


def test_goes_back_when_it_does_not_stay_well(argo: Argo, time: Time) -> None:
    well = [lambda: argo.deliver("staging")] * 8
    time.steps = [*well, lambda: argo.compare("staging", health="Degraded")]
    done = promote(argo, "--rollback-on-failure", "--watch", "60s")
    assert done.code == 1
    assert "and is back at 1.0.0: staging-shop" in done.err
    assert "staging-shop: degraded" in done.err
    assert argo.lab.runs()["staging"] == "1.0.0"


def test_a_moment_of_progress_is_nothing(argo: Argo, time: Time) -> None:
    well = [lambda: argo.deliver("staging")] * 6
    scaling: list[Callable[[], object]] = [lambda: argo.compare("staging", health="Progressing")]
    time.steps = [*well, *scaling * 3, *well]
    done = promote(argo, "--rollback-on-failure", "--watch", "60s")
    assert done.code == 0, done.err


def test_argo_that_is_away_for_a_while_proves_nothing(argo: Argo, time: Time) -> None:
    def away() -> None:
        argo.server.script = lambda _: status(503)

    def back() -> None:
        argo.server.script = lambda _: None

    well = [lambda: argo.deliver("staging")] * 6
    time.steps = [*well, away, *[lambda: None] * 6, back]
    assert promote(argo, "--rollback-on-failure", "--watch", "60s").code == 0
    time.steps = [*well, away]
    done = promote(argo, "--rollback-on-failure", "--watch", "60s")
    assert done.code == 4
    assert "is not known" in done.err
    assert argo.lab.runs()["staging"] == "1.1.0"


def test_what_somebody_else_has_changed_is_left_alone(argo: Argo, time: Time) -> None:
    def other() -> None:
        argo.lab.relman("rollback", "staging", "--yes", "--reason", "by hand")

    time.steps = [other]
    done = promote(argo, "--rollback-on-failure")
    assert done.code == 1
    assert "staging runs 1.0.0 by git, not 1.1.0" in done.err
    argo.lab.pull()
    record = yaml.safe_load(argo.lab.read("releases/records/staging/0003-1.0.0.yaml"))
    assert record["reason"] == "by hand"


def test_run_again_it_watches_again(argo: Argo, time: Time) -> None:
    """As after a run that was killed between applying and watching."""
    assert promote(argo).code == 0
    done = promote(argo, "--rollback-on-failure")
    assert done.code == 1
    assert argo.lab.runs()["staging"] == "1.0.0"


def test_goes_back_from_an_emergency_past_the_path(argo: Argo, time: Time) -> None:
    """What was passed over on the way in doesn't stand in the way back."""
    argo.lab.pull()
    frozen = {"from": "2020-01-01", "to": "2099-12-31"}
    declare(argo.lab, "prod", {"windows": {"timeZone": "UTC", "deny": [{"dates": frozen}]}})
    argo.lab.ok("promote", "dev", "staging", "--yes")
    done = argo.lab.relman(
        "promote", "staging", "prod", "--yes", "--reason", "down", "--timeout", "60s",
        "--emergency", "source", "--emergency", "windows", "--rollback-on-failure",
    )  # fmt: skip
    assert done.code == 1
    assert "prod was not well at 1.1.0 and is back at 1.0.0" in done.err
    assert argo.lab.runs()["prod"] == "1.0.0"
    assert argo.lab.ok("audit").code == 0


def test_nothing_to_go_back_to(argo: Argo, time: Time) -> None:
    argo.lab.pull()
    argo.lab.write(
        "releases/environments/new.yaml",
        "apiVersion: relman/v1\nkind: Environment\nname: new\nafter: [dev]\n"
        "clusters:\n  - name: new\n",
    )
    argo.lab.commit("a new environment")
    done = promote(argo, "--rollback-on-failure", target="new")
    assert done.code == 1
    assert "new is not well at 1.1.0" in done.err
    assert "stays there" in done.err
    assert "has run no other release" in done.err


def test_a_gate_that_refuses_the_way_back(argo: Argo, time: Time) -> None:
    argo.lab.pull()
    declare(argo.lab, "staging", {"target": {}})

    def closed() -> None:
        argo.server.script = lambda asked: status(403) if asked.path == "/version" else None

    time.steps = [closed]
    done = promote(argo, "--rollback-on-failure")
    assert done.code == 1
    assert "stays there: the gate target is unknown" in done.err
    assert argo.lab.runs()["staging"] == "1.1.0"


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        ("dev", ("deploy", "dev")),
        ("dev", ("refresh", "dev")),
        ("staging", ("promote", "dev", "staging")),
        ("dev", ("rollback", "dev")),
    ],
)
def test_the_result_says_how_it_is(
    argo: Argo, time: Time, environment: str, arguments: tuple[str, ...]
) -> None:
    argo.server.script = argo.attend
    command = (*arguments, "--yes", "--wait", "--timeout", "1m", "-o", "json")
    time.steps = [lambda: argo.deliver(environment), lambda: None]
    done = argo.lab.relman(*command)
    assert done.code == 0, done.err
    (outcome,) = done.json
    health = outcome["health"]
    assert health["release"] == argo.lab.runs()[environment]
    assert [one["state"] for one in health["applications"]] == ["ready"]
    assert f"{environment} is well at {health['release']}" in done.err

    time.steps = []
    argo.compare(environment, health="Degraded")
    done = argo.lab.relman(*command)
    assert done.code == 1
    (outcome,) = done.json
    assert outcome["health"]["applications"][0]["reason"] == "degraded"
    again = "wait" if arguments[0] in ("refresh", "rollback") else "rollback"
    assert "is not well at" in done.err
    assert f"next: relman {again} {environment}" in done.err


def test_nobody_waits_unasked(argo: Argo, time: Time) -> None:
    done = argo.lab.ok("deploy", "dev", "--yes", "-o", "json")
    assert (done.json[0]["health"], time.now) == (None, 0)
    done = argo.lab.relman("deploy", "dev", "--yes", "--timeout", "soon")
    assert done.code == 2
    assert "--timeout: 'soon' is not a length of time" in done.err


@pytest.mark.parametrize("flag", ["--wait", "--rollback-on-failure"])
def test_a_pull_request_can_not_be_waited_for(argo: Argo, flag: str) -> None:
    done = promote(argo, "--pr", flag)
    assert done.code == 2
    assert "--pr applies nothing yet" in done.err


def test_a_dry_run_waits_for_nothing(argo: Argo, time: Time) -> None:
    assert promote(argo, "--dry-run", "--rollback-on-failure").code == 0
    assert time.now == 0
