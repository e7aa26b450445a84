"""The sandbox's AWS, which moto's server plays: repositories with images, and secrets."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
CONFIG = "application/vnd.docker.container.image.v1+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
KEY = "sandbox"


def push(endpoint: str, region: str, images: Iterable[tuple[str, str]]) -> None:
    """Pushes an image for each (repository, tag); those that are there stay."""
    from botocore.exceptions import BotoCoreError, ClientError

    ecr = _client("ecr", endpoint, region)
    try:
        known = {one["repositoryName"] for one in ecr.describe_repositories()["repositories"]}
        for repository, tag in images:
            if repository not in known:
                ecr.create_repository(repositoryName=repository)
                known.add(repository)
            _put(ecr, repository, tag)
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"the simulated AWS at {endpoint}: {error}") from error


def _put(ecr: Any, repository: str, tag: str) -> None:
    ids = ecr.list_images(repositoryName=repository)["imageIds"]
    if any(one.get("imageTag") == tag for one in ids):
        return
    ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest(repository, tag))


def manifest(repository: str, tag: str) -> str:
    """A manifest whose digest depends on what it is for, as a real image's does."""
    digest = f"sha256:{hashlib.sha256(f'{repository}:{tag}'.encode()).hexdigest()}"
    blob = {"size": len(repository) + len(tag), "digest": digest}
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, **blob},
            "layers": [{"mediaType": LAYER, **blob}],
        }
    )


def create_secrets(endpoint: str, region: str, names: Iterable[str]) -> None:
    """Makes secrets of these names; those that are there stay."""
    from botocore.exceptions import BotoCoreError, ClientError

    manager = _client("secretsmanager", endpoint, region)
    try:
        for name in names:
            try:
                manager.create_secret(Name=name, SecretString="{}")
            except manager.exceptions.ResourceExistsException:
                continue
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"the simulated AWS at {endpoint}: {error}") from error


def _client(service: str, endpoint: str, region: str) -> Any:
    import boto3

    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
    )
