"""What relman asks of an API server: plain data in and out, a bounded number of tries, and every
failure one clear error. How the bytes get there is `adapters/kubernetes.py`'s."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from relman.adapters import api_answers
from relman.adapters.api_answers import Away, NotServed, Rejected

TRIES = 3
PAUSE = 0.5
PAGE = 500
MANAGER = "relman"
MERGE, APPLY, JSON = (
    "application/merge-patch+json",
    "application/apply-patch+yaml",
    "application/json",
)
# Names, labels and annotations only: no Secret's data travels, nor a ConfigMap's.
METADATA = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"


@dataclass(frozen=True)
class Request:
    """What is asked, in HTTP's words. `body` is plain data."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    content: str = JSON
    accept: str = JSON


# Sends a request and gives status and body. Raises Away, or Unavailable where no try helps.
Send = Callable[[Request], tuple[int, bytes]]


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
    send: Send
    close: Callable[[], None] = lambda: None
    _resources: dict[str, dict[str, Resource]] = field(default_factory=dict)

    def get(self, path: str, **query: str) -> dict[str, Any] | None:
        """One object, or None where there is none."""
        return self._found(Request("GET", path, tuple(query.items())))

    def items(self, path: str, *, accept: str = JSON, **query: str) -> list[dict[str, Any]]:
        """Every object of a list, page by page. A list that has expired meanwhile (410) is read
        from its beginning, a few times."""
        for _ in range(TRIES):
            found = self._pages(path, accept, query)
            if found is not None:
                return found
        raise Away(
            f"{self.name}: the list of {path} expires before it is read (410)", hint="try again"
        )

    def resource(self, api_version: str, kind: str) -> Resource:
        """How it serves a kind; NotServed when it doesn't."""
        if kind not in self._resources.get(api_version, {}):  # a definition may have come
            self._resources[api_version] = self.resources(api_version)
        try:
            return self._resources[api_version][kind]
        except KeyError:
            raise NotServed(
                f"{self.name} has no {kind} of {api_version}",
                hint="what defines this kind is not installed there",
            ) from None

    def resources(self, api_version: str) -> dict[str, Resource]:
        """Every kind of a group's version that it serves; none where it has no such version."""
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        found = self.get(root) or {}
        return {
            one["kind"]: Resource(api_version, one["kind"], one["name"], one["namespaced"])
            for one in found.get("resources", [])
            if "/" not in one["name"] and "list" in one.get("verbs", ("list",))
        }

    def locate(self, manifest: dict[str, Any]) -> str:
        """The path of a manifest's object."""
        resource = self.resource(manifest["apiVersion"], manifest["kind"])
        metadata = manifest["metadata"]
        return resource.path(metadata.get("namespace", "default"), metadata["name"])

    def apply(
        self, manifest: dict[str, Any], *, dry_run: bool = False, manager: str = MANAGER
    ) -> dict[str, Any]:
        """Server-side apply: the object as the API server stores it, or with `dry_run` would.

        Raises Rejected or Forbidden when it refuses.
        """
        query = {"fieldManager": manager, "force": "true"} | ({"dryRun": "All"} if dry_run else {})
        path = self.locate(manifest)
        found = self._found(Request("PATCH", path, tuple(query.items()), manifest, APPLY))
        if found is None:
            raise Rejected(f"{self.name}: {path} can't be made: its namespace is missing")
        return found

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """A JSON merge patch; None where there is no such object."""
        return self._found(Request("PATCH", path, (), body, MERGE))

    def delete(self, path: str, propagation: str = "Background") -> bool:
        """Whether there was one to delete. Asking again for what is already going is no error."""
        query = (("propagationPolicy", propagation),)
        return self._found(Request("DELETE", path, query)) is not None

    def _pages(self, path: str, accept: str, query: dict[str, str]) -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            asked = {**query, "limit": str(PAGE)} | ({"continue": more} if more else {})
            request = Request("GET", path, tuple(asked.items()), accept=accept)
            status, page = self._ask(request)
            if status == 410:
                return None
            found += page.get("items") or []
            more = (page.get("metadata") or {}).get("continue", "")
            if not more:
                return found

    def _found(self, request: Request) -> dict[str, Any] | None:
        status, found = self._ask(request)
        if status == 410:
            raise Away(f"{self.name}: {request.path} is gone for now (410)", hint="try again")
        return None if status == 404 else found

    def _ask(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Status and answer; the status is 2xx, 404 or 410."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(request)
            except Away:
                if attempt == TRIES:
                    raise
                time.sleep(PAUSE * attempt)
        raise AssertionError("the last try either returns or raises")

    def _once(self, request: Request) -> tuple[int, dict[str, Any]]:
        status, data = self.send(request)
        what = f"{request.method} {request.path}"
        return status, api_answers.read(self.name, what, status, data)
