"""Digests: one canonical form, one algorithm."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relman.core.models.release import Release


def of_bytes(data: bytes) -> str:
    """sha256:HEX of the bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def of_data(data: Any) -> str:
    """The digest of plain data, whatever the order of its keys."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return of_bytes(text.encode())


def of_files(files: Mapping[str, bytes]) -> str:
    """The digest of a set of files: their paths and contents."""
    return of_data({path: of_bytes(content) for path, content in files.items()})


def of_release(release: Release) -> str:
    """What a release would deploy; see models.release.Release."""
    covered = release.stated()
    # A release without a floor has the digest that it had before there were any.
    floor = {"floor": release.floor} if release.floor else {}
    return of_data(
        {
            **floor,
            "charts": covered["charts"]["digest"],
            "images": [[n, i.reference, i.digest] for n, i in sorted(release.images.items())],
            "services": covered.get("services", {}),
            "components": covered["components"],
        }
    )


def of_plan(environment: str, release_digest: str, files: Mapping[str, bytes]) -> str:
    """The plan hash: what would be deployed. The files hold every input of every rendered
    object: charts by commit or version, values by content, Kubernetes versions."""
    return of_plan_files(environment, release_digest, of_files(files))


def of_plan_files(environment: str, release_digest: str, files: str) -> str:
    """The same from the digest of the generated files, which a record keeps."""
    return of_data({"environment": environment, "release": release_digest, "files": files})
