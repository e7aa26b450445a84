"""AWS on the loopback: moto's server, and in front of it a switchboard that can be slow, throttle,
deny, or say what a test wants instead."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-west-1"
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Call:
    """What AWS is asked: an action, and its input."""

    action: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Instead:
    """An answer in AWS's place; it is given when `wait` is set."""

    status: int = 200
    body: Any = None
    wait: threading.Event | None = None


Script = Callable[[Call], Instead | None]


@dataclass
class Cloud:
    """The switchboard: where it listens, and what it was asked."""

    url: str
    moto: tuple[str, int]
    script: Script = lambda _: None
    asked: list[Call] = field(default_factory=list)

    def client(self, service: str) -> Any:
        """A client that goes straight to moto."""
        import boto3

        host, port = self.moto
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=f"http://{host}:{port}",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def reset(self) -> None:
        """As if nothing had been."""
        connection = http.client.HTTPConnection(*self.moto, timeout=30)
        connection.request("POST", "/moto-api/reset")
        assert connection.getresponse().status == 200
        connection.close()
        self.script = lambda _: None
        self.asked.clear()

    def said(self, action: str) -> list[Call]:
        """The calls of an action."""
        return [call for call in self.asked if call.action == action]


def refusal(code: str, status: int = 400) -> Instead:
    """An error of AWS's JSON protocol."""
    return Instead(status, {"__type": code, "message": f"{code} is what it is"})


def scanned(counts: dict[str, int], status: str = "COMPLETE") -> Instead:
    """The findings of a scan."""
    return Instead(
        body={
            "imageScanStatus": {"status": status, "description": "as the test says"},
            "imageScanFindings": {"findingSeverityCounts": counts},
        }
    )


@contextlib.contextmanager
def serving() -> Iterator[Cloud]:
    """An AWS of one's own."""
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    cloud = Cloud(f"http://127.0.0.1:{server.server_port}", moto.get_host_and_port())
    server.RequestHandlerClass = _handler(cloud)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        moto.stop()


def _handler(cloud: Cloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def speak(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = _call(dict(self.headers), data)
            cloud.asked.append(call)
            instead = cloud.script(call)
            if instead is None:
                self.answer(*_from_moto(cloud, self, data))
                return
            if instead.wait is not None:
                instead.wait.wait(30)
            self.answer(instead.status, json.dumps(instead.body).encode())

        def answer(self, status: int, body: bytes) -> None:
            with contextlib.suppress(ConnectionError):  # nobody may be waiting any more
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        do_POST = do_GET = speak  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            return

    return Handler


def _call(headers: dict[str, str], data: bytes) -> Call:
    """JSON's action is in a header, Query's in the body."""
    target = {name.lower(): value for name, value in headers.items()}.get("x-amz-target", "")
    if target:
        return Call(target.rpartition(".")[2], json.loads(data or b"{}"))
    fields = dict(part.partition("=")[::2] for part in data.decode().split("&"))
    return Call(fields.get("Action", ""), fields)


def _from_moto(cloud: Cloud, handler: BaseHTTPRequestHandler, data: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*cloud.moto, timeout=30)
    headers = {name: value for name, value in handler.headers.items() if name != "Host"}
    connection.request(handler.command, handler.path, data, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def push(cloud: Cloud, name: str, architectures: tuple[str, ...] = ()) -> str:
    """An image in ECR, for these architectures by an index, or of one by itself; its digest."""
    ecr = cloud.client("ecr")
    with contextlib.suppress(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName=name)
    children = [
        {"digest": _put(ecr, name, _single(f"{name}/{one}")), "mediaType": MANIFEST,
         "platform": {"os": "linux", "architecture": one}}
        for one in architectures
    ]  # fmt: skip
    attestation = {"digest": f"sha256:{'e' * 64}", "mediaType": MANIFEST,
                   "platform": {"os": "unknown", "architecture": "unknown"}}  # fmt: skip
    if not children:
        return _put(ecr, name, _single(name))
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [*children, attestation]}
    return _put(ecr, name, index)


def _single(label: str) -> dict[str, Any]:
    return {"schemaVersion": 2, "mediaType": MANIFEST, "annotations": {"of": label},
            "config": {"digest": f"sha256:{'c' * 64}"}, "layers": []}  # fmt: skip


def _put(ecr: Any, name: str, manifest: dict[str, Any]) -> str:
    """The digest is over the manifest's bytes, as everywhere but in moto."""
    import hashlib

    text = json.dumps(manifest)
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    ecr.put_image(
        repositoryName=name, imageManifest=text, imageTag=digest[7:19], imageDigest=digest
    )
    return digest
