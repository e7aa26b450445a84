"""The sandbox's folder: whose it is, who works in it, and what its copy of a repository says.
What runs in it is tested in tests/sandbox."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest
from relman.adapters import folder_lock
from relman.core.models.environment import Cluster, ComponentChoice, Environment
from relman.core.models.project import Project
from relman.core.models.sandbox import ControlPlane, Sandbox, Shared
from relman.core.sandbox import overlay
from relman.core.sandbox.layout import Layout

from .lab import Lab, Ran, relman

PORTS = {
    "etcd": 1, "etcd_peer": 2, "redis": 3, "repo_server": 4, "repo_server_metrics": 5,
    "controller_metrics": 6, "charts": 7, "aws": 8,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "my box"


def lay_out(folder: Path, source: Path) -> None:
    """A sandbox of which nothing runs."""
    plane = ControlPlane(name="sandbox", clusters=("dev",), api=9, kwok=10, metrics=11)
    box = Sandbox(
        source=str(source), token="t", redis_password="r", planes=(plane,), **PORTS
    )  # fmt: skip
    folder.mkdir()
    (folder / "sandbox.json").write_text(box.model_dump_json(by_alias=True))


def up(lab: Lab, folder: Path, *arguments: str) -> Ran:
    return lab.relman("sandbox", "up", "--folder", str(folder), *arguments)


def test_a_path_that_helm_takes_for_an_address(lab: Lab, tmp_path: Path) -> None:
    done = up(lab, tmp_path / "100% mine")
    assert done.code == 2
    assert "it has a %" in done.err
    assert list(tmp_path.glob("100*")) == []


def test_another_repository_is_refused(lab: Lab, folder: Path, tmp_path: Path) -> None:
    lay_out(folder, tmp_path / "elsewhere")
    done = up(lab, folder)
    assert done.code == 1
    assert f"the sandbox in {folder} serves {tmp_path / 'elsewhere'}" in done.err
    assert f"relman sandbox down --folder '{folder}'" in done.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(("--clusters", "3"), "has --clusters 1"), (("--online",), "has stand-ins")],
)
def test_one_made_in_another_way_is_refused(
    lab: Lab, folder: Path, arguments: tuple[str, ...], why: str
) -> None:
    lay_out(folder, lab.root)
    done = up(lab, folder, *arguments)
    assert done.code == 1
    assert why in done.err


def test_status_and_down_from_anywhere(folder: Path, tmp_path: Path) -> None:
    lay_out(folder, tmp_path / "elsewhere")
    status = relman("sandbox", "status", "--folder", str(folder), cwd=tmp_path)
    assert status.code == 1
    assert f"It serves {tmp_path / 'elsewhere'}." in status.out
    assert f"cd '{folder}/store'" in status.out
    assert relman("sandbox", "down", "--folder", str(folder), cwd=tmp_path).code == 0
    assert not folder.exists()


def test_one_at_a_time(folder: Path, tmp_path: Path) -> None:
    """Whoever comes second waits, also when the first removes the folder in the end."""
    lay_out(folder, tmp_path)
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)

    def release() -> None:
        time.sleep(0.3)
        (folder / "sandbox.json").unlink()
        folder.rmdir()
        os.close(held)

    other = threading.Thread(target=release)
    other.start()
    done = relman("sandbox", "down", "--folder", str(folder), cwd=tmp_path)
    other.join()
    assert done.code == 0
    assert f"another relman works in {folder}; waiting" in done.err
    assert not folder.exists()


def test_not_for_ever(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_lock, "PATIENCE", 0.3)
    lay_out(folder, tmp_path)
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    done = relman("sandbox", "down", "--folder", str(folder), cwd=tmp_path)
    os.close(held)
    assert done.code == 4
    assert "another relman has been at work" in done.err
    assert (folder / "sandbox.json").exists()


@pytest.mark.parametrize("command", ["up", "status", "down"])
def test_a_file_is_no_folder(lab: Lab, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    done = lab.relman("sandbox", command, "--folder", str(tmp_path / "file"))
    assert done.code == 2
    assert str(tmp_path / "file") in done.err


def project(**images: str) -> Project:
    services = {
        name: {"image": image, "component": "shop", "paths": ["image"]}
        for name, image in images.items()
    }
    return Project.model_validate(
        {
            "apiVersion": "relman/v1",
            "kind": "Project",
            "name": "shop",
            "repository": {"url": "https://example.com/shop.git", "branch": "main"},
            "services": services,
            "components": {"shop": {"chart": "charts/shop", "namespace": "shop"}},
        }
    )


def test_addresses_that_are_parts_of_others() -> None:
    mine = project(a="redis:7", b="my/redis:7", c="redis:7.2")
    copy = overlay.Copy(mine, ("dev",), Layout("/a b").remote_url, None)
    text = "redis:7 'my/redis:7' redis:7.2 other/redis:7\nhttps://example.com/shop.git"
    assert overlay.rewritten(copy, text) == (
        f"{overlay.REGISTRY}/library/redis:7 '{overlay.REGISTRY}/my/redis:7' "
        f"{overlay.REGISTRY}/library/redis:7.2 other/redis:7\nfile:///a%20b/remote.git"
    )


def environment(name: str, **components: ComponentChoice) -> Environment:
    return Environment(
        api_version="relman/v1",
        kind="Environment",
        name=name,
        clusters=(Cluster(name=name),),
        components=components,
    )


def test_each_environment_has_namespaces_of_its_own() -> None:
    """Where they share a cluster, and nobody has said how."""
    mine = project(a="redis:7")
    special = environment("prod", shop=ComponentChoice(namespace="special"))
    environments = {"dev": environment("dev"), "staging": environment("staging"), "prod": special}
    said = {"staging": Shared(components={"shop": ComponentChoice(namespace="mine")})}
    found = overlay.own_namespaces(mine, environments, said)
    names = {name: one.components["shop"].namespace for name, one in found.items()}
    assert names == {"dev": "shop-dev", "staging": "mine", "prod": "special-prod"}
    assert overlay.own_namespaces(mine, {"dev": environment("dev")}, {}) == {}
