"""Building: from nothing, again, twice at once, killed half-way, and when it can't work."""

import os
import signal
import subprocess
from collections.abc import Callable

import pytest

from .lab import GO_MOD, SOURCE, Lab, Until


def test_builds_from_nothing(lab: Lab) -> None:
    done = lab.run("build", "hello")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "hello-1.2.3: building with Go 1." in done.stderr
    said = subprocess.run([lab.binary], capture_output=True, text=True, check=True)
    assert said.stderr == "hello v1.2.3\n"
    assert lab.leftovers == []


def test_builds_the_default_tools_without_names(lab: Lab) -> None:
    lab.add_tool("extra")
    lab.tools.write_text(lab.tools.read_text().removesuffix("default = true\n"))
    assert lab.run("build").returncode == 0
    assert lab.listed()["hello"]["state"] == "ready"
    assert lab.listed()["extra"]["state"] == "missing"


def test_a_second_build_does_nothing(lab: Lab) -> None:
    lab.run("build", "hello")
    before = lab.binary.stat()
    done = lab.run("build", "hello")
    assert done.returncode == 0
    assert done.stderr == f"hello-1.2.3: ready at {lab.binary}\n"
    assert lab.builds == 1
    assert lab.binary.stat().st_mtime_ns == before.st_mtime_ns


def test_two_at_once_build_once(lab: Lab, until: Until) -> None:
    lab.hold()
    first = lab.start("build", "hello")
    until(lambda: lab.builds == 1)
    second = lab.start("build", "hello")
    assert second.stderr
    assert "waiting for another build" in second.stderr.readline()
    lab.release()
    assert (first.wait(), second.wait()) == (0, 0)
    first.communicate()
    second.communicate()
    assert lab.builds == 1
    assert lab.leftovers == []


@pytest.mark.parametrize("kill", [os.kill, os.killpg], ids=["alone", "with its children"])
def test_killed_half_way_it_goes_on(
    lab: Lab, until: Until, kill: Callable[[int, int], None]
) -> None:
    lab.hold()
    process = lab.start("build", "hello")
    until(lambda: lab.builds == 1)
    kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert lab.run("path", "hello").returncode == 4
    lab.release()
    done = lab.run("build", "hello")
    assert done.returncode == 0, done.stderr
    assert lab.run("path", "hello").stdout == f"{lab.binary}\n"
    assert lab.leftovers == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_cleans_up(lab: Lab, until: Until, sent: signal.Signals) -> None:
    lab.hold()
    process = lab.start("build", "hello")
    until(lambda: lab.builds == 1)
    process.send_signal(sent)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "running it again goes on" in errors
    assert "Traceback" not in errors
    assert lab.leftovers == []
    assert not lab.binary.exists()


def test_a_failing_build_reports_and_leaves_nothing(lab: Lab) -> None:
    lab.source.write_text("package main\n\nfunc main() { undefinedThing() }\n")
    done = lab.run("build", "hello")
    log = lab.cache / "logs" / "hello-1.2.3.log"
    assert done.returncode == 1
    assert "undefined: undefinedThing" in done.stderr
    assert f"log: {log}" in done.stderr
    assert "undefinedThing" in log.read_text()
    assert not lab.binary.exists()
    assert lab.leftovers == []
    lab.source.write_text(SOURCE)
    assert lab.run("build", "hello").returncode == 0


def test_one_failure_does_not_stop_the_others(lab: Lab) -> None:
    wrapper = lab.add_tool("broken", GO_MOD.replace("../source", "../absent"))
    done = lab.run("build", "broken", "hello")
    assert done.returncode == 1
    assert "broken-1.2.3: go build failed" in done.stderr
    assert lab.binary.exists()
    assert not (lab.cache / wrapper.name).exists()


def test_a_binary_with_another_version_is_refused(lab: Lab) -> None:
    lab.tools.write_text(lab.tools.read_text().replace("-X main.version={version}", "-X main.a=b"))
    done = lab.run("build", "hello")
    assert done.returncode == 1
    assert "correct ldflags or version_args" in done.stderr
    assert not lab.binary.exists()


def test_a_module_that_go_sum_does_not_have_is_refused(lab: Lab) -> None:
    go_mod = lab.tools.parent / "hello" / "go.mod"
    go_mod.write_text(GO_MOD.split("replace")[0])
    done = lab.run("build", "hello")
    assert done.returncode == 1
    assert "missing go.sum entry" in done.stderr


def test_changed_pins_build_the_same_version_again(lab: Lab) -> None:
    lab.run("build", "hello")
    with (lab.tools.parent / "hello" / "go.mod").open("a") as out:
        out.write("// a dependency was bumped\n")
    assert lab.listed()["hello"]["state"] == "outdated"
    assert lab.run("path", "hello").returncode == 4
    assert lab.run("build", "hello").returncode == 0
    assert lab.listed()["hello"]["state"] == "ready"


def test_the_users_own_go_settings_change_nothing(lab: Lab) -> None:
    lab.env |= {"GOFLAGS": "-mod=mod", "GOOS": "plan9", "GOROOT": "/nowhere", "GOWORK": "/nowhere"}
    done = lab.run("build", "hello")
    assert done.returncode == 0, done.stderr


def test_a_terminal_gets_a_live_line(lab: Lab) -> None:
    main, child = os.openpty()
    process = subprocess.Popen(lab.command("build", "hello"), env=lab.env, stderr=child)
    os.close(child)
    shown = b""
    while chunk := _read(main):
        shown += chunk
    assert process.wait() == 0
    assert b" hello-1.2.3: building with Go " in shown.split(b"\x1b[K")[1]
    assert shown.split(b"\x1b[K")[-1].startswith(b"hello-1.2.3: ready at ")
    os.close(main)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1024)
    except OSError:  # Linux says so where others say that the file has ended
        return b""
