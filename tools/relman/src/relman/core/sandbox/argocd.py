"""Argo CD without its server and its pages: two processes, and the objects that they start from.

What they need: argo-cd's manifests/base and cmd/, at the version that tools/toolchain pins.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from relman.core.sandbox.processes import LOOPBACK, Process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relman.core.models.sandbox import ControlPlane, Sandbox
    from relman.core.sandbox.layout import Layout

PART_OF = {"app.kubernetes.io/part-of": "argocd"}
CONFIG_MAPS = (
    "argocd-cm", "argocd-rbac-cm", "argocd-cmd-params-cm", "argocd-tls-certs-cm",
    "argocd-ssh-known-hosts-cm", "argocd-gpg-keys-cm",
)  # fmt: skip
# Settings of Argo CD's chart (configs.params), and the variables that the controller reads them
# from.
PARAMS = {
    "controller.diff.server.side": "SERVER_SIDE_DIFF",
    "controller.resource.health.persist": "PERSIST_RESOURCE_HEALTH",
    "controller.sync.timeout.seconds": "SYNC_TIMEOUT",
    "controller.self.heal.timeout.seconds": "SELF_HEAL_TIMEOUT_SECONDS",
}
FOLDERS = ("tls", "ssh", "gnupg", "gpg", "tmp", "home", "bin", "plugins")


def processes(
    tools: Mapping[str, str], layout: Layout, box: Sandbox, params: Mapping[str, Any]
) -> list[Process]:
    """The repo-server and the application controller. `params` are the chart's configs.params."""
    shared = _environment(layout, box, params, tools["PATH"])
    redis = f"--redis={LOOPBACK}:{box.redis}"
    repo_server = (
        tools["argocd"], redis, f"--address={LOOPBACK}", f"--port={box.repo_server}",
        f"--metrics-address={LOOPBACK}", f"--metrics-port={box.repo_server_metrics}",
    )  # fmt: skip
    controller = (
        tools["argocd"], redis, f"--repo-server={LOOPBACK}:{box.repo_server}",
        f"--metrics-port={box.controller_metrics}", "--app-resync=15", "--app-resync-jitter=0",
    )  # fmt: skip
    return [
        Process(
            "argocd-repo-server",
            repo_server,
            {**shared, "ARGOCD_BINARY_NAME": "argocd-repo-server"},
            (box.repo_server, box.repo_server_metrics),
            f"{LOOPBACK}:{box.repo_server}",
        ),
        Process(
            "argocd-application-controller",
            controller,
            {**shared, "ARGOCD_BINARY_NAME": "argocd-application-controller"},
            (box.controller_metrics,),
        ),
    ]


def _environment(
    layout: Layout, box: Sandbox, params: Mapping[str, Any], path: str
) -> dict[str, str]:
    home = layout.argocd
    chosen = {
        f"ARGOCD_APPLICATION_CONTROLLER_{name}": str(params[key])
        for key, name in PARAMS.items()
        if key in params
    }
    return {
        **chosen,
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_TLS_DATA_PATH": f"{home}/tls",
        "ARGOCD_SSH_DATA_PATH": f"{home}/ssh",
        "ARGOCD_GNUPGHOME": f"{home}/gnupg",
        "ARGOCD_GPG_DATA_PATH": f"{home}/gpg",
        "ARGOCD_PLUGINSOCKFILEPATH": f"{home}/plugins",
        "REDIS_PASSWORD": box.redis_password,
        "KUBECONFIG": layout.argocd_kubeconfig,
        "HOME": f"{home}/home",
        # It keeps its clones in a folder of a fixed name below.
        "TMPDIR": f"{home}/tmp",  # noqa: S108 - inside the sandbox's folder
        "PATH": f"{layout.bin}:{path}",
        # Its work is bursts; memory counts more on a small machine.
        "GOGC": "50",
    }


def objects(namespace: str, settings: Mapping[str, Any], server_key: str) -> list[dict[str, Any]]:
    """The namespace, the ConfigMaps (argocd-cm with the chart's configs.cm) and the Secret."""
    found: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    ]
    for name in CONFIG_MAPS:
        data = {key: str(value) for key, value in settings.items()} if name == "argocd-cm" else {}
        found.append(_object("ConfigMap", namespace, name, {"data": data}))
    found.append(
        _object(
            "Secret", namespace, "argocd-secret", {"stringData": {"server.secretkey": server_key}}
        )
    )
    return found


def cluster_secret(
    namespace: str, cluster: str, plane: ControlPlane, token: str, certificate: str
) -> dict[str, Any]:
    """A remote cluster as `argocd cluster add` registers one. `certificate` is in base64."""
    config = {"bearerToken": token, "tlsClientConfig": {"caData": certificate}}
    body = {
        "type": "Opaque",
        "stringData": {"name": cluster, "server": plane.address, "config": json.dumps(config)},
    }
    found = _object("Secret", namespace, f"cluster-{cluster}", body)
    found["metadata"]["labels"]["argocd.argoproj.io/secret-type"] = "cluster"
    return found


def _object(kind: str, namespace: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": {**PART_OF}}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **body}
