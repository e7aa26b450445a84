"""Digests of image tags, and manifests: ECR's by boto3, any other registry's by oras."""

from __future__ import annotations

import os
import re
import time
from typing import Any

from relman.adapters import ecr
from relman.core import images
from relman.core.errors import Invalid, Unavailable
from relman.core.platforms import MANIFESTS

LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+)(:\d+)?")
# Docker Hub's registry answers under another name than its references have.
HOSTS = {"docker.io": "registry-1.docker.io"}
TIMEOUT = (5, 15)
TRIES = 3
PASSING = (429, 500, 502, 503, 504)
WITH_DIGEST = "give the image with its digest (NAME@sha256:...), which needs no registry"
ANONYMOUS = "look whether `docker pull` works from here"
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
    if ecr.is_ecr(image):
        return ecr.digest(image)
    return _digest_of(image, _asked(image, "HEAD", _manifest_url(image)))


def manifest(image: images.Reference) -> dict[str, Any] | None:
    """The manifest of an image by its digest, from a registry that isn't ECR; None where it
    doesn't have it. Raises Unavailable when it can't be asked or denies access."""
    response = _asked(image, "GET", _manifest_url(image))
    return None if response.status_code == 404 else _document(image, response)


def configuration(image: images.Reference, blob: str) -> dict[str, Any]:
    """The configuration of an image, by its digest. Raises Unavailable."""
    return _document(image, _asked(image, "GET", f"/v2/{image.name}/blobs/{blob}"))


def fetched(image: images.Reference, url: str) -> dict[str, Any]:
    """The JSON behind an address that ECR gave. Raises Unavailable."""
    import requests

    try:
        return _document(image, requests.get(url, timeout=TIMEOUT))
    except requests.RequestException as error:
        raise _unreachable(image, error) from error


def _manifest_url(image: images.Reference) -> str:
    return f"/v2/{image.name}/manifests/{image.digest or image.tag}"


def _asked(image: images.Reference, method: str, path: str) -> Any:
    import requests
    from oras.auth import AuthenticationException

    for attempt in range(1, TRIES + 1):
        try:
            response = _once(image, method, path)
            if response.status_code not in PASSING or attempt == TRIES:
                return response
        except (requests.RequestException, AuthenticationException, *CONFUSED) as error:
            if attempt == TRIES or not isinstance(error, requests.ConnectionError):
                raise _unreachable(image, error) from error
        time.sleep(0.5 * attempt)
    raise AssertionError("the last try either returns or raises")


def _once(image: images.Reference, method: str, path: str) -> Any:
    """Asks; where the registry wants a login, as it asks for it: oras fetches tokens, a Basic
    challenge gets what `docker login` left."""
    from oras.container import Container
    from oras.provider import Registry

    host = HOSTS.get(image.registry, image.registry)
    registry = Registry(hostname=host, insecure=LOOPBACK.fullmatch(host) is not None)
    registry.session.request = _bounded(registry.session.request)
    registry.auth.load_configs(Container(f"{host}/{image.name}"), _docker_configs())
    url = f"{registry.prefix}://{host}{path}"
    headers = {"Accept": ", ".join(MANIFESTS)}
    first = registry.session.request(method, url, headers=headers)
    challenge = first.headers.get("Www-Authenticate", "")
    if first.status_code != 401 or not challenge:
        return first
    if challenge.lower().startswith("basic"):
        login = getattr(registry.auth, "_basic_auth", None)
        allowed = {**headers, "Authorization": f"Basic {login}"} if login else None
    else:
        allowed, changed = registry.auth.authenticate_request(first, dict(headers))
        allowed = allowed if changed else None
    return registry.session.request(method, url, headers=allowed) if allowed else first


def _docker_configs() -> list[str]:
    """Where `docker login` keeps logins, when it isn't the home folder."""
    folder = os.environ.get("DOCKER_CONFIG")
    return [os.path.join(folder, "config.json")] if folder else []


def _unreachable(image: images.Reference, error: Exception) -> Unavailable:
    return Unavailable(
        f"can't ask {image.registry} for {image}: {_reason(error)}",
        hint=WITH_DIGEST if image.digest is None else ANONYMOUS,
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
    why = _why(status) if status != 200 else "it names no digest"
    raise Unavailable(f"can't resolve {image} at {image.registry}: {why}", hint=WITH_DIGEST)


def _document(image: images.Reference, response: Any) -> dict[str, Any]:
    if response.status_code != 200:
        why = _why(response.status_code)
        raise Unavailable(f"{image.registry} does not give {image}: {why}", hint=ANONYMOUS)
    try:
        return dict(response.json())
    except (ValueError, TypeError) as error:
        why = "what it answers is not a manifest"
        raise Unavailable(f"{image.registry} does not give {image}: {why}") from error


def _why(status: int) -> str:
    reasons = {
        401: "it wants a login: docker login",
        403: "access is denied: docker login with another account",
        429: "too many requests: log in, or try again later",
    }
    return reasons.get(status, f"it answered {status}")


def _bounded(request: Any) -> Any:
    """oras sets no timeouts."""

    def with_timeout(*arguments: Any, **options: Any) -> Any:
        return request(*arguments, **{"timeout": TIMEOUT, **options})

    return with_timeout


def _reason(error: Exception) -> str:
    text = str(error)
    found = re.search(r"\[Errno -?\d+\] ([^')]+)|(timed out)|(Name or service not known)", text)
    return next(filter(None, found.groups())) if found else text.splitlines()[0][:200]
