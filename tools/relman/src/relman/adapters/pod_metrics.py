"""A stand-in for metrics-server: the resource metrics API over simulated pods, each of which uses
half of what it requests. The API server passes `/apis/metrics.k8s.io` on to it.

    python -m relman.adapters.pod_metrics PORT API_SERVER CERTIFICATES

API: k8s.io/metrics/pkg/apis/metrics/v1beta1.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = "/apis/metrics.k8s.io/v1beta1"
KINDS = (("pods", "PodMetrics", True), ("nodes", "NodeMetrics", False))
DEFAULTS = {"cpu": "100m", "memory": "64Mi"}


class Cluster:
    """The API server whose pods are measured."""

    def __init__(self, address: str, certificates: Path, token: str) -> None:
        self.address = address
        self.token = token
        self.tls = ssl.create_default_context(cafile=str(certificates / "apiserver.crt"))

    def items(self, path: str, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        """The objects of a list."""
        url = f"{self.address}{path}?{urllib.parse.urlencode(query, doseq=True)}"
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the sandbox's own
        with urllib.request.urlopen(request, context=self.tls, timeout=10) as answer:  # noqa: S310 - ours
            return list(json.load(answer).get("items", []))


def discovery() -> dict[str, Any]:
    """The kinds that are served."""
    resources = [
        {
            "name": name,
            "singularName": "",
            "namespaced": scoped,
            "kind": kind,
            "verbs": ["get", "list"],
        }
        for name, kind, scoped in KINDS
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": "metrics.k8s.io/v1beta1",
        "resources": resources,
    }


def listed(cluster: Cluster, path: str, query: dict[str, list[str]]) -> dict[str, Any] | None:
    """The answer to a request below the API's root; None for a path that isn't served."""
    inside = path.removeprefix(ROOT)
    if inside.endswith("/pods"):
        pods = cluster.items(f"/api/v1{inside}", query)
        ready = [pod for pod in pods if pod.get("status", {}).get("phase") == "Running"]
        return _list("PodMetricsList", [_measured(pod, _containers(pod)) for pod in ready])
    if inside == "/nodes":
        nodes = cluster.items("/api/v1/nodes", query)
        return _list("NodeMetricsList", [_measured(one, {"usage": DEFAULTS}) for one in nodes])
    return None


def _list(kind: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": items}


def _measured(thing: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: thing["metadata"].get(key) for key in ("name", "namespace", "labels")}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "metadata": {key: value for key, value in metadata.items() if value},
        "timestamp": now,
        "window": "1s",
        **body,
    }


def _containers(pod: dict[str, Any]) -> dict[str, Any]:
    return {
        "containers": [
            {"name": one["name"], "usage": _half(one.get("resources", {}).get("requests") or {})}
            for one in pod["spec"]["containers"]
        ]
    }


def _half(requests: dict[str, str]) -> dict[str, str]:
    from relman.core.quantities import parse

    usage = {}
    for name, default in DEFAULTS.items():
        amount = parse(requests.get(name, default))
        usage[name] = f"{int((amount or 0) * 1000 / 2)}m"
    return usage


def serve(port: int, cluster: Cluster, certificates: Path) -> None:
    """Answers until it is ended."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            try:
                body = _answer(cluster, path.rstrip("/"), urllib.parse.parse_qs(query))
            except OSError as error:
                self.send_error(503, str(error))
                return
            if body is None:
                self.send_error(404)
                return
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            return

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "apiserver.crt", certificates / "apiserver.key")
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def _answer(cluster: Cluster, path: str, query: dict[str, list[str]]) -> dict[str, Any] | None:
    if path == ROOT:
        return discovery()
    if path.startswith(f"{ROOT}/"):
        kept = {key: value for key, value in query.items() if key.endswith("Selector")}
        return listed(cluster, path, kept)
    return None


if __name__ == "__main__":
    folder = Path(sys.argv[3])
    serve(int(sys.argv[1]), Cluster(sys.argv[2], folder, os.environ["POD_METRICS_TOKEN"]), folder)
