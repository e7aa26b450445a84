"""Digests of image tags: from ECR by boto3, from any other registry by oras."""

from __future__ import annotations

import os
import re
import threading
import time
from typing import Any

from relman.core import images
from relman.core.errors import Invalid, RelmanError, Unavailable

ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?")
LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+)(:\d+)?")
# Docker Hub's registry answers under another name than its references have.
HOSTS = {"docker.io": "registry-1.docker.io"}
TIMEOUT = (5, 15)
TRIES = 3
_lock = threading.Lock()
_clients: dict[tuple[object, ...], Any] = {}
# What oras ends with on a challenge or an answer that makes no sense.
CONFUSED = (ValueError, OSError, AttributeError, KeyError, TypeError)


def digest(reference: str) -> str:
    """The digest of an image; one that the reference holds is taken as it is.

    Raises Invalid when the registry has no such image, Unavailable when it can't be asked or
    denies access.
    """
    image = images.parse(reference)
    if image.digest:
        return image.digest
    if image.tag is None:
        raise Invalid(f"{reference} has neither tag nor digest", hint=f"write {reference}:TAG")
    ecr = ECR.fullmatch(image.registry)
    if ecr:
        return _from_ecr(image, ecr["account"], ecr["region"])
    return _from_registry(image)


def _from_ecr(image: images.Reference, account: str, region: str) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = _ecr(region).describe_images(
            registryId=account,
            repositoryName=image.name,
            imageIds=[{"imageTag": image.tag}],
        )
    except ClientError as error:
        raise _explained_aws(image, error.response["Error"]) from error
    except BotoCoreError as error:
        raise Unavailable(
            f"can't ask ECR for {image}: {error}",
            hint="aws sts get-caller-identity shows whether there are credentials",
        ) from error
    return str(found["imageDetails"][0]["imageDigest"])


def _ecr(region: str) -> Any:
    """A client for each region: making one takes longer than asking it, and threads share it."""
    import boto3
    from botocore.config import Config

    account = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    where = (region, *sorted(account.items()))
    with _lock:
        if where not in _clients:
            config = Config(connect_timeout=5, read_timeout=15, retries={"max_attempts": TRIES})
            session = boto3.session.Session()
            _clients[where] = session.client("ecr", region_name=region, config=config)
        return _clients[where]


def _explained_aws(image: images.Reference, error: dict[str, Any]) -> RelmanError:
    code, message = error.get("Code", ""), error.get("Message", "")
    if code in ("ImageNotFoundException", "RepositoryNotFoundException"):
        return Invalid(f"ECR has no image {image}", hint="push it first, or give another tag")
    return Unavailable(
        f"ECR refuses to say what {image} is: {code}: {message}",
        hint="ecr:DescribeImages is needed on that repository",
    )


def _from_registry(image: images.Reference) -> str:
    import requests
    from oras.auth import AuthenticationException

    host = HOSTS.get(image.registry, image.registry)
    for attempt in range(1, TRIES + 1):
        try:
            response = _manifest_head(host, image)
            if response.status_code not in (429, 500, 502, 503, 504) or attempt == TRIES:
                return _digest_of(image, response)
        except (requests.RequestException, AuthenticationException, *CONFUSED) as error:
            if attempt == TRIES or not isinstance(error, requests.ConnectionError):
                raise _unreachable(image, error) from error
        time.sleep(0.5 * attempt)
    raise AssertionError("the last try either returns or raises")


def _manifest_head(host: str, image: images.Reference) -> Any:
    """Asks for the manifest's head; where the registry wants a login, as it asks for it: oras
    fetches tokens, a Basic challenge gets what `docker login` left."""
    from oras.container import Container
    from oras.provider import Registry

    registry = Registry(hostname=host, insecure=LOOPBACK.fullmatch(host) is not None)
    registry.session.request = _bounded(registry.session.request)
    container = Container(f"{host}/{image.name}:{image.tag}")
    registry.auth.load_configs(container, _docker_configs())
    url = f"{registry.prefix}://{container.manifest_url()}"
    headers = {"Accept": ", ".join(MANIFESTS)}
    first = registry.session.request("HEAD", url, headers=headers)
    challenge = first.headers.get("Www-Authenticate", "")
    if first.status_code != 401 or not challenge:
        return first
    if challenge.lower().startswith("basic"):
        login = getattr(registry.auth, "_basic_auth", None)
        allowed = {**headers, "Authorization": f"Basic {login}"} if login else None
    else:
        allowed, changed = registry.auth.authenticate_request(first, dict(headers))
        allowed = allowed if changed else None
    return registry.session.request("HEAD", url, headers=allowed) if allowed else first


def _docker_configs() -> list[str]:
    """Where `docker login` keeps logins, when it isn't the home folder."""
    folder = os.environ.get("DOCKER_CONFIG")
    return [os.path.join(folder, "config.json")] if folder else []


def _unreachable(image: images.Reference, error: Exception) -> Unavailable:
    return Unavailable(
        f"can't ask {image.registry} for {image}: {_reason(error)}",
        hint="give the image with its digest (NAME@sha256:...), which needs no registry",
    )


MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


def _digest_of(image: images.Reference, response: Any) -> str:
    status = response.status_code
    found = response.headers.get("Docker-Content-Digest", "")
    if status == 200 and re.fullmatch(r"sha256:[0-9a-f]{64}", found):
        return str(found)
    if status == 404:
        raise Invalid(
            f"{image.registry} has no image {image}", hint="push it first, or give another tag"
        )
    reasons = {
        401: "it wants a login: docker login",
        403: "access is denied: docker login with another account",
        429: "too many requests: log in, or try again later",
    }
    why = reasons.get(status, f"it answered {status}" if status != 200 else "it names no digest")
    raise Unavailable(
        f"can't resolve {image} at {image.registry}: {why}",
        hint="give the image with its digest (NAME@sha256:...), which needs no registry",
    )


def _bounded(request: Any) -> Any:
    """oras sets no timeouts."""

    def with_timeout(*arguments: Any, **options: Any) -> Any:
        return request(*arguments, **{"timeout": TIMEOUT, **options})

    return with_timeout


def _reason(error: Exception) -> str:
    text = str(error)
    found = re.search(r"\[Errno -?\d+\] ([^')]+)|(timed out)|(Name or service not known)", text)
    return next(filter(None, found.groups())) if found else text.splitlines()[0][:200]
