"""An API server on the loopback, small but stateful: discovery, objects, lists in pages, apply
with and without dry-run, merge patches, deletion. It says what a test wants it to say where that
matters, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import copy
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from . import protobuf

Object = dict[str, Any]
# Group and version: kind, plural, whether it has namespaces.
SERVED: dict[str, list[tuple[str, str, bool]]] = {
    "v1": [
        ("ConfigMap", "configmaps", True),
        ("Secret", "secrets", True),
        ("Service", "services", True),
        ("Namespace", "namespaces", False),
    ],
    "apps/v1": [("Deployment", "deployments", True)],
    "autoscaling/v2": [("HorizontalPodAutoscaler", "horizontalpodautoscalers", True)],
    "argoproj.io/v1alpha1": [
        ("Application", "applications", True),
        ("AppProject", "appprojects", True),
    ],
}


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]

    @property
    def dry(self) -> bool:
        """Whether nothing is to be stored."""
        return "dryRun" in self.query


@dataclass(frozen=True)
class Answer:
    """What is said instead; `close` hangs up, `wait` is set when it may go on."""

    status: int = 200
    body: bytes = b""
    close: bool = False
    wait: threading.Event | None = None


def status(code: int, message: str = "") -> Answer:
    """A failure in Kubernetes's words."""
    body = {"kind": "Status", "status": "Failure", "message": message, "code": code}
    return Answer(code, json.dumps(body).encode())


Script = Callable[[Asked], Answer | None]


@dataclass
class ApiServer:
    """Where it listens, what it holds by path, and what it was asked."""

    url: str
    objects: dict[str, Object] = field(default_factory=dict)
    served: dict[str, list[tuple[str, str, bool]]] = field(default_factory=lambda: dict(SERVED))
    script: Script = lambda _: None
    # What admission and defaulting make of an object that is applied.
    admit: Callable[[Object], None] = lambda _: None
    asked: list[Asked] = field(default_factory=list)
    page: int = 500

    def put(self, *manifests: Object) -> None:
        """Objects that are there."""
        for manifest in manifests:
            self.objects[self.path(manifest)] = copy.deepcopy(manifest)

    def path(self, manifest: Object) -> str:
        """Where an object is found."""
        version, metadata = manifest["apiVersion"], manifest["metadata"]
        kinds = {kind: (plural, scoped) for kind, plural, scoped in self.served[version]}
        plural, namespaced = kinds[manifest["kind"]]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        where = f"/namespaces/{metadata.get('namespace', 'default')}" if namespaced else ""
        return f"{root}{where}/{plural}/{metadata['name']}"

    def said(self, method: str, part: str = "") -> list[Asked]:
        """The requests of a method whose path has this in it."""
        return [one for one in self.asked if one.method == method and part in one.path]

    def answer(self, asked: Asked) -> Answer:
        """What it says to a request."""
        self.asked.append(asked)
        if (scripted := self.script(asked)) is not None:
            return scripted
        found = _found(self, asked)
        return found if isinstance(found, Answer) else Answer(body=json.dumps(found).encode())


def _found(server: ApiServer, asked: Asked) -> Object | Answer:
    if asked.method == "GET":
        return _got(server, asked)
    if asked.method in ("POST", "PUT"):
        made = asked.body
        path = f"{asked.path}/{made['metadata']['name']}" if asked.method == "POST" else asked.path
        server.objects[path] = made
        return dict(made)
    if asked.method == "DELETE":
        gone = server.objects.pop(asked.path, None)
        return gone or status(404, "not found")
    merging = asked.headers["Content-Type"] == "application/merge-patch+json"
    if merging and asked.path not in server.objects:
        return status(404, "not found")
    return _patched(server, asked, merging=merging)


def _got(server: ApiServer, asked: Asked) -> Object | Answer:
    if "watch" in asked.query:
        return Answer()
    if (about := _about(server, asked.path)) is not None:
        return about
    if asked.path in server.objects:
        return server.objects[asked.path]
    if any(
        asked.path.endswith(f"/{plural}") for ks in server.served.values() for _, plural, _ in ks
    ):
        return _listed(server, asked)
    return status(404, "the server could not find the requested resource")


def _about(server: ApiServer, path: str) -> Object | None:
    """What it says of itself."""
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version in server.served:
        return _discovery(server, version)
    if path.startswith("/openapi/v3"):
        return _schemas(server, path.removeprefix("/openapi/v3").strip("/"))
    groups = sorted({one.partition("/")[0] for one in server.served if "/" in one})
    found: dict[str, Object] = {
        "/version": {"major": "1", "minor": "35", "gitVersion": "v1.35.4"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "groups": [_group(server, one) for one in groups]},
    }
    return found.get(path)


def _schemas(server: ApiServer, part: str) -> Object:
    """OpenAPI as far as Helm reads it: that the server checks fields itself."""
    roots = {f"apis/{one}" if "/" in one else f"api/{one}": one for one in server.served}
    if not part:
        return {"paths": {root: {"serverRelativeURL": f"/openapi/v3/{root}"} for root in roots}}
    version = roots[part]
    group, _, short = version.rpartition("/")
    paths = {
        f"/{part}/{plural}/{{name}}": {
            "patch": {
                "parameters": [{"name": "fieldValidation", "in": "query"}],
                "responses": {},
                "x-kubernetes-group-version-kind": {
                    "group": group, "version": short, "kind": kind,
                },
            }
        }
        for kind, plural, _ in server.served[version]
    }  # fmt: skip
    return {"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": paths}


def _group(server: ApiServer, group: str) -> Object:
    versions = [{"groupVersion": one} for one in server.served if one.startswith(f"{group}/")]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _discovery(server: ApiServer, version: str) -> Object:
    verbs = ["list", "get", "patch"]
    found = [
        {"kind": kind, "name": plural, "namespaced": scoped, "verbs": verbs}
        for kind, plural, scoped in server.served[version]
    ]
    found += [{"kind": "Scale", "name": "things/scale", "namespaced": True, "verbs": ["get"]}]
    return {"kind": "APIResourceList", "groupVersion": version, "resources": found}


def _listed(server: ApiServer, asked: Asked) -> Object:
    root, _, plural = asked.path.rpartition("/")
    everywhere = "/namespaces/" not in root
    found = [
        one
        for path, one in sorted(server.objects.items())
        if path.startswith(f"{root}/") and path.split("/")[-2] == plural
        and (everywhere or path.rpartition("/")[0] == asked.path)
        and _selected(one, asked.query.get("labelSelector", ""))
    ]  # fmt: skip
    begin = int(asked.query.get("continue", "0"))
    end = begin + min(server.page, int(asked.query.get("limit", "500")))
    more = {"continue": str(end)} if end < len(found) else {}
    kind, version = next(
        (kind, version)
        for version, kinds in server.served.items()
        for kind, name, _ in kinds
        if name == plural
    )
    return {
        "apiVersion": version,
        "kind": f"{kind}List",
        "metadata": {"resourceVersion": "1", **more},
        "items": found[begin:end],
    }


def _selected(one: Object, selector: str) -> bool:
    labels = one["metadata"].get("labels") or {}
    for part in filter(None, selector.split(",")):
        key, equals, value = part.partition("=")
        if part.startswith("!"):
            fits = part[1:] not in labels
        else:
            fits = labels.get(key) == value if equals else part in labels
        if not fits:
            return False
    return True


def _patched(server: ApiServer, asked: Asked, *, merging: bool) -> Object:
    body = asked.body if isinstance(asked.body, dict) else {}
    there = copy.deepcopy(server.objects.get(asked.path, {}))
    merged: Object = _merged(there, body)
    if not merging:
        server.admit(merged)
        fields = {"manager": asked.query["fieldManager"], "operation": "Apply"}
        merged["metadata"] |= {"managedFields": [fields], "uid": "1", "resourceVersion": "2"}
    if not asked.dry:
        server.objects[asked.path] = merged
    return merged


def _merged(there: Any, body: Any) -> Any:
    """Maps merge deep, lists of things with names by name; null takes a key away."""
    if isinstance(there, dict) and isinstance(body, dict):
        kept = {key: value for key, value in there.items() if body.get(key, 0) is not None}
        return kept | {
            key: _merged(kept.get(key), value) for key, value in body.items() if value is not None
        }
    if isinstance(there, list) and isinstance(body, list) and _named(there + body):
        old = {one["name"]: one for one in there}
        new = {one["name"]: _merged(old.get(one["name"]), one) for one in body}
        return list((old | new).values())
    return copy.deepcopy(body)


def _named(items: list[Any]) -> bool:
    return all(isinstance(one, dict) and "name" in one for one in items)


@contextlib.contextmanager
def serving(certificate: Path | None = None) -> Iterator[ApiServer]:
    """One with a free port; over TLS where there is a certificate (with its key, as PEM)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    scheme = "https" if certificate else "http"
    fake = ApiServer(f"{scheme}://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(fake)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(body: bytes) -> Any:
    """JSON, YAML, or the Secrets that Helm sends as protobuf."""
    return protobuf.secret(body) if body.startswith(protobuf.MAGIC) else yaml.safe_load(body)


def _handler(fake: ApiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def handle(self) -> None:
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                super().handle()

        def speak(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = _read(self.rfile.read(length)) if length else None
            query = dict(parse_qsl(url.query))
            answer = fake.answer(Asked(self.command, url.path, query, body, dict(self.headers)))
            if answer.wait is not None:
                answer.wait.wait(20)
            if answer.close:
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PATCH = do_DELETE = do_POST = do_PUT = speak  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            return

    return Handler


def kubeconfig(file: Path, servers: dict[str, str], user: Object | None = None) -> Path:
    """A kubeconfig with a context for each server's URL; the first is the current one."""
    names = list(servers)
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": names[0],
        "clusters": [{"name": name, "cluster": {"server": servers[name]}} for name in names],
        "users": [{"name": "robin", "user": user or {"token": "sesame"}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": "robin"}} for name in names
        ],
    }
    file.write_text(json.dumps(document))
    return file
