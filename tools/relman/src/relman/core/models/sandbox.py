"""releases/sandbox.yaml, and what a sandbox says of itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relman.core.models.base import ApiVersion, Model, Name, Values
from relman.core.models.environment import ComponentChoice


class Definition(Model):
    """A kind that an upstream chart brings and that our objects use. The sandbox's stand-in for
    the chart defines it without a schema: every field is accepted."""

    component: Name
    group: str
    version: str
    kind: str
    plural: str
    scope: Literal["Cluster", "Namespaced"] = "Namespaced"


class Shared(Model):
    """What an environment changes where all of them live in one cluster: namespaces of its own,
    and who owns what there can only be one of."""

    components: dict[Name, ComponentChoice] = Field(default_factory=dict)
    values: dict[Name, Values] = Field(default_factory=dict)


class SandboxFile(Model):
    """What a repository tells its sandbox. All of it is optional, and so is the file. `secrets`
    are the names of secrets that the simulated Secrets Manager holds, without a value."""

    api_version: ApiVersion
    kind: Literal["Sandbox"]
    secrets: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()
    shared: dict[Name, Shared] = Field(default_factory=dict)


class ControlPlane(Model):
    """One simulated cluster: the ports of its parts on the loopback. `clusters` are the names
    under which the repository's environments know it."""

    name: Name
    clusters: tuple[Name, ...]
    api: int
    kwok: int
    metrics: int

    @property
    def address(self) -> str:
        """Its API server's URL."""
        return f"https://127.0.0.1:{self.api}"


class Sandbox(Model):
    """A sandbox as it was laid out: what `up` goes back to each time. `source` is the repository
    that it was made from; Argo CD runs in the first control plane."""

    source: str
    online: bool = False
    token: str
    etcd: int
    etcd_peer: int
    redis: int
    redis_password: str
    repo_server: int
    repo_server_metrics: int
    controller_metrics: int
    charts: int
    aws: int
    planes: tuple[ControlPlane, ...]


ProcessState = Literal["running", "stopped"]


class ProcessStatus(Model):
    """One process of the sandbox. `memory` is its resident memory in bytes, `log_end` the end of
    its log where it isn't running."""

    name: str
    state: ProcessState
    pid: int | None = None
    memory: int | None = None
    address: str = ""
    log: str
    log_end: str = ""


class SandboxStatus(Model):
    """All of the sandbox: where it is, its processes, and how to reach it. `source` is the
    repository that it was made from."""

    folder: str
    exists: bool
    source: str = ""
    kubeconfig: str = ""
    clone: str = ""
    remote: str = ""
    environment: dict[str, str] = Field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()
    processes: tuple[ProcessStatus, ...] = ()
    seconds: float | None = None

    @property
    def whole(self) -> bool:
        """Whether every process runs."""
        return self.exists and all(one.state == "running" for one in self.processes)
