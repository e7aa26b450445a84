"""The script with which a container reads its secrets, run for real."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .objects import Render

ODD = 'qu\'ote "double" $HOME `id` $(id) \\n back\\slash\n  second line\n\nlast; * ? ~ ü %s -- -n'
SHOW = "import os, sys; sys.stdout.write(os.environ[sys.argv[1]])"


@pytest.fixture(params=[shell for shell in ("dash", "bash", "sh") if shutil.which(shell)])
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def script(render: Render) -> str:
    program, flag, text, _ = render("broker").container()["command"]
    assert (program, flag) == ("sh", "-c")
    return str(text)


def command(shell: str, script: str, folder: Path, names: list[str], entry: list[str]) -> list[str]:
    return [shell, "-c", script, "read-secrets", str(folder), *names, "--", *entry]


def run(arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize("value", [ODD, "-n", "--", "=", " spaces ", "a\n\nb", "%d\\c"])
def test_every_character_survives(shell: str, script: str, tmp_path: Path, value: str) -> None:
    (tmp_path / "PASSWORD").write_text(value)
    done = run(
        command(shell, script, tmp_path, ["PASSWORD"], [sys.executable, "-c", SHOW, "PASSWORD"])
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, value, "")


def test_newlines_at_the_end_are_dropped(shell: str, script: str, tmp_path: Path) -> None:
    (tmp_path / "PASSWORD").write_text("one\n\n")
    done = run(
        command(shell, script, tmp_path, ["PASSWORD"], [sys.executable, "-c", SHOW, "PASSWORD"])
    )
    assert done.stdout == "one"


@pytest.mark.parametrize("content", [None, "", "\n\n"])
def test_a_missing_or_empty_file_stops_the_start_and_is_named(
    shell: str, script: str, tmp_path: Path, content: str | None
) -> None:
    (tmp_path / "USER").write_text("me")
    if content is not None:
        (tmp_path / "PASSWORD").write_text(content)
    done = run(command(shell, script, tmp_path, ["USER", "PASSWORD"], ["echo", "started"]))
    assert done.returncode == 1
    assert done.stdout == ""
    reason = "missing or cannot be read" if content is None else "empty"
    assert done.stderr == f"secret file {tmp_path}/PASSWORD is {reason}\n"


def test_all_variables_arrive_and_the_arguments_stay_whole(
    shell: str, script: str, tmp_path: Path
) -> None:
    for name in ("ONE", "TWO"):
        (tmp_path / name).write_text(name.lower())
    show = "import os, sys; print(os.environ['ONE'], os.environ['TWO'], sys.argv[1:])"
    entry = [sys.executable, "-c", show, "a b", "", "$ONE"]
    assert run(command(shell, script, tmp_path, ["ONE", "TWO"], entry)).stdout == (
        "one two ['a b', '', '$ONE']\n"
    )


@pytest.mark.parametrize("entry", ["direct", "java"])
def test_the_app_takes_the_place_of_the_shell_and_gets_signals(
    shell: str, script: str, tmp_path: Path, entry: str
) -> None:
    (tmp_path / "PASSWORD").write_text("x")
    wait = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(30)"
    app = [sys.executable, "-c", wait]
    # The Java images need a shell of their own for $JAVA_OPTS.
    wrapped = ["sh", "-c", 'exec $RUNNER -c "$PROGRAM"']
    arguments = command(
        shell, script, tmp_path, ["PASSWORD"], app if entry == "direct" else wrapped
    )
    environment = {**os.environ, "RUNNER": sys.executable, "PROGRAM": wait}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == -signal.SIGTERM


def test_a_value_is_on_no_command_line(script: str, tmp_path: Path) -> None:
    (tmp_path / "PASSWORD").write_text("hunter2")
    show = "print(open('/proc/self/cmdline').read())"
    entry = [sys.executable, "-c", show]
    assert "hunter2" not in run(command("sh", script, tmp_path, ["PASSWORD"], entry)).stdout


def test_the_kubelet_expands_nothing_in_it(script: str) -> None:
    # $(NAME) would be replaced where NAME is a variable of the pod.
    for part in script.split("$(")[1:]:
        assert not part.split(")")[0].isidentifier()
