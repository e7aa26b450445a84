"""API servers, through the official client: plain data in and out, bounded in time, every
failure one clear error. The kubeconfig is the user's: KUBECONFIG, or ~/.kube/config."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from relman.core.errors import Invalid, RelmanError, Unavailable

TRIES = 3
PAUSE = 0.5
TIMEOUT = (5.0, 20.0)
PAGE = 500
MANAGER = "relman"
# Answers that a second try may change: too many requests, and a server that is coming up.
PASSING = (429, 500, 502, 503, 504)


class NotServed(RelmanError):
    """The API server has no such kind."""


@dataclass(frozen=True)
class Resource:
    """A kind as an API server serves it: where its objects are found."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "") -> str:
        """The path of an object, or of all of them."""
        group = f"/apis/{self.api_version}" if "/" in self.api_version else "/api/v1"
        where = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{group}{where}/{self.plural}" + (f"/{name}" if name else "")


@dataclass
class Api:
    """One API server. `name` is the context's, for messages."""

    name: str
    client: Any
    timeout: tuple[float, float] = TIMEOUT
    _resources: dict[str, dict[str, Resource]] = field(default_factory=dict)

    def get(self, path: str, **query: str) -> dict[str, Any] | None:
        """One object, or None where there is none."""
        return self._request("GET", path, query)

    def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Every object of a list, page by page. A list that has expired meanwhile (410) is read
        from its beginning, once more."""
        for _ in range(TRIES):
            found = self._pages(path, query)
            if found is not None:
                return found
        raise Unavailable(f"{self.name}: the list of {path} changes too fast", hint="try again")

    def resource(self, api_version: str, kind: str) -> Resource:
        """How it serves a kind; NotServed when it doesn't."""
        if api_version not in self._resources:
            self._resources[api_version] = self._discover(api_version)
        try:
            return self._resources[api_version][kind]
        except KeyError:
            del self._resources[api_version]  # a definition may come yet
            raise NotServed(f"{self.name} has no {kind} of {api_version}") from None

    def locate(self, manifest: dict[str, Any]) -> str:
        """The path of a manifest's object."""
        resource = self.resource(manifest["apiVersion"], manifest["kind"])
        metadata = manifest["metadata"]
        return resource.path(metadata.get("namespace", "default"), metadata["name"])

    def apply(
        self, manifest: dict[str, Any], *, dry_run: bool = False, manager: str = MANAGER
    ) -> dict[str, Any]:
        """Server-side apply: the object as the API server stores it, or with `dry_run` would."""
        query = {"fieldManager": manager, "force": "true"} | ({"dryRun": "All"} if dry_run else {})
        body = json.dumps(manifest)
        path = self.locate(manifest)
        found = self._request("PATCH", path, query, body, "application/apply-patch+yaml")
        if found is None:
            raise Unavailable(f"{self.name}: {path} can't be made: its namespace is missing")
        return found

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """A JSON merge patch; None where there is no such object."""
        return self._request("PATCH", path, {}, json.dumps(body), "application/merge-patch+json")

    def delete(self, path: str, propagation: str = "Background") -> bool:
        """Whether there was one to delete. Asking again for what is already going is no error."""
        query = {"propagationPolicy": propagation}
        return self._request("DELETE", path, query) is not None

    def close(self) -> None:
        """Closes its connections."""
        self.client.rest_client.pool_manager.clear()

    def _discover(self, api_version: str) -> dict[str, Resource]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        found = self._request("GET", root, {}) or {}
        return {
            one["kind"]: Resource(api_version, one["kind"], one["name"], one["namespaced"])
            for one in found.get("resources", [])
            if "/" not in one["name"]
        }

    def _pages(self, path: str, query: dict[str, str]) -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            asked = {**query, "limit": str(PAGE)} | ({"continue": more} if more else {})
            try:
                page = self._request("GET", path, asked) or {}
            except _Expired:
                return None
            found += page.get("items", [])
            more = page.get("metadata", {}).get("continue", "")
            if not more:
                return found

    def _request(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: str | None = None,
        content: str = "application/json",
    ) -> dict[str, Any] | None:
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(method, path, query, body, content)
            except _Passing as error:
                if attempt == TRIES:
                    raise Unavailable(f"{self.name}: {error}", hint=_AWAY) from error
                time.sleep(PAUSE * attempt)
        raise AssertionError("the last try either returns or raises")

    def _once(
        self, method: str, path: str, query: dict[str, str], body: str | None, content: str
    ) -> dict[str, Any] | None:
        import urllib3

        arguments = self.client.param_serialize(
            method=method,
            resource_path=path,
            query_params=list(query.items()),
            header_params={"Accept": "application/json", "Content-Type": content},
            body=json.loads(body) if body and "json" in content else body,  # it encodes that itself
            auth_settings=["BearerToken"],
        )
        try:
            answer = self.client.call_api(*arguments, _request_timeout=self.timeout)
            data = answer.read()
        except urllib3.exceptions.HTTPError as error:
            raise _Passing(_reason(error)) from error
        except ValueError as error:
            raise Unavailable(f"{self.name}: {error}") from error
        return self._understood(answer.status, data, f"{method} {path}")

    def _understood(self, status: int, data: bytes, what: str) -> dict[str, Any] | None:
        try:
            found = json.loads(data) if data else {}
        except ValueError as error:
            raise _Passing(f"answered {status} with something that is not JSON") from error
        if 200 <= status < 300:
            return dict(found)
        message = str(found.get("message", "")) if isinstance(found, dict) else ""
        if status == 404:
            return None
        if status == 410:
            raise _Expired
        if status in PASSING:
            raise _Passing(f"answered {status}: {message[:300]}")
        raise self._refusal(status, message, what)

    def _refusal(self, status: int, message: str, what: str) -> RelmanError:
        if status == 401:
            return Unavailable(
                f"{self.name}: does not accept the credentials of the kubeconfig (401)",
                hint="log in again; for EKS: aws eks update-kubeconfig --alias CLUSTER",
            )
        if status == 403:
            return Unavailable(
                f"{self.name}: not allowed: {message[:300]}", hint="ask for this right, no more"
            )
        return Invalid(f"{self.name}: {what} answered {status}: {message[:600]}")


_AWAY = "look whether the API server runs and is reached from here: kubectl cluster-info"


class _Passing(Exception):
    """An answer that a second try may change."""


class _Expired(Exception):
    """410: a list's continuation is too old."""


def connect(
    context: str | None = None,
    *,
    timeout: tuple[float, float] = TIMEOUT,
    config_file: str | None = None,
) -> Api:
    """The API server of a context of the kubeconfig; without a name, of the current one.
    `config_file` is another kubeconfig than the user's.

    Raises Unavailable when there is no kubeconfig or no such context.
    """
    import urllib3
    from kubernetes import client, config
    from kubernetes.config.config_exception import ConfigException

    settings = client.Configuration()
    try:
        load: Any = config.load_kube_config  # untyped
        load(config_file, context=context, client_configuration=settings)
    except ConfigException as error:
        wanted = f"the context {context}" if context else "a current context"
        raise Unavailable(
            f"the kubeconfig doesn't give {wanted}: {error}",
            hint="aws eks update-kubeconfig --name CLUSTER --alias CLUSTER, or set KUBECONFIG",
        ) from error
    # One policy of retries, the one above.
    settings.retries = urllib3.Retry(0, redirect=0)
    name = context or _host(settings.host)
    return Api(name, client.ApiClient(settings), timeout)


def _host(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def _reason(error: Exception) -> str:
    """The innermost cause, in its own words."""
    cause = getattr(error, "reason", None) or error
    text = str(cause).partition(": ")
    return f"can't be reached: {(text[2] or text[0])[:200]}"
