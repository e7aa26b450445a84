"""The official Kubernetes client, as far as it is a way to an API server: TLS, proxies, time
limits. What is asked there is `adapters/api_server.py`'s."""

from __future__ import annotations

import os
from typing import Any

from relman.adapters import kubeconfig
from relman.adapters.api_answers import REACH, Away
from relman.adapters.api_server import Api, Request
from relman.core.errors import Invalid, RelmanError, Unavailable

CONNECT, ANSWER = 5.0, 20.0


def connect(context: str | None = None, *, config_file: str | None = None) -> Api:
    """The API server of a context of the kubeconfig; without a name, of the current one.
    `config_file` is another kubeconfig than the user's.

    Nothing is asked yet. Raises Unavailable when there is no kubeconfig, no such context, or
    no credentials.
    """
    import urllib3
    from kubernetes import client

    settings = client.Configuration()
    name = kubeconfig.load(context, config_file, settings)
    # One policy of retries, that of adapters/api_server.py.
    settings.retries = urllib3.Retry(0, redirect=0)
    web = client.ApiClient(settings)
    web.user_agent = "relman"
    limits = _limits()
    return Api(name, lambda request: _send(web, name, limits, request), web.close)


def _limits() -> tuple[float, float]:
    """Seconds to connect and to answer; RELMAN_API_TIMEOUT changes the latter."""
    try:
        answer = float(os.environ.get("RELMAN_API_TIMEOUT", ANSWER))
    except ValueError as error:
        raise Invalid("RELMAN_API_TIMEOUT is not a number of seconds") from error
    return min(CONNECT, answer), answer


def _send(web: Any, name: str, limits: tuple[float, float], request: Request) -> tuple[int, bytes]:
    import urllib3
    from kubernetes.client.exceptions import ApiException

    arguments = web.param_serialize(
        method=request.method,
        resource_path=request.path,
        query_params=list(request.query),
        header_params={"Accept": request.accept, "Content-Type": request.content},
        body=request.body,
        auth_settings=["BearerToken"],
    )
    try:
        answer = web.call_api(*arguments, _request_timeout=limits)
        return answer.status, answer.read()
    except ApiException as error:  # the client's own name for TLS that can't even be begun
        raise _untrusted(name, str(error.reason)) from error
    except urllib3.exceptions.HTTPError as error:
        raise _foreign(name, web.configuration.host, error) from error
    except (OSError, ValueError) as error:  # a certificate's file that is gone, a strange URL
        raise Unavailable(f"{name} can't be asked: {error}", hint=kubeconfig.UPDATE) from error


def _foreign(name: str, host: str, error: Exception) -> RelmanError:
    import urllib3

    cause = getattr(error, "reason", None) or error
    words = _words(cause)
    if isinstance(cause, urllib3.exceptions.SSLError):
        return _untrusted(name, words)
    if isinstance(cause, urllib3.exceptions.ReadTimeoutError):
        return Away(f"{name} gives no answer in time", hint="RELMAN_API_TIMEOUT=60 gives it longer")
    return Away(f"{name} ({host}) can't be reached: {words}", hint=REACH)


def _untrusted(name: str, words: str) -> Unavailable:
    return Unavailable(
        f"{name}: TLS fails: {' '.join(words.split())[:300]}",
        hint="the kubeconfig's certificate authority is not that server's: " + kubeconfig.UPDATE,
    )


def _words(cause: object) -> str:
    """The innermost reason of `<connection>: Failed to ...: [Errno 111] Connection refused`."""
    return str(cause).rpartition(": ")[2].strip(" ')\"")[:200] or type(cause).__name__
