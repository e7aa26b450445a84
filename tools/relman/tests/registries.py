"""A registry on the loopback that speaks the part of the OCI distribution API that resolving a
tag needs, says whatever a test wants it to say, and counts its calls."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Headers = dict[str, str]


@dataclass(frozen=True)
class Said:
    """What the registry got."""

    method: str
    path: str
    headers: Headers


@dataclass(frozen=True)
class Answer:
    """What it says; `close` hangs up instead, `wait` is set when it may go on."""

    status: int = 200
    headers: Headers = field(default_factory=dict)
    body: bytes = b""
    close: bool = False
    wait: threading.Event | None = None


Script = Callable[[Said], Answer]


@dataclass
class Registry:
    """Where it listens, what it answers, and what it was asked."""

    host: str
    script: Script
    asked: list[Said] = field(default_factory=list)

    @property
    def manifests(self) -> list[str]:
        """The manifests that were asked for, in order."""
        return [said.path for said in self.asked if "/manifests/" in said.path]


def found(digest: str) -> Answer:
    """The head of a manifest list."""
    kind = "application/vnd.oci.image.index.v1+json"
    return Answer(200, {"Content-Type": kind, "Docker-Content-Digest": digest})


@contextlib.contextmanager
def serving() -> Iterator[Registry]:
    """A registry with a free port; its script is set by the test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    registry = Registry(f"127.0.0.1:{server.server_port}", lambda _: Answer(404))
    server.RequestHandlerClass = _handler(registry)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(registry: Registry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def answer(self) -> None:
            said = Said(self.command, self.path, dict(self.headers))
            registry.asked.append(said)
            answer = registry.script(said)
            if answer.wait is not None:
                answer.wait.wait(20)
            if answer.close:
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_POST = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            return

    return Handler
