"""What an image's manifest says of the platforms that it is for (OCI image specification)."""

from __future__ import annotations

from typing import Any

# Of an image index and of Docker's manifest list.
INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS = (
    *INDEXES,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


def by_architecture(manifest: dict[str, Any]) -> dict[str, str] | None:
    """The digest for each architecture of Linux; None for a manifest of one image, which has
    its architecture in its configuration. Attestations (of unknown platform) are left out."""
    if not isinstance(manifest.get("manifests"), list):
        return None
    found: dict[str, str] = {}
    for entry in manifest["manifests"]:
        platform = entry.get("platform") or {}
        if platform.get("os", "linux") == "linux" and platform.get("architecture"):
            found.setdefault(str(platform["architecture"]), str(entry.get("digest", "")))
    return found


def configuration(manifest: dict[str, Any]) -> str:
    """The digest of the configuration of a manifest of one image; empty where it names none."""
    return str((manifest.get("config") or {}).get("digest", ""))
