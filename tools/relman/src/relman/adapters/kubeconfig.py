"""The user's kubeconfig: KUBECONFIG (several files, too), or ~/.kube/config. It is never written.

Read by the official client, but the program that gives credentials is run here.
"""

from __future__ import annotations

import json
import os
from typing import Any

from relman.adapters import process
from relman.core.errors import RelmanError, Unavailable

CREDENTIALS = 30.0
UPDATE = "aws eks update-kubeconfig --name CLUSTER --alias CLUSTER, or set KUBECONFIG"


def contexts() -> list[str]:
    """The names of the kubeconfig's contexts; none where there is no kubeconfig."""
    files = _files()
    try:
        merged = _merged(files)
        return [one["name"] for one in merged["contexts"].value] if merged else []
    except Exception as error:
        raise _unreadable(files, error) from error


def _files() -> str:
    # The client reads KUBECONFIG once, when it is imported.
    return os.environ.get("KUBECONFIG") or "~/.kube/config"


def _merged(files: str) -> Any:
    """The kubeconfig's files as one, or None where there is none."""
    from kubernetes.config import kube_config

    client: Any = kube_config  # untyped
    return client.KubeConfigMerger(files).config


def load(context: str | None, config_file: str | None, settings: Any) -> str:
    """Fills the client's settings; the context's name.

    Raises Unavailable when there is no kubeconfig, no such context, or no credentials.
    """
    files = config_file or _files()
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
