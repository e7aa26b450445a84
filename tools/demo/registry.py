"""An ECR for the demo: moto's server on the loopback, with a manifest pushed for each tag."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from relman.adapters import simulated_aws
from relman.core.sandbox import overlay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOST = overlay.REGISTRY
TAG, NEXT_TAG = "1.6.2", "1.7.0"


@contextlib.contextmanager
def running(services: Sequence[str]) -> Iterator[str]:
    """Starts the server, pushes the images, and gives its address."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        tags = [(f"retail-store/{one}", tag) for one in services for tag in (TAG, NEXT_TAG)]
        simulated_aws.push(endpoint, overlay.REGION, tags)
        yield endpoint
    finally:
        server.stop()
