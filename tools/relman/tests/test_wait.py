"""`relman wait`: ready means this very release, as Argo CD's own status says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from relman.adapters import api_server as adapter
from relman.cli import waiting as command
from relman.operations import asking

from .api_servers import ApiServer, Asked, status
from .argo import LATER, REFRESH, Argo
from .lab import Lab, git


@dataclass
class Time:
    """A clock that moves when somebody sleeps, and what happens then, one step for each sleep."""

    now: float = 0.0
    steps: list[Callable[[], None]] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.steps:
            self.steps.pop(0)()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(command, "time", clock)
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=lambda _: None))
    return clock


@pytest.fixture
def argo(server: ApiServer, remote_lab: Lab, time: Time) -> Argo:
    """1.0.0 is deployed to dev by git, and Argo CD knows nothing of it yet."""
    remote_lab.cut("1.0.0")
    remote_lab.ok("deploy", "dev", "1.0.0", "--yes")
    found = Argo(server, remote_lab)
    found.root("dev")
    return found


def reason(lab: Lab, *arguments: str) -> str:
    """Why the Application is not ready when there is no time to wait."""
    done = lab.relman("wait", "dev", "--timeout", "0", "--stable", "0", "-o", "json", *arguments)
    assert done.code == 1, done.err
    (one,) = done.json["applications"]
    assert one["state"] == "waiting"
    return str(one["reason"])


def test_ready_at_once(argo: Argo) -> None:
    argo.deliver("dev")
    done = argo.lab.ok("wait", "dev", "--stable", "0", "-o", "json")
    assert done.json["release"] == "1.0.0"
    assert [one["state"] for one in done.json["applications"]] == ["ready"]
    assert done.json["since"] == LATER


def test_told_step_by_step(argo: Argo, time: Time) -> None:
    def healthy() -> None:
        argo.compare("dev")

    time.steps = [
        lambda: argo.take("dev"),
        lambda: argo.compare("dev", sync="OutOfSync"),
        lambda: argo.operate("dev", "Running", "waiting for hooks"),
        lambda: argo.operate("dev"),
        lambda: argo.compare("dev", health="Progressing"),
        healthy,
    ]
    done = argo.lab.ok("wait", "dev")
    told = [line for line in done.err.splitlines() if line.startswith("dev-shop: ")]
    assert told == [
        "dev-shop: Argo CD does not have it yet",
        "dev-shop: Argo CD has not compared it with this release yet",
        "dev-shop: is OutOfSync",
        "dev-shop: syncing: waiting for hooks",
        "dev-shop: is OutOfSync",
        "dev-shop: progressing",
        "dev-shop: ready",
    ]
    assert "dev at 1.0.0: 1 Applications are Synced and Healthy" in done.out
    assert time.now == 12 + 10  # six looks, then stable


def test_refresh_is_asked_for_and_not_again_at_every_look(argo: Argo, time: Time) -> None:
    argo.take("dev")
    argo.server.script = argo.attend
    done = argo.lab.relman("wait", "dev", "--timeout", "30s")
    assert done.code == 1
    assert asked(argo) == ["shop-dev", "dev-shop"] * 2
    bodies = [one.body for one in argo.server.said("PATCH")]
    assert bodies == [{"metadata": {"annotations": {REFRESH: "normal"}}}] * 4


def asked(argo: Argo) -> list[str]:
    """The Applications that Argo CD was asked to compare, in order."""
    return [one.path.rpartition("/")[2] for one in argo.server.said("PATCH")]


def test_a_lost_event_of_health_does_not_cost_a_resync(argo: Argo, time: Time) -> None:
    """The pods got ready, and Argo CD finds out only when it is asked to look."""
    argo.deliver("dev")
    argo.compare("dev", health="Progressing")

    def attend(request: Asked) -> None:
        if time.now > 3 and any(REFRESH in str(one) for one in argo.applications("dev")):
            argo.compare("dev")
        argo.attend(request)

    argo.server.script = attend
    argo.lab.ok("wait", "dev", "--stable", "0")
    assert time.now <= 8


def test_what_gets_ready_slowly_is_asked_for_seldom(argo: Argo, time: Time) -> None:
    argo.deliver("dev")
    argo.compare("dev", health="Progressing")
    argo.server.script = argo.attend
    assert argo.lab.relman("wait", "dev", "--timeout", "59s").code == 1
    assert 8 <= len(asked(argo)) <= 12
    assert set(asked(argo)) == {"dev-shop"}


def test_what_is_being_compared_is_not_asked_for(argo: Argo, time: Time) -> None:
    argo.deliver("dev")
    argo.compare("dev", health="Progressing")
    assert argo.lab.relman("wait", "dev", "--timeout", "30s").code == 1
    assert asked(argo) == ["dev-shop"]


def test_another_release_of_the_same_chart_is_told_by_its_values(argo: Argo) -> None:
    argo.deliver("dev")
    argo.lab.cut("1.1.0", web=2)
    argo.lab.ok("deploy", "dev", "1.1.0", "--yes")
    assert reason(argo.lab) == "Argo CD still has 1.0.0"
    argo.take("dev")
    assert reason(argo.lab) == "Argo CD has not compared it with this release yet"


def test_refreshed_values_at_the_same_release_are_waited_for(argo: Argo) -> None:
    argo.deliver("dev")
    argo.lab.pull()
    file = "releases/environments/dev.yaml"
    argo.lab.write(file, f"{argo.lab.read(file)}\nvalues:\n  shop:\n    web:\n      replicas: 5\n")
    argo.lab.commit()
    argo.lab.ok("refresh", "dev", "--yes")
    assert reason(argo.lab) == "Argo CD still has another source"
    argo.deliver("dev")
    argo.lab.ok("wait", "dev", "--stable", "0")


def test_argo_may_be_ahead_of_this_clone(argo: Argo, tmp_path: Path, time: Time) -> None:
    """The root Application failed at a commit that this clone has not fetched, and that changes
    nothing of dev: it will not bring what dev waits for."""
    other = tmp_path / "other"

    def elsewhere() -> None:
        git("clone", "--quiet", str(argo.lab.remote), str(other), cwd=tmp_path)
        for name in ("user.name", "user.email"):
            git("config", name, "x@example.com", cwd=other)
        git("commit", "--quiet", "--allow-empty", "-m", "more", cwd=other)
        git("push", "--quiet", "origin", "main", cwd=other)
        result = {"revision": argo.head()}
        argo.root("dev", operationState={"phase": "Failed", "message": "no", "syncResult": result})

    time.steps = [elsewhere]
    done = argo.lab.relman("wait", "dev")
    assert (done.code, time.now) == (1, 2)
    assert "the root Application shop-dev failed to sync: no" in done.out


def test_another_release_by_git_is_refused(argo: Argo, time: Time) -> None:
    done = argo.lab.relman("wait", "dev", "--release", "1.1.0")
    assert done.code == 1
    assert "dev runs 1.0.0 by git, not 1.1.0" in done.err

    def deployed() -> None:
        argo.lab.cut("1.1.0", web=2)
        argo.lab.ok("deploy", "dev", "1.1.0", "--yes")

    time.steps = [deployed]
    done = argo.lab.relman("wait", "dev")
    assert done.code == 1
    assert "dev runs 1.1.0 by git, not 1.0.0" in done.err


def test_a_failed_sync_ends_it_early(argo: Argo, time: Time) -> None:
    argo.take("dev")
    argo.compare("dev", sync="OutOfSync")
    argo.operate("dev", "Failed", "Deployment web is invalid (retried 5 times).\nmore")
    done = argo.lab.relman("wait", "dev")
    assert (done.code, time.now) == (1, 0)
    assert "the sync failed: Deployment web is invalid (retried 5 times)." in done.out
    assert "1 of 1 Applications are not ready" in done.err


def test_a_sync_that_argo_will_try_again_is_no_failure(argo: Argo) -> None:
    argo.take("dev")
    argo.compare("dev", sync="OutOfSync")
    argo.operate("dev", "Running", "it failed. Retrying attempt #2 at 10:00:20.")
    assert "syncing: it failed. Retrying" in reason(argo.lab)
    argo.operate("dev", "Failed", "it failed")
    for one in argo.applications("dev"):
        one["operation"] = {"sync": {}}
    assert reason(argo.lab) == "a sync is about to begin"


def test_what_failed_before_this_release_is_no_failure(argo: Argo) -> None:
    """A rollback to what still runs: Synced at once, without any operation of its own."""
    argo.take("dev")
    argo.operate("dev", "Failed", "1.1.0 was invalid")
    for one in argo.applications("dev"):
        result = one["status"]["operationState"]["syncResult"]
        result["source"] = {"targetRevision": "f" * 40}
    argo.compare("dev")
    argo.server.script = argo.attend
    argo.lab.ok("wait", "dev", "--stable", "0")


def unapplied(argo: Argo) -> None:
    """Synced, without an operation that brought it."""
    argo.deliver("dev")
    for one in argo.applications("dev"):
        del one["status"]["operationState"]


def test_synced_without_an_operation_is_compared_once_more(argo: Argo, time: Time) -> None:
    unapplied(argo)
    done = argo.lab.relman("wait", "dev", "--timeout", "30s")
    assert done.code == 1
    assert "Argo CD is asked to compare it once more" in done.out
    assert len(argo.server.said("PATCH", "dev-shop")) == 1
    argo.server.script = argo.attend
    argo.lab.ok("wait", "dev")


def test_synced_by_the_cache_of_a_comparison_that_failed_is_not_believed(
    argo: Argo, time: Time
) -> None:
    """Argo CD says so once, then takes what was before the change out of its cache."""
    unapplied(argo)

    def failing(asked: Asked) -> None:
        """A comparison that was asked for fails; the next look finds it Synced again."""
        if asked.method != "GET" or "labelSelector" not in asked.query:
            return
        for one in argo.applications("dev"):
            refreshed = one["metadata"].get("annotations", {}).pop(REFRESH, None)
            error = [{"type": "ComparisonError", "message": "field is immutable"}]
            one["status"]["conditions"] = error if refreshed else []

    argo.server.script = failing
    done = argo.lab.relman("wait", "dev", "--timeout", "30s")
    assert done.code == 1
    assert "ComparisonError: field is immutable" in done.out


def test_degraded_is_waited_for(argo: Argo) -> None:
    """A fresh autoscaler is, until there are metrics."""
    argo.deliver("dev")
    argo.compare("dev", health="Degraded")
    (one,) = argo.applications("dev")
    health = {"status": "Degraded", "message": "no metrics yet"}
    one["status"]["resources"] = [
        {"kind": "HorizontalPodAutoscaler", "name": "web", "health": health}
    ]
    assert reason(argo.lab) == "degraded: HorizontalPodAutoscaler/web: no metrics yet"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda s: s["operationState"].update(finishedAt="2026-01-01T11:00:00Z"), "not looked at"),
        (
            lambda s: s.update(conditions=[{"type": "ComparisonError", "message": "no git"}]),
            "no git",
        ),
        (lambda s: s["sync"].update(status="Unknown"), "is Unknown"),
        (lambda s: s["operationState"].update(phase="Terminating", message="x"), "syncing: x"),
    ],
)
def test_not_ready_because(argo: Argo, spoil: Callable[[dict], None], why: str) -> None:  # type: ignore[type-arg]
    argo.deliver("dev")
    (one,) = argo.applications("dev")
    spoil(one["status"])
    assert why in reason(argo.lab)


def test_a_spec_that_is_not_taken_over(argo: Argo) -> None:
    argo.deliver("dev")
    (one,) = argo.applications("dev")
    one["spec"]["destination"] = {"name": "elsewhere"}
    assert reason(argo.lab) == "Argo CD still has another destination"


def test_a_warning_is_no_reason(argo: Argo) -> None:
    argo.deliver("dev")
    (one,) = argo.applications("dev")
    one["status"]["conditions"] = [{"type": "OrphanedResourceWarning", "message": "?"}]
    argo.lab.ok("wait", "dev", "--stable", "0")


def test_an_application_that_git_has_no_more(argo: Argo) -> None:
    argo.deliver("dev")
    (one,) = argo.applications("dev")
    labels = one["metadata"]["labels"] | {"relman/component": "gone"}
    argo.server.put(one | {"metadata": one["metadata"] | {"name": "dev-gone", "labels": labels}})
    done = argo.lab.relman("wait", "dev", "--timeout", "0", "--stable", "0")
    assert done.code == 1
    assert "dev-gone: git has it no more" in done.err


def test_no_root_application(argo: Argo) -> None:
    argo.server.objects.clear()
    assert "no root Application reads argocd/dev/applications" in reason(argo.lab)


def test_a_root_application_that_is_stuck(argo: Argo) -> None:
    error = {"type": "ComparisonError", "message": "no such repository"}
    argo.root("dev", conditions=[error])
    assert "the root Application shop-dev: ComparisonError: no such repository" in reason(argo.lab)
    result = {"revision": argo.head()}
    failed = {"phase": "Failed", "message": "not permitted", "syncResult": result}
    argo.root("dev", operationState=failed)
    done = argo.lab.relman("wait", "dev")
    assert done.code == 1
    assert "the root Application shop-dev failed to sync: not permitted" in done.out


def test_a_flap_begins_the_stable_time_anew(argo: Argo, time: Time) -> None:
    argo.deliver("dev")

    def flapped() -> None:
        for one in argo.applications("dev"):
            one["status"]["health"]["lastTransitionTime"] = "2026-01-01T10:05:00Z"

    time.steps = [lambda: None, lambda: None, flapped]
    argo.lab.ok("wait", "dev", "--stable", "10s")
    assert time.now == 6 + 10


def test_ready_for_too_short_a_time_is_not_ready(argo: Argo, time: Time) -> None:
    time.steps = [lambda: argo.deliver("dev")]
    done = argo.lab.relman("wait", "dev", "--timeout", "5s", "--stable", "5s")
    assert done.code == 1
    assert "ready, but not for 5 s yet" in done.out


def test_an_api_server_that_restarts_is_waited_for(argo: Argo, time: Time) -> None:
    argo.deliver("dev")
    argo.server.script = lambda _: status(503, "starting")

    def back() -> None:
        argo.server.script = lambda _: None

    time.steps = [lambda: None, back]
    done = argo.lab.ok("wait", "dev")
    assert done.err.count("hub answers 503: starting; waiting for it") == 1


def test_an_api_server_that_stays_away(argo: Argo, time: Time) -> None:
    argo.server.script = lambda _: status(503, "starting")
    done = argo.lab.relman("wait", "dev", "--timeout", "1m", "-o", "json")
    assert (done.code, time.now) == (4, 60)
    assert done.json["problem"] == "hub answers 503: starting"


def test_many_applications_share_a_line(argo: Argo) -> None:
    seven(argo)
    argo.compare("dev", health="Progressing")
    done = argo.lab.relman("wait", "dev", "--timeout", "0", "--stable", "0")
    assert "dev-0-shop and 6 more: progressing" in done.err
    assert done.code == 1


def seven(argo: Argo) -> None:
    """dev gets seven clusters."""
    lab = argo.lab
    lab.pull()
    names = "".join(f"  - name: dev-{number}\n" for number in range(7))
    text = lab.read("releases/environments/dev.yaml")
    lab.write("releases/environments/dev.yaml", text.replace("  - name: dev", names))
    lab.commit()
    lab.ok("refresh", "dev", "--yes", "--accept", "*")
    argo.deliver("dev")


def test_in_a_large_environment_they_are_asked_for_in_turn(
    argo: Argo, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    seven(argo)
    argo.compare("dev", health="Progressing")
    argo.server.script = argo.attend
    monkeypatch.setattr(asking, "AT_ONCE", 3)
    assert argo.lab.relman("wait", "dev", "--timeout", "3s", "--stable", "0").code == 1
    assert len(asked(argo)) == 7
    assert len(set(asked(argo))) == 7


def test_usage(argo: Argo) -> None:
    for arguments, says in (
        (["dev", "--timeout", "soon"], "'soon' is not a length of time"),
        (["dev", "--timeout", "1.5m"], "--timeout: '1.5m' is not a length of time"),
        (["dev", "--stable", "90"], "--stable: '90' is not a length of time"),
        (["dev", "--stable", "5m1h"], "the largest first"),
        (["dev", "--stable", "1h"], "longer than --timeout"),
        (["nowhere"], "there is no environment"),
    ):
        done = argo.lab.relman("wait", *arguments)
        assert done.code == 2
        assert says in done.err
    done = argo.lab.relman("wait", "staging")
    assert done.code == 1
    assert "staging runs nothing yet" in done.err
