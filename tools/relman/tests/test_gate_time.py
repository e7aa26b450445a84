"""The gates that wait for a time, and `why`: soak and windows through the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from relman.adapters import api_server as adapter
from relman.cli import console
from relman.core import times
from relman.core.gates.timing import earliest
from relman.core.models.gates import Gates
from relman.core.models.record import GateResult
from relman.core.models.windows import WindowsGate

from . import api_servers, calendars, clocks
from .api_servers import ApiServer, status
from .argo import Argo
from .calendars import MINUTE, cases
from .clocks import Clock
from .gating import declare, gate, verdict
from .lab import Lab

# Argo CD's fake calls everything well since 10:00:05.
OFFICE = {
    "timeZone": "Europe/Berlin",
    "allow": [{"days": ["mon", "tue"], "from": "09:00", "to": "17:00"}],
}
FREEZE = {"dates": {"from": "2026-12-20", "to": "2027-01-06"}, "reason": "Christmas freeze"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return clocks.standing(monkeypatch)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """The API server that Argo CD runs on."""
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=lambda _: None))
    with api_servers.serving() as fake:
        config = api_servers.kubeconfig(tmp_path / "kubeconfig", {"hub": fake.url})
        monkeypatch.setenv("KUBECONFIG", str(config))
        yield fake


@pytest.fixture
def argo(server: ApiServer, lab: Lab, clock: Clock) -> Argo:
    """1.0.0 has come to dev at 10:00, and is well since 10:00:05; staging soaks for a day."""
    lab.cut("1.0.0")
    declare(lab, "staging", {"soak": {"duration": "24h"}})
    lab.ok("deploy", "dev", "--yes")
    found = Argo(server, lab)
    found.root("dev")
    found.deliver("dev")
    return found


# -- soak -------------------------------------------------------------------------------------


def test_soaked(argo: Argo, clock: Clock) -> None:
    clock.now = "2026-01-02T10:00:05Z"
    found = gate(argo.lab, "soak", "staging")
    assert (found["verdict"], found["earliest"]) == ("pass", None)
    assert found["evidence"] == {"duration": "24h", "since": {"dev": "2026-01-01T10:00:05Z"}}
    argo.lab.ok("promote", "dev", "staging", "--yes")
    kept = argo.lab.ok("history", "staging", "-o", "json").json[-1]["gates"]
    assert found in kept


def test_not_soaked_yet(argo: Argo, clock: Clock) -> None:
    clock.now = "2026-01-02T10:00:04Z"
    found = gate(argo.lab, "soak", "staging")
    assert (found["verdict"], found["summary"]) == ("fail", "23h59m of 1d in dev")
    assert found["earliest"] == "2026-01-02T10:00:05Z"
    done = argo.lab.relman("promote", "dev", "staging", "--yes")
    assert (done.code, argo.lab.runs()["staging"]) == (1, None)
    assert "wait until 2026-01-02T10:00:05Z" in done.err


def test_being_unwell_starts_the_clock_again(argo: Argo, clock: Clock) -> None:
    clock.now = "2026-01-05T10:00:00Z"
    argo.compare("dev", health="Degraded")
    found = gate(argo.lab, "soak", "staging")
    assert (found["verdict"], found["earliest"]) == ("fail", None)
    assert "starts again: dev-shop" in found["summary"]
    argo.compare("dev")
    for one in argo.applications("dev"):
        one["status"]["health"]["lastTransitionTime"] = "2026-01-05T09:00:00Z"
    found = gate(argo.lab, "soak", "staging")
    assert (found["verdict"], found["earliest"]) == ("fail", "2026-01-06T09:00:00Z")


def test_being_replaced_starts_the_clock_again(argo: Argo, clock: Clock) -> None:
    """1.0.0 leaves dev and comes back: what it ran before doesn't count."""
    clock.now = "2026-01-03T10:00:00Z"
    argo.lab.cut("1.1.0", web=2)
    argo.lab.ok("deploy", "dev", "--yes")
    assert "dev runs 1.1.0" in verdict(argo.lab, "soak", "staging", "1.0.0")[1]
    clock.now = "2026-01-03T12:00:00Z"
    argo.lab.ok("deploy", "dev", "1.0.0", "--yes")
    argo.deliver("dev")
    assert gate(argo.lab, "soak", "staging")["earliest"] == "2026-01-04T12:00:00Z"


def test_a_refresh_does_not_bring_in_another_release(argo: Argo, clock: Clock) -> None:
    clock.now = "2026-01-02T09:00:00Z"
    declare(argo.lab, "dev", {}, values={"shop": {"web": {"replicas": 3}}})
    argo.lab.ok("refresh", "dev", "--yes")
    argo.deliver("dev")
    assert gate(argo.lab, "soak", "staging")["earliest"] == "2026-01-02T10:00:05Z"


@pytest.mark.parametrize("code", [401, 403, 500, 503])
def test_a_soak_that_can_not_be_known(argo: Argo, clock: Clock, code: int) -> None:
    clock.now = "2026-02-01T10:00:00Z"
    argo.server.script = lambda _: status(code, "as it is")
    found = gate(argo.lab, "soak", "staging")
    assert (found["verdict"], found["earliest"]) == ("unknown", None)
    assert argo.lab.relman("promote", "dev", "staging", "--yes").code == 1


@pytest.mark.parametrize("since", ["2026-01-01T10:00:05", "0001-01-01T00:00:00+14:00"])
def test_a_time_of_argo_that_is_none(argo: Argo, clock: Clock, since: str) -> None:
    clock.now = "2026-02-01T10:00:00Z"
    for one in argo.applications("dev"):
        one["status"]["health"]["lastTransitionTime"] = since
        one["status"]["operationState"]["finishedAt"] = since
    found = verdict(argo.lab, "soak", "staging")
    assert found[0] == "unknown"
    assert "since when dev is well is not known" in found[1]


def test_windows_that_close_for_good_before_it_has_soaked(argo: Argo, clock: Clock) -> None:
    year = {"dates": {"from": "2026-01-01", "to": "2026-01-02"}}
    rules = {"soak": {"duration": "3d"}, "windows": {"timeZone": "UTC", "allow": [year]}}
    declare(argo.lab, "staging", rules)
    clock.now = "2026-01-02T10:00:00Z"
    done = argo.lab.relman("why", "staging")
    assert done.code == 1
    assert "windows opens no more within two years; what must pass: soak" in done.out


def test_offline_a_soak_is_unknown(argo: Argo, clock: Clock) -> None:
    clock.now = "2026-02-01T10:00:00Z"
    found = verdict(argo.lab, "soak", "staging", "--offline")
    assert found[0] == "unknown"
    assert "--offline" in found[1]


def test_a_rollback_waits_for_no_soak(argo: Argo, clock: Clock) -> None:
    clock.now = "2026-01-03T10:00:00Z"
    argo.lab.ok("promote", "dev", "staging", "--yes")
    argo.lab.cut("1.1.0", web=2)
    argo.lab.ok("deploy", "dev", "--yes")
    argo.deliver("dev")
    clock.now = "2026-01-05T10:00:00Z"
    argo.lab.ok("promote", "dev", "staging", "--yes")
    argo.server.script = lambda _: status(500)
    argo.lab.ok("rollback", "staging", "--yes")
    assert argo.lab.runs()["staging"] == "1.0.0"


@pytest.mark.parametrize(
    ("mode", "staging", "expected", "earliest"),
    [
        ("all", "Healthy", "fail", "2026-01-02T16:00:00Z"),
        ("any", "Healthy", "pass", None),
        ("all", "Degraded", "fail", None),
        ("any", "Degraded", "pass", None),
        ("all", None, "unknown", None),
        ("any", None, "pass", None),
    ],
)
def test_soaking_in_several_environments(
    argo: Argo,
    clock: Clock,
    mode: str,
    staging: str | None,
    expected: str,
    earliest: str | None,
) -> None:
    """dev has soaked; staging came six hours later, is not well, or isn't known to be."""
    declare(argo.lab, "staging", {}, after=[])
    rules = {"source": mode, "soak": {"duration": "24h"}}
    declare(argo.lab, "prod", rules, after=["dev", "staging"])
    clock.now = "2026-01-01T16:00:00Z"
    argo.lab.ok("deploy", "staging", "--yes")
    argo.deliver("staging")
    if staging:
        argo.compare("staging", health=staging)
    else:
        argo.server.script = lambda asked: (
            status(503) if "staging" in asked.query.get("labelSelector", "") else None
        )
    clock.now = "2026-01-02T12:00:00Z"
    found = gate(argo.lab, "soak", "prod", "1.0.0")
    assert (found["verdict"], found["earliest"]) == (expected, earliest)


@pytest.mark.parametrize("rules", [{"soak": {"duration": "1d"}}, {"health": {}}])
def test_one_service_soaks_with_the_release_that_it_comes_from(
    argo: Argo, clock: Clock, rules: dict[str, Any]
) -> None:
    """`promote --only` makes a release that runs nowhere before: what counts is dev's."""
    lab = argo.lab
    clock.now = "2026-01-02T11:00:00Z"
    lab.ok("promote", "dev", "staging", "--yes")
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    declare(lab, "staging", rules)
    part = ("promote", "dev", "staging", "--only", "web", "--yes")
    for late, health, expected in (
        (False, "Healthy", "health" in rules),
        (True, "Degraded", False),
        (True, "Healthy", True),
    ):
        argo.deliver("dev")
        argo.compare("dev", health=health)
        clock.now = "2026-01-03T11:00:00Z" if late else "2026-01-03T10:59:59Z"
        plan = lab.relman(*part, "--dry-run", "-o", "json").json[0]["plan"]
        (found,) = [one for one in plan["gates"] if one["gate"] in rules]
        assert (found["verdict"] == "pass") == expected, found
    lab.ok(*part)
    assert lab.runs()["staging"] == "1.0.1-web.1.1.0"
    lab.ok("audit")


def test_nothing_soaks_where_the_path_starts(lab: Lab) -> None:
    declare(lab, "dev", {"soak": {"duration": "1h"}})
    done = lab.relman("status")
    assert done.code == 2
    assert "dev.yaml" in done.err
    assert "nothing soaks where the path starts" in done.err


# -- windows ----------------------------------------------------------------------------------


@pytest.fixture
def office(lab: Lab, clock: Clock) -> Lab:
    """dev is changed on Mondays and Tuesdays in office hours, not around Christmas."""
    lab.cut("1.0.0")
    declare(lab, "dev", {"windows": {**OFFICE, "deny": [FREEZE]}})
    clock.now = "2026-03-27T10:00:00Z"
    return lab


def test_open(office: Lab, clock: Clock) -> None:
    clock.now = "2026-03-30T07:00:00Z"
    found = gate(office, "windows")
    assert (found["verdict"], found["summary"]) == ("pass", "open: Mon 2026-03-30 09:00 CEST")
    office.ok("deploy", "dev", "--yes")


@pytest.mark.parametrize(("answered", "code"), [("14:59:00", 0), ("15:00:01", 1)])
def test_a_question_that_stands_open(
    office: Lab, clock: Clock, monkeypatch: pytest.MonkeyPatch, answered: str, code: int
) -> None:
    """Whoever says yes after hours has it judged as of then, and isn't asked twice."""
    asked = []

    def ask(question: str) -> bool:
        asked.append(question)
        clock.now = f"2026-03-30T{answered}Z"
        return True

    monkeypatch.setattr(console, "interactive", lambda: True)
    monkeypatch.setattr(console, "ask", ask)
    clock.now = "2026-03-30T07:00:00Z"
    done = office.relman("deploy", "dev")
    assert (done.code, len(asked)) == (code, 1), done.err
    assert office.runs()["dev"] == (None if code else "1.0.0")
    assert ("outside of the windows" in done.err) == bool(code)
    office.ok("audit")


def test_closed_across_daylight_saving(office: Lab) -> None:
    """Friday at 10:00 is CET; Monday's window opens an hour earlier by UTC, in CEST."""
    found = gate(office, "windows")
    assert (found["verdict"], found["earliest"]) == ("fail", "2026-03-30T07:00:00Z")
    assert found["nextStep"] == "wait until Mon 2026-03-30 09:00 CEST"
    done = office.relman("deploy", "dev", "--yes")
    assert (done.code, office.runs()["dev"]) == (1, None)
    assert "outside of the windows" in done.err


def test_denied(office: Lab, clock: Clock) -> None:
    clock.now = "2026-12-21T10:00:00Z"
    found = gate(office, "windows")
    assert (found["verdict"], found["earliest"]) == ("fail", "2027-01-11T08:00:00Z")
    assert "denied (Christmas freeze)" in found["summary"]


def test_never_open(office: Lab) -> None:
    for_ever = {"dates": {"from": "2020-01-01", "to": "2099-12-31"}}
    declare(office, "dev", {"windows": {"timeZone": "UTC", "deny": [for_ever]}})
    found = gate(office, "windows")
    assert (found["verdict"], found["earliest"]) == ("fail", None)
    assert "nothing opens within two years" in found["nextStep"]
    assert "windows opens no more within two years" in office.relman("why", "dev").out


def test_what_is_denied_each_minute_is_told_at_once(office: Lab) -> None:
    """A million starts in two years, and no window of them ends before the next."""
    rules = [{"cron": "* * * * *", "duration": "2m"}, {"cron": "*/2 * * * *", "duration": "31d"}]
    declare(office, "dev", {"windows": {"timeZone": "Australia/Lord_Howe", "deny": rules}})
    assert gate(office, "windows")["earliest"] is None


@pytest.mark.parametrize("exempt", [True, False])
def test_a_hotfix(office: Lab, exempt: bool) -> None:
    rules = {**OFFICE, "hotfix": "exempt"} if exempt else OFFICE
    declare(office, "dev", {"windows": rules})
    assert office.relman("deploy", "dev", "--yes", "--reason", "it burns").code == 1
    assert office.relman("deploy", "dev", "--yes", "--hotfix").code == 2
    done = office.relman("deploy", "dev", "--yes", "--hotfix", "--reason", "it burns")
    assert done.code == (0 if exempt else 1), done.err
    if exempt:
        record = office.ok("history", "dev", "-o", "json").json[-1]
        (kept,) = [one for one in record["gates"] if one["gate"] == "windows"]
        assert (kept["verdict"], kept["evidence"]["exempt"]) == ("pass", "a hotfix is exempt")
        assert record["reason"] == "it burns"


@pytest.mark.parametrize("exempt", [True, False])
def test_a_rollback_in_a_closed_window(office: Lab, clock: Clock, exempt: bool) -> None:
    rules = {**OFFICE, "rollback": "exempt"} if exempt else OFFICE
    declare(office, "dev", {"windows": rules})
    clock.now = "2026-03-30T10:00:00Z"
    office.ok("deploy", "dev", "--yes")
    office.cut("1.1.0", web=2)
    office.ok("deploy", "dev", "--yes")
    clock.now = "2026-03-30T20:00:00Z"
    silent = office.relman("rollback", "dev", "--yes")
    assert silent.code == 1
    assert ("--reason WHY" in silent.err) == exempt
    done = office.relman("rollback", "dev", "--yes", "--reason", "customers see errors")
    assert done.code == (0 if exempt else 1)
    assert office.runs()["dev"] == ("1.0.0" if exempt else "1.1.0")


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"days": ["mon"], "from": "9:00"}, "'9:00' is not a time of day"),
        ({"days": ["mon"], "from": 540}, "quote it"),
        ({"days": ["mon"], "from": "09:00", "to": "09:00"}, "no time between"),
        ({"days": ["monday"]}, "mon"),
        ({"cron": "0 9 * * 1-5"}, "needs a duration"),
        ({"cron": "0 9 * *", "duration": "1h"}, "has 4 fields"),
        ({"cron": "0 25 * * *", "duration": "1h"}, "no hour"),
        ({"cron": "0 9 * * *", "duration": "1h", "days": ["mon"]}, "its own days"),
        ({"cron": "0 9 * * *", "duration": "60d"}, "at most 31 days"),
        ({"cron": "0 9 * * *", "duration": "1m1h"}, "largest first"),
        ({"cron": "0 9 * * *", "duration": 8}, "quote it"),
        ({"dates": {"from": "2026-02-30", "to": "2026-03-01"}}, "no date of the calendar"),
        ({"dates": {"from": "2026-03-02", "to": "2026-03-01"}}, "before it begins"),
        ({}, "needs days, dates"),
    ],
)
def test_windows_that_mean_nothing(lab: Lab, window: dict[str, Any], words: str) -> None:
    declare(lab, "dev", {"windows": {"timeZone": "UTC", "allow": [window]}})
    done = lab.relman("status")
    assert done.code == 2
    assert "gates.windows" in done.err
    assert words in done.err


def test_plain_times_and_dates_are_read_as_they_are_written(lab: Lab, clock: Clock) -> None:
    """Without quotes some readers of YAML take 17:00 for 1020, and a date for something else."""
    lab.cut("1.0.0")
    path = "releases/environments/dev.yaml"
    lab.write(
        path,
        (lab.root / path).read_text()
        + "\ngates:\n  windows:\n    timeZone: UTC\n    allow:\n"
        + "      - {dates: {from: 2026-01-02, to: 2026-01-02}, from: 12:00, to: 17:00}\n",
    )
    lab.commit("windows")
    assert gate(lab, "windows")["earliest"] == "2026-01-02T12:00:00Z"


def test_an_unknown_zone(lab: Lab) -> None:
    declare(lab, "dev", {"windows": {"timeZone": "Europe/Atlantis"}})
    done = lab.relman("status")
    assert done.code == 2
    assert "there is no time zone 'Europe/Atlantis'" in done.err


# -- both together ----------------------------------------------------------------------------


def test_why_names_the_first_time_at_which_both_pass(argo: Argo, clock: Clock) -> None:
    """It has soaked on Friday at 11:00 in Berlin; Monday's window is the first after it."""
    declare(argo.lab, "staging", {"soak": {"duration": "24h"}, "windows": OFFICE})
    clock.now = "2026-01-01T12:00:00Z"
    done = argo.lab.relman("why", "staging", "-o", "json")
    assert done.code == 1
    assert done.json["earliest"] == "2026-01-05T08:00:00Z"
    verdicts = {one["gate"]: one["verdict"] for one in done.json["gates"]}
    assert (verdicts["soak"], verdicts["windows"], done.json["passes"]) == ("fail", "fail", False)
    text = argo.lab.relman("why", "staging")
    assert "soak and windows pass together from 2026-01-05T08:00:00Z" in text.out
    clock.now = "2026-01-05T08:00:00Z"
    done = argo.lab.ok("why", "staging")
    assert "every gate passes now" in done.out


def test_why_of_a_release_that_is_not_upstream(argo: Argo) -> None:
    argo.lab.cut("1.1.0", web=2)
    done = argo.lab.relman("why", "staging", "1.1.0", "-o", "json")
    assert (done.code, done.json["earliest"]) == (1, None)
    text = argo.lab.relman("why", "staging", "1.1.0").out
    assert "no time can be named yet; what must pass: source, soak" in text


@settings(max_examples=40, deadline=None)
@given(cases(), st.integers(-1440, 1440))
def test_the_joint_earliest_is_the_first_minute_at_which_both_pass(
    case: tuple[WindowsGate, datetime], left: int
) -> None:
    rules, now = case
    ends = now + left * MINUTE
    soak = GateResult(
        gate="soak",
        verdict="pass" if left <= 0 else "fail",
        summary="",
        earliest=times.written(ends) if left > 0 else None,
    )
    found = earliest([soak], Gates(windows=rules), now)
    scanned = calendars.scan(rules, now, 2 * 1440)
    both = [step for step, opened in enumerate(scanned) if opened and step >= left]
    if both:
        assert found == now + both[0] * MINUTE
    else:
        assert found is None or found >= now + len(scanned) * MINUTE


def test_without_windows_the_soak_alone_counts() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ends = now + timedelta(hours=1)
    soak = GateResult(gate="soak", verdict="fail", summary="", earliest=times.written(ends))
    assert earliest([soak], Gates(), now) == ends
    assert earliest([soak.model_copy(update={"earliest": None})], Gates(), now) is None
    assert earliest([], Gates(), now) == now
