"""One HTTP request, bounded in time and size. Redirects are answers, and not followed."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 1024 * 1024
CHUNK = 16384


@dataclass(frozen=True)
class Answered:
    """Status, and the body: all of it, up to a megabyte."""

    status: int
    body: bytes

    @property
    def digest(self) -> str:
        """The body's."""
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"


def get(url: str, timeout: float) -> Answered:
    """What a server answers. Raises Unavailable when it doesn't, or not in time."""
    import http.client
    import urllib.request

    end = time.monotonic() + timeout
    request = urllib.request.Request(url, headers={"User-Agent": "relman"})  # noqa: S310 - _opener
    try:
        with _opener().open(request, timeout=timeout) as answer:
            return Answered(answer.status, _read(answer.read1, end, timeout))
    except TimeoutError as error:
        raise Unavailable(f"no answer in {timeout:.0f} s") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise Unavailable(f"no answer in {timeout:.0f} s") from error
        raise Unavailable(f"no answer: {str(reason)[:200] or type(error).__name__}") from error


def _opener() -> Any:
    """Only HTTP, the user's proxies, and every status as an answer."""
    import urllib.request

    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _read(read: Callable[[int], bytes], end: float, timeout: float) -> bytes:
    """A server that sends a byte now and then is bounded too."""
    body = b""
    while len(body) < MOST:
        if time.monotonic() > end:
            raise Unavailable(f"no whole answer in {timeout:.0f} s")
        data = read(CHUNK)
        if not data:
            return body
        body += data
    return body[:MOST]
