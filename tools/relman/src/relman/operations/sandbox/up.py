"""`relman sandbox up`: lays the sandbox out once, and starts whatever of it isn't running."""

from __future__ import annotations

import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import control_plane, files, kubernetes
from relman.core.sandbox import argocd, processes, stores
from relman.operations.sandbox import bootstrap, charts, clone, starting, state
from relman.operations.sandbox.status import status, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from relman.adapters.api_server import Api
    from relman.core.models.sandbox import ControlPlane, Sandbox, SandboxFile, SandboxStatus
    from relman.core.sandbox.layout import Layout
    from relman.operations.repository import Repository


@dataclass(frozen=True)
class Context:
    """What every step needs. `argocd` are `configs` of Argo CD's values in the repository."""

    repository: Repository
    where: Layout
    box: Sandbox
    tools: Mapping[str, str]
    settings: SandboxFile
    argocd: dict[str, Any]
    progress: Callable[[str], None]

    @property
    def namespace(self) -> str:
        """Argo CD's namespace."""
        return str(self.repository.project.argocd.namespace)


def up(
    repository: Repository,
    where: Layout,
    *,
    count: int | None,
    online: bool,
    progress: Callable[[str], None],
) -> SandboxStatus:
    """Everything runs and Argo CD has the root Applications when this returns. `count` is the
    number of control planes: of a new sandbox one, unless it is given.

    Running it again starts what has ended, and goes on where a killed run stopped. Raises
    Refused when the folder's sandbox serves another repository or was made in another way,
    Unavailable with the end of its log for a process that doesn't come up.
    """
    began = time.monotonic()
    source = repository.snapshot.git.root
    box = state.read(where)
    if box:
        state.refuse_another(where, box, source, count, online)
    tools = state.tools()
    settings = clone.settings(repository)
    box = box or state.lay_out(where, source, repository.environments, count or 1, online)
    configured = bootstrap.argocd_settings(repository)
    _steps(Context(repository, where, box, tools, settings, configured, progress))
    found = status(where)
    return found.model_copy(update={"seconds": round(time.monotonic() - began, 1)})


def _steps(it: Context) -> None:
    """In the order in which one needs the other; what only takes time runs beside the rest."""
    bootstrap.keys(it.where, it.box)
    bootstrap.argocd_folders(it.where, it.tools["helm"])
    with ThreadPoolExecutor() as pool:
        beside = [pool.submit(clone.make, it.repository, it.where, it.box)]
        if not it.box.online:
            components = it.repository.project.components
            known = it.settings.definitions
            beside.append(
                pool.submit(charts.build, components, known, it.where, it.box, it.tools["helm"])
            )
        starting.start(it.where, stores.processes(it.tools, it.where, it.box), it.progress)
        beside.append(pool.submit(_aws, it))
        _control_planes(it)
        for one in beside:
            one.result()
    _argocd(it)
    found = variables(it.where, it.box).items()
    text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in found)
    files.write_private(Path(it.where.environment), text)


def _aws(it: Context) -> None:
    starting.wait(it.where, "aws", it.box.aws)
    bootstrap.aws(it.repository.project.services, it.box, it.settings.secrets)


def _control_planes(it: Context) -> None:
    starting.wait(it.where, "etcd", it.box.etcd)
    servers = [processes.api_server(it.tools, it.where, it.box, one) for one in it.box.planes]
    starting.start(it.where, servers, it.progress)
    for plane, server in zip(it.box.planes, servers, strict=True):
        starting.until(it.where, server.name, partial(_is_ready, it, plane))
    bootstrap.kubeconfigs(it.where, it.box, it.namespace)
    for plane in it.box.planes:
        bootstrap.nodes(_api(it, plane), plane)
        found = processes.controllers(it.tools, it.where, it.box, plane)
        starting.start(it.where, found, it.progress)


def _is_ready(it: Context, plane: ControlPlane) -> bool:
    return control_plane.ready(plane.address, it.where.certificate(plane.name))


def _argocd(it: Context) -> None:
    api = _api(it, it.box.planes[0])
    bootstrap.argocd_objects(api, it.where, it.box, it.namespace, it.argocd["cm"])
    found = argocd.processes(it.tools, it.where, it.box, it.argocd["params"])
    starting.start(it.where, found, it.progress)
    bootstrap.roots(api, Path(it.where.clone))
    for process in found:
        starting.wait(it.where, process.name, process.ports[0])
    health = f"http://{processes.LOOPBACK}:{it.box.controller_metrics}/healthz"
    starting.until(it.where, found[1].name, lambda: control_plane.healthy(health))


def _api(it: Context, plane: ControlPlane) -> Api:
    return kubernetes.connect(plane.name, config_file=it.where.kubeconfig)
