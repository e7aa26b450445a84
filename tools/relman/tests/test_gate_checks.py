"""The gate `checks`: commands and requests, with a timeout, retries, and what is expected."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from relman.operations.evidence import checks as module

from .gating import declare, gate, verdict
from .lab import Lab
from .registries import Answer, Registry, serving
from .states import refuses


@pytest.fixture
def service() -> Iterator[Registry]:
    """Something that answers HTTP."""
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, noted instead of waited for."""
    found: list[float] = []
    monkeypatch.setattr(module, "time", SimpleNamespace(sleep=found.append))
    return found


def with_script(lab: Lab, text: str, **more: Any) -> Lab:
    """A lab in which dev is guarded by a script of the repository."""
    lab.write("smoke.sh", f"#!/bin/sh\n{text}\n")
    (lab.root / "smoke.sh").chmod(0o755)
    lab.cut("1.0.0")
    declare(lab, "dev", {"checks": [{"name": "smoke", "command": ["./smoke.sh"], **more}]})
    return lab


def with_request(lab: Lab, service: Registry, **more: Any) -> Lab:
    """A lab in which dev is guarded by an HTTP request."""
    lab.cut("1.0.0")
    url = f"http://{service.host}/health"
    declare(lab, "dev", {"checks": [{"name": "api", "url": url, **more}]})
    return lab


def test_a_command_that_succeeds(lab: Lab) -> None:
    with_script(lab, "echo all is well")
    found = gate(lab, "checks")
    assert (found["verdict"], found["summary"]) == ("pass", "smoke as expected")
    (one,) = found["evidence"]["checks"]
    assert one["end"] == "all is well"
    assert one["output"] == f"sha256:{hashlib.sha256(b'all is well' + bytes([10])).hexdigest()}"
    lab.ok("deploy", "dev", "--yes")
    assert "all is well" in lab.read("releases/records/dev/0001-1.0.0.yaml")


def test_a_command_that_fails(lab: Lab) -> None:
    with_script(lab, "echo the basket is empty >&2; exit 3")
    found = gate(lab, "checks")
    assert (found["verdict"], found["summary"]) == ("fail", "smoke: exit code 3")
    assert found["evidence"]["checks"][0]["end"] == "the basket is empty"
    refuses_dev(lab, "the gate checks is fail: smoke: exit code 3")


def refuses_dev(lab: Lab, says: str) -> None:
    done = lab.relman("deploy", "dev", "--yes")
    assert done.code == 1
    assert says in done.err
    assert lab.runs()["dev"] is None


def test_what_a_command_must_print(lab: Lab) -> None:
    with_script(lab, "echo one", expect={"contains": "two"})
    assert verdict(lab, "checks")[1].startswith("smoke: exit code 0, without 'two'")


def test_an_exit_code_that_is_expected(lab: Lab) -> None:
    with_script(lab, "exit 4", expect={"exitCode": 4})
    assert verdict(lab, "checks")[0] == "pass"


def test_a_command_that_does_not_end(lab: Lab) -> None:
    with_script(lab, "echo begun; sleep 600 & sleep 600", timeout="1s")
    found = gate(lab, "checks")
    assert (found["verdict"], found["summary"]) == ("unknown", "smoke: did not end in 1s")
    assert found["evidence"]["checks"][0]["end"] == "begun"


def test_a_command_that_is_not_there(lab: Lab) -> None:
    lab.cut("1.0.0")
    declare(lab, "dev", {"checks": [{"name": "smoke", "command": ["no-such-program"]}]})
    said = verdict(lab, "checks")
    assert said[0] == "unknown"
    assert "no-such-program can't be started" in said[1]


def test_a_command_sees_only_what_is_declared(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "hunter2")
    monkeypatch.setenv("LANG", "C.UTF-8")
    with_script(lab, "env | cut -d= -f1 | grep -v -e PWD -e SHLVL -e '^_$' | sort", env={"X": "1"})
    (one,) = gate(lab, "checks")["evidence"]["checks"]
    assert set(one["end"].split()) - {"HOME"} == {
        "LANG", "PATH", "RELMAN_ENVIRONMENT", "RELMAN_PLAN", "RELMAN_RELEASE", "X",
    }  # fmt: skip


def test_a_command_runs_in_the_files_of_the_branch(lab: Lab) -> None:
    with_script(lab, "cat expected.txt")
    lab.write("expected.txt", "of the branch")
    lab.commit("what to expect")
    lab.write("expected.txt", "of the checkout, not committed")
    (one,) = gate(lab, "checks")["evidence"]["checks"]
    assert one["end"] == "of the branch"
    (one,) = gate(lab, "checks", "dev", "--worktree")["evidence"]["checks"]
    assert one["end"] == "of the checkout, not committed"


@pytest.mark.parametrize(
    "script",
    [
        "echo DB_PASSWORD=hunter2; echo postgres://joe:hunter2@db/shop",
        """echo '{"user": "joe", "password": "hunter2"}'""",
        "echo 'Authorization: Bearer hunter2hunter2hunter2'",
        # Only the end of the output is kept: where that begins, the name must not be cut off.
        "echo password: hunter2; head -c 1992 /dev/zero | tr '\\0' x",
        "printf 'password: '; yes hunter2 | head -400 | tr -d '\\n'",
    ],
)
def test_secrets_in_the_output_are_hidden(lab: Lab, script: str) -> None:
    with_script(lab, script)
    text = lab.ok("plan", "dev", "-o", "json").out
    assert "hunter2" not in text
    lab.ok("deploy", "dev", "--yes")
    assert "hunter2" not in lab.read("releases/records/dev/0001-1.0.0.yaml")


@pytest.mark.parametrize("before", ["", "BEGIN"])
@pytest.mark.parametrize("after", ["", "END"])
def test_private_keys_in_the_output_are_hidden(lab: Lab, before: str, after: str) -> None:
    """Over several lines, and cut off where the output was."""
    marks = [f"-----{mark} RSA PRIVATE KEY-----" if mark else "" for mark in (before, after)]
    with_script(lab, f"printf '%s\\n' '{marks[0]}' MIIEvQIBADAN MzEfYyjiWA4R '{marks[1]}'")
    text = lab.ok("plan", "dev", "-o", "json").out
    assert ("MIIEvQIBADAN" in text) == (not before and not after)


def test_what_is_beside_its_folder_is_its_own(lab: Lab) -> None:
    with_script(lab, 'test "$(ls ..)" = files')
    assert gate(lab, "checks")["verdict"] == "pass"


def test_output_without_end_is_bounded(lab: Lab) -> None:
    with_script(lab, "head -c 50000000 /dev/zero | tr '\\0' x; echo; echo the end")
    (one,) = gate(lab, "checks")["evidence"]["checks"]
    assert one["end"].endswith("the end")
    assert len(one["end"]) <= module.END


def test_a_command_is_tried_again(lab: Lab, pauses: list[float], tmp_path: Any) -> None:
    mark = tmp_path / "mark"
    with_script(lab, f"test -e {mark} || {{ touch {mark}; exit 1; }}", retries=2)
    (one,) = gate(lab, "checks")["evidence"]["checks"]
    assert (one["outcome"], one["tries"]) == ("pass", 2)
    assert pauses == [module.PAUSE]


def test_a_request_that_is_answered(lab: Lab, service: Registry) -> None:
    service.script = lambda _: Answer(body=b'{"status": "ok"}')
    with_request(lab, service, expect={"contains": "ok"})
    found = gate(lab, "checks")
    assert found["verdict"] == "pass"
    assert found["evidence"]["checks"][0]["end"] == '{"status": "ok"}'
    assert [said.path for said in service.asked] == ["/health"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(503, body=b"down"), "api: answered 503"),
        (Answer(301, {"Location": "/elsewhere"}), "api: answered 301"),
        (Answer(body=b"degraded"), "api: answered 200, without 'ok'"),
    ],
)
def test_a_request_that_is_answered_otherwise(
    lab: Lab, service: Registry, answer: Answer, says: str
) -> None:
    service.script = lambda _: answer
    with_request(lab, service, expect={"contains": "ok" if answer.status == 200 else ""})
    assert verdict(lab, "checks")[0] == "fail"
    assert verdict(lab, "checks")[1].startswith(says)


def test_a_request_that_hangs_up(lab: Lab, service: Registry) -> None:
    service.script = lambda _: Answer(close=True)
    with_request(lab, service, retries=2)
    found = gate(lab, "checks")
    assert found["verdict"] == "unknown"
    assert "api: no answer" in found["summary"]
    assert found["evidence"]["checks"][0]["tries"] == 3
    assert len(service.asked) == 3


def test_a_request_to_nobody(lab: Lab) -> None:
    with serving() as gone:
        pass
    with_request(lab, gone)
    assert verdict(lab, "checks")[0] == "unknown"
    assert "refused" in verdict(lab, "checks")[1]


def test_a_request_that_is_not_answered_in_time(lab: Lab, service: Registry) -> None:
    import threading

    gate_ = threading.Event()
    service.script = lambda _: Answer(wait=gate_)
    with_request(lab, service, timeout="1s")
    try:
        assert verdict(lab, "checks")[1].startswith("api: no answer in 1 s")
    finally:
        gate_.set()


def test_offline_asks_nothing(lab: Lab, service: Registry) -> None:
    with_request(lab, service)
    assert verdict(lab, "checks", "dev", "--offline") == (
        "unknown", "not asked: --offline; run it without --offline",
    )  # fmt: skip
    assert service.asked == []


@pytest.mark.parametrize("command", ["plan", "why"])
def test_the_commands_of_another_commit_are_not_run(
    lab: Lab, service: Registry, command: str
) -> None:
    """Looking at what somebody proposes must not run what they wrote."""
    with_request(lab, service)
    done = lab.relman(command, "dev", "--base", "HEAD", "-o", "json")
    (found,) = [one for one in done.json["gates"] if one["gate"] == "checks"]
    assert (found["verdict"], found["summary"]) == ("unknown", "not asked: --base")
    assert service.asked == []


def test_a_rollback_is_not_held_up(lab: Lab, service: Registry) -> None:
    service.script = lambda _: Answer()
    with_request(lab, service)
    lab.ok("deploy", "dev", "--yes")
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    service.script = lambda _: Answer(500)
    asked = len(service.asked)
    lab.ok("rollback", "dev", "--yes")
    assert len(service.asked) == asked
    assert lab.runs()["dev"] == "1.0.0"


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ({"name": "x", "url": "file:///etc/passwd"}, "url"),
        ({"name": "x"}, "needs either command or url"),
        ({"name": "x", "command": ["a"], "url": "http://b"}, "needs either command or url"),
        ({"name": "x", "command": ["a"], "timeout": "soon"}, "timeout"),
    ],
)
def test_a_check_that_can_not_be_right(lab: Lab, check: dict[str, Any], says: str) -> None:
    lab.cut("1.0.0")
    declare(lab, "dev", {"checks": [check]})
    refuses(lab, "plan", "dev", code=2, says=("releases/environments/dev.yaml", says))
