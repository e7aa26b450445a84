"""Starting, asking and ending: what runs, who listens where, and what is left."""

from __future__ import annotations

import json
import os
import signal
import ssl
import stat
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from relman.adapters.background import OWNER

from .world import RELMAN, ROOT, World, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox


def processes(folder: Path) -> Iterator[psutil.Process]:
    """Everything that carries a sandbox's mark."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(OWNER) == str(folder):
                yield process
        except psutil.Error:
            continue


def addresses(folder: Path) -> set[str]:
    """Where they listen."""
    return {
        connection.laddr.ip
        for process in processes(folder)
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }


def test_only_the_loopback_is_listened_on(started: World) -> None:
    assert addresses(started.folder) <= {"127.0.0.1", "::1"}


def test_credentials_are_the_users_alone(started: World) -> None:
    token = json.loads((started.folder / "sandbox.json").read_text())["token"]
    holding = [
        path
        for path in started.folder.rglob("*")
        if path.is_file() and path.suffix not in (".log", ".wal", ".snap") and _holds(path, token)
    ]
    assert len(holding) >= 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding} == {0o600}
    assert stat.S_IMODE(started.folder.stat().st_mode) == 0o700
    for process in processes(started.folder):
        assert token not in " ".join(process.cmdline())


def _holds(path: Path, token: str) -> bool:
    return token.encode() in path.read_bytes()


def test_etcd_answers_only_who_shows_its_certificate(started: World) -> None:
    port = json.loads((started.folder / "sandbox.json").read_text())["etcd"]
    address = f"https://127.0.0.1:{port}/health"
    mine = ssl.create_default_context(cafile=str(started.folder / "keys/etcd.crt"))
    with pytest.raises(OSError, match=r"(?i)certificate|reset|closed"):
        urllib.request.urlopen(address, context=mine, timeout=10)
    mine.load_cert_chain(started.folder / "keys/etcd.crt", started.folder / "keys/etcd.key")
    with urllib.request.urlopen(address, context=mine, timeout=10) as answer:
        assert json.load(answer)["health"] == "true"


def test_up_again_changes_nothing(started: World) -> None:
    before = started.pids()
    again = started.sandbox("up")
    assert again.returncode == 0, again.stderr
    assert started.pids() == before
    assert "starting" not in again.stderr


def test_status_says_where_everything_is(started: World) -> None:
    text = started.sandbox("status").stdout
    assert f"export KUBECONFIG={started.folder}/kubeconfig" in text
    assert "Stand-ins play the upstream charts" in text
    for one in started.now()["processes"]:
        assert one["state"] == "running"
        assert one["memory"] > 1024 * 1024
        assert one["name"] in text


def test_down_after_the_starter_was_killed(folder: Path) -> None:
    """Killed at several moments of its start, nothing is left behind; then it starts afresh."""
    for words in ("starting etcd", "starting kube-apiserver-sandbox", "starting kwok-sandbox"):
        _killed_after(folder, words)
        assert World(folder).sandbox("down").returncode == 0
        assert list(processes(folder)) == []
        assert not folder.exists()


def test_up_goes_on_where_it_was_killed(folder: Path) -> None:
    _killed_after(folder, "starting kube-apiserver-sandbox")
    own = World(folder)
    up = own.sandbox("up")
    assert up.returncode == 0, up.stderr
    assert all(one["state"] == "running" for one in own.now()["processes"])
    script = f". '{folder}/env.sh' && printf %s \"$KUBECONFIG\""
    sourced = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert sourced.stdout == f"{folder}/kubeconfig"
    assert own.sandbox("down").returncode == 0
    eventually(lambda: not list(processes(folder)), "every process has ended", 10)
    assert not folder.exists()


def _killed_after(folder: Path, words: str) -> None:
    arguments = [str(RELMAN), "sandbox", "up", "--folder", str(folder)]
    child = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    with child.stderr:
        for line in child.stderr:
            if words in line:
                os.kill(child.pid, signal.SIGKILL)
                break
    assert child.wait() == -signal.SIGKILL


def test_a_folder_that_is_no_sandbox_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    for command in ("up", "down"):
        refused = World(tmp_path).sandbox(command)
        assert refused.returncode == 2, refused.stderr
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_no_sandbox(tmp_path: Path) -> None:
    nothing = World(tmp_path / "none")
    status = nothing.sandbox("status")
    assert status.returncode == 1
    assert "relman sandbox up" in status.stdout
    assert nothing.sandbox("down").returncode == 0
