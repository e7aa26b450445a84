"""`relman sandbox status`: each process, its memory and address, and how to reach it all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import background
from relman.core.models.sandbox import ProcessStatus, SandboxStatus
from relman.core.sandbox import argocd, overlay, processes, stores
from relman.operations.sandbox import starting, state

if TYPE_CHECKING:
    from relman.adapters.background import Running
    from relman.core.models.sandbox import Sandbox
    from relman.core.sandbox.layout import Layout
    from relman.core.sandbox.processes import Process


def status(where: Layout) -> SandboxStatus:
    """What is laid out, and what of it runs."""
    box = state.read(where)
    if box is None:
        return SandboxStatus(folder=where.root, exists=False)
    running = background.running(Path(where.root))
    return SandboxStatus(
        folder=where.root,
        exists=True,
        source=box.source,
        kubeconfig=where.kubeconfig,
        clone=where.clone,
        remote=where.remote,
        environment=variables(where, box),
        stand_ins=_stand_ins(where),
        processes=tuple(
            _process(where, one, running.get(one.name)) for one in expected(where, box)
        ),
    )


def expected(where: Layout, box: Sandbox) -> list[Process]:
    """Every process that belongs to it, in the order in which they start."""
    tools = dict.fromkeys((*processes.TOOLS, "redis-server", "python", "PATH"), "")
    found = stores.processes(tools, where, box)
    for plane in box.planes:
        found.append(processes.api_server(tools, where, box, plane))
        found += processes.controllers(tools, where, box, plane)
    return found + argocd.processes(tools, where, box, {})


def variables(where: Layout, box: Sandbox) -> dict[str, str]:
    """What a shell needs, to use kubectl and relman on the sandbox."""
    return {
        "KUBECONFIG": where.kubeconfig,
        "AWS_ENDPOINT_URL": stores.aws_endpoint(box),
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": overlay.REGION,
    }


def _stand_ins(where: Layout) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in Path(where.charts).glob("*.tgz")))


def _process(where: Layout, process: Process, found: Running | None) -> ProcessStatus:
    return ProcessStatus(
        name=process.name,
        state="running" if found else "stopped",
        pid=found.pid if found else None,
        memory=found.memory if found else None,
        address=process.address,
        log=where.log(process.name),
        log_end="" if found else starting.log_end(where, process.name),
    )
