"""A control plane that has just been started: is it ready, and does it serve a new kind yet."""

from __future__ import annotations

import ssl
import time
import urllib.request
from typing import TYPE_CHECKING, Any

from relman.adapters.api_answers import NotServed

if TYPE_CHECKING:
    from relman.adapters.api_server import Api

SERVED_SECONDS = 15.0


def ready(address: str, certificate: str) -> bool:
    """Whether an API server says that all of it has started. Everybody may ask that."""
    try:
        trusted = ssl.create_default_context(cafile=certificate)
        with urllib.request.urlopen(f"{address}/readyz", context=trusted, timeout=2) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)
    except (OSError, ssl.SSLError):
        return False


def healthy(address: str) -> bool:
    """Whether a server on the loopback answers a health check over HTTP."""
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)
    except OSError:
        return False


def apply_when_served(api: Api, manifest: dict[str, Any]) -> None:
    """Applies an object whose definition may have been made a moment ago."""
    end = time.monotonic() + SERVED_SECONDS
    while True:
        try:
            api.apply(manifest)
        except NotServed:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
