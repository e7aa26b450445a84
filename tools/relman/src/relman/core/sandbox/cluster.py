"""What a simulated cluster holds from the start: nodes, and who measures its pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relman.core.models.sandbox import ControlPlane

ZONES = ("a", "b", "c")
SIZE = {"cpu": "64", "memory": "256Gi", "pods": "500", "ephemeral-storage": "500Gi"}
METRICS = "metrics.k8s.io"


def nodes(region: str) -> list[dict[str, Any]]:
    """A node in each of three zones. KWOK plays their kubelets."""
    return [_node(f"node-{zone}", f"{region}{zone}", region) for zone in ZONES]


def _node(name: str, zone: str, region: str) -> dict[str, Any]:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": zone,
        "topology.kubernetes.io/region": region,
        "type": "kwok",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": labels,
            "annotations": {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
        },
        "status": {"allocatable": SIZE, "capacity": SIZE},
    }


def stage(manifest: dict[str, Any]) -> dict[str, Any]:
    """One of KWOK's own stages. Pods get ready in one of them; here an image whose tag begins with
    `broken` never does, so that a bad release can be tried."""
    if manifest["metadata"]["name"] != "pod-ready":
        return manifest
    fine = "!self.spec.containers.exists(one, one.image.contains(':broken'))"
    spec = manifest["spec"]
    expressions = [*spec["selector"]["matchExpressions"], {"cel": {"expression": fine}}]
    return {**manifest, "spec": {**spec, "selector": {"matchExpressions": expressions}}}


def load_balancer() -> dict[str, Any]:
    """KWOK's stage in which every Ingress gets an address. Argo CD waits for one."""
    address = "{{ .metadata.name }}-{{ .metadata.namespace }}.elb.localhost"
    missing = "!has(self.status) || !has(self.status.loadBalancer)"
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": "ingress-address"},
        "spec": {
            "resourceRef": {"apiGroup": "networking.k8s.io/v1", "kind": "Ingress"},
            "selector": {
                "matchExpressions": [
                    {"cel": {"expression": f"{missing} || !has(self.status.loadBalancer.ingress)"}}
                ]
            },
            "steps": [
                {
                    "patch": {
                        "root": "status",
                        "subresource": "status",
                        "template": f'loadBalancer: {{ingress: [{{hostname: "{address}"}}]}}',
                    }
                }
            ],
        },
    }


def metrics(plane: ControlPlane) -> list[dict[str, Any]]:
    """The resource metrics API, played by `adapters/pod_metrics.py` on the loopback. Without one,
    every autoscaler is degraded."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "pod-metrics", "namespace": "kube-system"},
        "spec": {"type": "ExternalName", "externalName": "localhost"},
    }
    registered = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"v1beta1.{METRICS}"},
        "spec": {
            "group": METRICS,
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            # Its certificate is the API server's own, which names no authority.
            "insecureSkipTLSVerify": True,
            "service": {"name": "pod-metrics", "namespace": "kube-system", "port": plane.metrics},
        },
    }
    return [service, registered]


def kubeconfig(
    planes: tuple[ControlPlane, ...], token: str, certificates: dict[str, str], namespace: str = ""
) -> dict[str, Any]:
    """A context for each control plane, and one for each name that environments give it; the first
    plane is current. `certificates` are in base64, by plane."""
    names = [(name, plane) for plane in planes for name in (plane.name, *plane.clusters)]
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": planes[0].name,
        "clusters": [
            {
                "name": plane.name,
                "cluster": {
                    "server": plane.address,
                    "certificate-authority-data": certificates[plane.name],
                },
            }
            for plane in planes
        ],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [
            {"name": name, "context": _context(plane, namespace)}
            for name, plane in dict(names).items()
        ],
    }


def _context(plane: ControlPlane, namespace: str) -> dict[str, str]:
    return {"cluster": plane.name, "user": "admin"} | (
        {"namespace": namespace} if namespace else {}
    )
