"""An ECR for the demo: moto's server on the loopback, with an image index pushed for each tag."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ACCOUNT, REGION = "123456789012", "us-east-1"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
TAG, NEXT_TAG = "1.6.2", "1.7.0"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


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
        push(endpoint, services)
        yield endpoint
    finally:
        server.stop()


def push(endpoint: str, services: Sequence[str]) -> None:
    """A repository for each service, with two tags of different content."""
    import boto3

    ecr = boto3.client(
        "ecr",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id="demo",
        aws_secret_access_key="demo",  # noqa: S106 - moto takes anything
    )
    for service in services:
        name = f"retail-store/{service}"
        ecr.create_repository(repositoryName=name)
        for tag in (TAG, NEXT_TAG):
            ecr.put_image(repositoryName=name, imageTag=tag, imageManifest=_manifest(service, tag))


def _manifest(service: str, tag: str) -> str:
    """A manifest whose digest depends on what it is for, as a real image's does."""
    digest = f"sha256:{hashlib.sha256((service + tag).encode()).hexdigest()}"
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MEDIA_TYPE,
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": len(service + tag),
                "digest": digest,
            },
            "layers": [{"mediaType": LAYER, "size": 1, "digest": digest}],
        }
    )
