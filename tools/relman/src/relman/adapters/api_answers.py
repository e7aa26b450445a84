"""What an API server's answer means: a JSON object, nothing there, or one clear error."""

from __future__ import annotations

import json
from typing import Any

from relman.core.errors import Invalid, RelmanError, Unavailable

# Answers that a second try may change: too many requests, and a server that is coming up.
PASSING = (429, 500, 502, 503, 504)
REACH = "look whether the API server runs and is reached from here: kubectl cluster-info"
LOGIN = "log in again; for EKS: aws eks update-kubeconfig --name CLUSTER --alias CLUSTER"
RIGHT = "ask for that right, or use a context that has it"


class Away(Unavailable):
    """It can't be reached now, or is coming up: waiting may help."""


class Forbidden(Unavailable):
    """It does not allow this to these credentials (403)."""


class Rejected(Invalid):
    """It does not take what it was given (400, 409, 422, ...)."""


class NotServed(Unavailable):
    """It has no such kind."""


def read(server: str, asked: str, status: int, data: bytes) -> dict[str, Any]:
    """The answer to what was `asked`; empty where nothing is there (404, 410).

    Raises Away where another try may help, and one of the others for any other refusal.
    """
    found = _document(data)
    if status in (404, 410):
        return {}
    if not 200 <= status < 300:
        raise _refusal(server, asked, status, str((found or {}).get("message", "")))
    if found is None:
        raise Unavailable(
            f"{server}: what answers there is no API server",
            hint="look at its server: in the kubeconfig, and at proxies on the way",
        )
    return found


def _refusal(server: str, asked: str, status: int, message: str) -> RelmanError:
    if status in PASSING:
        return Away(f"{server} answers {status}: {message[:300] or '-'}", hint=REACH)
    if status == 401:
        text = f"{server} does not accept the credentials of the kubeconfig (401)"
        return Unavailable(text, hint=LOGIN)
    if status == 403:
        return Forbidden(
            f"{server} does not allow this (403): {message[:300] or asked}", hint=RIGHT
        )
    return Rejected(f"{server} refuses {asked} ({status}): {message[:600] or '-'}")


def _document(data: bytes) -> dict[str, Any] | None:
    """The answer, or None for what isn't a JSON object."""
    try:
        found = json.loads(data) if data else {}
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
