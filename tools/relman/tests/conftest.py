"""Hermetic tests: no user's git or Helm configuration, no AWS account, a cache of their own."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from . import api_servers
from . import lab as laboratory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .api_servers import ApiServer
    from .clouds import Cloud

# A shell that starts the tests in the background lets them ignore ^C, and so would their children.
signal.signal(signal.SIGINT, signal.default_int_handler)

SCRUBBED = ("GIT_", "HELM_", "AWS_", "KUBECONFIG", "RELMAN_")


@pytest.fixture(autouse=True, scope="session")
def _hermetic(tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in list(os.environ):
        if name.startswith(SCRUBBED):
            del os.environ[name]
    home = tmp_path_factory.mktemp("home")
    os.environ.update(
        GIT_CONFIG_GLOBAL=str(home / "gitconfig"),
        GIT_CONFIG_NOSYSTEM="1",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=str(home / "aws"),
        AWS_SHARED_CREDENTIALS_FILE=str(home / "aws-credentials"),
        KUBECONFIG=str(home / "kubeconfig"),
        DOCKER_CONFIG=str(home / "docker"),
        RELMAN_CACHE_DIR=str(home / "cache"),
        NO_COLOR="1",
    )


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A lab with a remote and one without, made once and copied for each test."""
    folders = {}
    for remote in (False, True):
        folders[remote] = tmp_path_factory.mktemp("template")
        laboratory.make(folders[remote], remote=remote)
    return folders


def _copy(template: Path, target: Path, *, remote: bool) -> laboratory.Lab:
    shutil.copytree(template, target, dirs_exist_ok=True)
    lab = laboratory.Lab(target / "clone", target / "remote.git" if remote else None)
    if remote:
        lab.git("remote", "set-url", "origin", str(lab.remote))
    return lab


@pytest.fixture
def lab(_templates: dict[bool, Path], tmp_path: Path) -> laboratory.Lab:
    """A clone without a remote."""
    return _copy(_templates[False], tmp_path / "lab", remote=False)


@pytest.fixture
def remote_lab(_templates: dict[bool, Path], tmp_path: Path) -> laboratory.Lab:
    """A clone with a bare remote."""
    return _copy(_templates[True], tmp_path / "lab", remote=True)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """An API server that is played, the one of the kubeconfig."""
    with api_servers.serving() as fake:
        kubeconfig = api_servers.kubeconfig(tmp_path / "kubeconfig", {"hub": fake.url})
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        yield fake


@pytest.fixture(scope="module")
def _aws() -> Iterator[Cloud]:
    from . import clouds  # moto takes its time

    with clouds.serving() as found:
        yield found


@pytest.fixture
def cloud(_aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A simulated AWS, asked without boto3's pauses between tries."""
    from botocore.retries import standard

    _aws.reset()
    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", _aws.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return _aws
