"""The processes that hold data: etcd, Redis, the chart repository, the simulated AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.sandbox.processes import LOOPBACK, Process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relman.core.models.sandbox import Sandbox
    from relman.core.sandbox.layout import Layout


def processes(tools: Mapping[str, str], layout: Layout, box: Sandbox) -> list[Process]:
    """What nothing comes before: etcd, Redis, the chart repository and the simulated AWS."""
    found = [_etcd(tools, layout, box), _redis(tools, layout, box), _aws(tools, box)]
    return found if box.online else [*found, _charts(tools, layout, box)]


def _etcd(tools: Mapping[str, str], layout: Layout, box: Sandbox) -> Process:
    client, peer = f"https://{LOOPBACK}:{box.etcd}", f"https://{LOOPBACK}:{box.etcd_peer}"
    shown = [
        f"--{whose}{flag}"
        for whose in ("", "peer-")
        for flag in (
            f"cert-file={layout.etcd_certificate}", f"key-file={layout.etcd_key}",
            f"trusted-ca-file={layout.etcd_certificate}", "client-cert-auth",
        )
    ]  # fmt: skip
    command = (
        tools["etcd"], f"--data-dir={layout.root}/etcd", "--name=sandbox",
        f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=sandbox={peer}", "--log-level=warn", *shown,
        # A crash of the machine may take the sandbox with it; a crash of etcd may not.
        "--unsafe-no-fsync",
    )  # fmt: skip
    return Process("etcd", command, ports=(box.etcd, box.etcd_peer), address=client)


def _redis(tools: Mapping[str, str], layout: Layout, box: Sandbox) -> Process:
    command = (tools["redis-server"], layout.redis_config)
    address = f"redis://{LOOPBACK}:{box.redis}"
    return Process("redis", command, ports=(box.redis,), address=address)


def redis_config(layout: Layout, box: Sandbox) -> str:
    """Redis's settings; a file keeps the password off the list of processes."""
    lines = {
        "port": box.redis,
        "bind": LOOPBACK,
        "requirepass": box.redis_password,
        "dir": f'"{layout.root}"',
        "save": '""',
        "appendonly": "no",
        # Its title would be written over its environment, by which it is found again.
        "set-proc-title": "no",
    }
    return "".join(f"{key} {value}\n" for key, value in lines.items())


def _charts(tools: Mapping[str, str], layout: Layout, box: Sandbox) -> Process:
    command = (
        tools["python"], "-m", "http.server", str(box.charts), "--bind", LOOPBACK,
        "--directory", layout.charts,
    )  # fmt: skip
    return Process("charts", command, ports=(box.charts,), address=chart_repository(box))


def chart_repository(box: Sandbox) -> str:
    """The URL of the stand-ins' chart repository."""
    return f"http://{LOOPBACK}:{box.charts}"


def _aws(tools: Mapping[str, str], box: Sandbox) -> Process:
    command = (tools["python"], "-m", "moto.server", "-H", LOOPBACK, "-p", str(box.aws))
    return Process("aws", command, ports=(box.aws,), address=aws_endpoint(box))


def aws_endpoint(box: Sandbox) -> str:
    """The URL of the simulated AWS."""
    return f"http://{LOOPBACK}:{box.aws}"
