"""The processes of a sandbox: command lines, in the order in which they start.

Everything listens on the loopback. Flags: the components' own --help, at the versions that
tools/toolchain pins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relman.core.models.sandbox import ControlPlane, Sandbox
    from relman.core.sandbox.layout import Layout

LOOPBACK = "127.0.0.1"
# The tools that must be there, by their names in tools/toolchain/tools.toml.
TOOLS = (
    "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "argocd", "helm",
)  # fmt: skip


@dataclass(frozen=True)
class Process:
    """One process. `ports` are those that it listens on, the first one answers once it is
    ready; `address` is what people and programs call."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    address: str = ""


def stores(tools: Mapping[str, str], layout: Layout, box: Sandbox) -> list[Process]:
    """What nothing comes before: etcd, Redis, the chart repository and the simulated AWS."""
    found = [_etcd(tools, layout, box), _redis(tools, layout, box), _aws(tools, box)]
    return found if box.online else [*found, _charts(tools, layout, box)]


def controllers(
    tools: Mapping[str, str], layout: Layout, box: Sandbox, plane: ControlPlane
) -> list[Process]:
    """What works on a control plane whose API server answers."""
    kubeconfig = layout.plane_kubeconfig(plane.name)
    return [
        _controller_manager(tools, layout, plane, kubeconfig),
        Process(
            f"kube-scheduler-{plane.name}",
            (
                tools["kube-scheduler"], f"--kubeconfig={kubeconfig}",
                "--leader-elect=false", "--secure-port=0",
            ),
        ),
        Process(
            f"kwok-{plane.name}",
            (
                tools["kwok"], f"--kubeconfig={kubeconfig}", "--manage-all-nodes=true",
                "--enable-crds=Stage", f"--server-address={LOOPBACK}:{plane.kwok}",
                # Nobody else renews a node's lease; without it the node is lost after 40 s.
                "--node-lease-duration-seconds=40",
            ),
            ports=(plane.kwok,),
        ),
        Process(
            f"metrics-{plane.name}",
            (
                tools["python"], "-m", "relman.adapters.pod_metrics", str(plane.metrics),
                plane.address, layout.certificates(plane.name),
            ),
            {"POD_METRICS_TOKEN": box.token},
            (plane.metrics,),
            f"https://{LOOPBACK}:{plane.metrics}",
        ),
    ]  # fmt: skip


def _etcd(tools: Mapping[str, str], layout: Layout, box: Sandbox) -> Process:
    client, peer = f"http://{LOOPBACK}:{box.etcd}", f"http://{LOOPBACK}:{box.etcd_peer}"
    command = (
        tools["etcd"], f"--data-dir={layout.root}/etcd", "--name=sandbox",
        f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=sandbox={peer}", "--log-level=warn",
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


def api_server(
    tools: Mapping[str, str], layout: Layout, box: Sandbox, plane: ControlPlane
) -> Process:
    """A control plane's API server. All of them share one etcd, each under a prefix."""
    key = f"{layout.keys}/service-accounts.key"
    command = (
        tools["kube-apiserver"],
        f"--etcd-servers=http://{LOOPBACK}:{box.etcd}", f"--etcd-prefix=/{plane.name}",
        f"--bind-address={LOOPBACK}", f"--secure-port={plane.api}",
        f"--cert-dir={layout.certificates(plane.name)}",
        f"--token-auth-file={layout.keys}/tokens.csv", "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged=true",
        # A loopback address can't be an endpoint, and nothing in here needs one.
        "--endpoint-reconciler-type=none", "--profiling=false",
        "--delete-collection-workers=4",
    )  # fmt: skip
    return Process(
        f"kube-apiserver-{plane.name}",
        command,
        # Half of its memory otherwise waits for the garbage collector.
        {"GOGC": "50"},
        (plane.api,),
        plane.address,
    )


def _controller_manager(
    tools: Mapping[str, str], layout: Layout, plane: ControlPlane, kubeconfig: str
) -> Process:
    command = (
        tools["kube-controller-manager"], f"--kubeconfig={kubeconfig}",
        "--leader-elect=false", "--secure-port=0", "--use-service-account-credentials=false",
        f"--service-account-private-key-file={layout.keys}/service-accounts.key",
        f"--root-ca-file={layout.certificate(plane.name)}",
        # Simulated pods are ready, and measured, from their first second.
        "--horizontal-pod-autoscaler-sync-period=2s",
        "--horizontal-pod-autoscaler-initial-readiness-delay=1s",
        "--horizontal-pod-autoscaler-cpu-initialization-period=1s",
    )  # fmt: skip
    return Process(f"kube-controller-manager-{plane.name}", command)
