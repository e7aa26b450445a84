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


def api_server(
    tools: Mapping[str, str], layout: Layout, box: Sandbox, plane: ControlPlane
) -> Process:
    """A control plane's API server. All of them share one etcd, each under a prefix."""
    key = f"{layout.keys}/service-accounts.key"
    command = (
        tools["kube-apiserver"],
        f"--etcd-servers=https://{LOOPBACK}:{box.etcd}", f"--etcd-prefix=/{plane.name}",
        f"--etcd-cafile={layout.etcd_certificate}", f"--etcd-certfile={layout.etcd_certificate}",
        f"--etcd-keyfile={layout.etcd_key}",
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
