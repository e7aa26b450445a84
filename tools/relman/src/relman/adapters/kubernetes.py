"""The official Kubernetes client, as far as it is a way to an API server: the kubeconfig,
credentials, TLS, proxies, time limits. What is asked there is `adapters/api_server.py`'s.

The kubeconfig is the user's: KUBECONFIG (several files, too), or ~/.kube/config. It is never
written.
"""

from __future__ import annotations

import json
import os
from typing import Any

from relman.adapters import process
from relman.adapters.api_server import REACH, Api, Away, NotServed, Request, Resource
from relman.core.errors import Invalid, RelmanError, Unavailable

__all__ = ["Api", "NotServed", "Resource", "connect", "contexts"]

CONNECT, ANSWER = 5.0, 20.0
CREDENTIALS = 30.0
UPDATE = "aws eks update-kubeconfig --name CLUSTER --alias CLUSTER, or set KUBECONFIG"


def connect(context: str | None = None, *, config_file: str | None = None) -> Api:
    """The API server of a context of the kubeconfig; without a name, of the current one.
    `config_file` is another kubeconfig than the user's.

    Nothing is asked yet. Raises Unavailable when there is no kubeconfig, no such context, or
    no credentials.
    """
    import urllib3
    from kubernetes import client

    settings = client.Configuration()
    name = _load(context, config_file or _files(), settings)
    # One policy of retries, that of adapters/api_server.py.
    settings.retries = urllib3.Retry(0, redirect=0)
    web = client.ApiClient(settings)
    web.user_agent = "relman"
    limits = _limits()
    return Api(name, lambda request: _send(web, name, limits, request), web.close)


def contexts() -> list[str]:
    """The names of the kubeconfig's contexts; none where there is no kubeconfig."""
    files = _files()
    try:
        merged = _merged(files)
        return [one["name"] for one in merged["contexts"].value] if merged else []
    except Exception as error:
        raise _unreadable(files, error) from error


def _limits() -> tuple[float, float]:
    """Seconds to connect and to answer; RELMAN_API_TIMEOUT changes the latter."""
    try:
        answer = float(os.environ.get("RELMAN_API_TIMEOUT", ANSWER))
    except ValueError as error:
        raise Invalid("RELMAN_API_TIMEOUT is not a number of seconds") from error
    return min(CONNECT, answer), answer


def _files() -> str:
    # The client reads KUBECONFIG once, when it is imported.
    return os.environ.get("KUBECONFIG") or "~/.kube/config"


def _merged(files: str) -> Any:
    """The kubeconfig's files as one, or None where there is none."""
    from kubernetes.config import kube_config

    client: Any = kube_config  # untyped
    return client.KubeConfigMerger(files).config


def _load(context: str | None, files: str, settings: Any) -> str:
    """Fills the client's settings; the context's name."""
    from kubernetes.config.config_exception import ConfigException

    merged = None
    try:
        merged = _merged(files)
        if merged is None:
            raise Unavailable(f"there is no kubeconfig at {files}", hint=UPDATE)
        loader = _loader()(merged, active_context=context)
        loader.load_and_set(settings)
        return str(loader.current_context["name"])
    except RelmanError:
        raise
    except ConfigException as error:
        raise Unavailable(_lacks(merged, context, str(error)), hint=UPDATE) from error
    except Exception as error:
        raise _unreadable(files, error) from error


def _lacks(merged: Any, context: str | None, words: str) -> str:
    known = [one["name"] for one in merged.value.get("contexts") or []] if merged else []
    if context and merged and context not in known:
        return f"the kubeconfig has no context {context}; it has {', '.join(known) or 'none'}"
    if not context and merged and not merged.value.get("current-context"):
        return "the kubeconfig has no current context"
    return f"the kubeconfig can't be used: {words}"


def _unreadable(files: str, error: Exception) -> Unavailable:
    """YAML that isn't, a file without the right to read it, a list where a map should be."""
    words = " ".join(str(error).split())[:300]
    return Unavailable(f"the kubeconfig {files} can't be read: {words}", hint=UPDATE)


def _loader() -> Any:
    """The client's loader runs the program that gives credentials (`aws eks get-token`) without
    a limit, logs its failure and goes on without credentials. This one is bounded and says so;
    it runs again, by the client's own rule, when the credentials expire."""
    from kubernetes.config import dateutil, kube_config

    client: Any = kube_config  # untyped
    times: Any = dateutil
    base: Any = client.KubeConfigLoader

    class Loader(base):  # type: ignore[misc]  # the client has no types
        def _load_from_exec_plugin(self) -> bool | None:
            if "exec" not in self._user:
                return None
            status = _credentials(self._user["exec"].value, self._cluster.value)
            if "token" in status:
                self.token = f"Bearer {status['token']}"
            for mine, theirs in (
                ("cert_file", "clientCertificateData"),
                ("key_file", "clientKeyData"),
            ):
                if theirs in status:
                    data = client.FileOrData(status, None, theirs, base64_file_content=False)
                    setattr(self, mine, data.as_file())
            if "expirationTimestamp" in status:
                self.expiry = times.parse_rfc3339(status["expirationTimestamp"])
            return True

    return Loader


def _credentials(plugin: dict[str, Any], cluster: dict[str, Any]) -> dict[str, Any]:
    """What the kubeconfig's program for credentials says (client.authentication.k8s.io)."""
    asked: dict[str, Any] = {
        "apiVersion": plugin["apiVersion"],
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    if plugin.get("provideClusterInfo"):
        asked["spec"]["cluster"] = cluster
    command = [plugin["command"], *map(str, plugin.get("args") or ())]
    given = {one["name"]: str(one["value"]) for one in plugin.get("env") or ()}
    given["KUBERNETES_EXEC_INFO"] = json.dumps(asked)
    done = process.run(command, env=given, timeout=CREDENTIALS)
    if done.code:
        said = (done.err or done.text).splitlines()[-1:] or ["-"]
        raise Unavailable(
            f"`{' '.join(command[:3])}` of the kubeconfig gives no credentials: {said[0][:300]}",
            hint="log in (aws sso login, for example), then run it by hand",
        )
    try:
        return dict(json.loads(done.text)["status"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"`{' '.join(command[:3])}` of the kubeconfig doesn't print an ExecCredential"
        ) from error


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
        raise Unavailable(f"{name} can't be asked: {error}", hint=UPDATE) from error


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
        hint="the kubeconfig's certificate authority is not that server's: " + UPDATE,
    )


def _words(cause: object) -> str:
    """The innermost reason of `<connection>: Failed to ...: [Errno 111] Connection refused`."""
    return str(cause).rpartition(": ")[2].strip(" ')\"")[:200] or type(cause).__name__
