"""Image references, and where a chart takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.core import merge
from relman.core.errors import Invalid
from relman.core.models.base import split_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relman.core.installations import Installation
    from relman.core.models.base import Digest
    from relman.core.models.project import ImageFormat
    from relman.core.models.release import Release

# The grammar of the OCI distribution specification (name, tag) and of the image specification.
HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?/)?"
NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
REFERENCE = re.compile(
    rf"(?P<repository>{HOST}{NAME})(?::(?P<tag>\w[\w.-]{{0,127}}))?(?:@(?P<digest>sha256:[0-9a-f]{{64}}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Reference:
    """An image's reference in its parts; `repository` is with the registry, as it was written."""

    repository: str
    tag: str | None
    digest: str | None

    @property
    def registry(self) -> str:
        """The registry's host: Docker Hub's where none is named, as Docker reads it."""
        first, slash, _ = self.repository.partition("/")
        is_host = slash and ("." in first or ":" in first or first == "localhost")
        return first if is_host else "docker.io"

    @property
    def name(self) -> str:
        """The repository's name inside its registry."""
        if self.repository.startswith(f"{self.registry}/"):
            return self.repository.removeprefix(f"{self.registry}/")
        return self.repository if "/" in self.repository else f"library/{self.repository}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}" + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """The parts of a reference. Raises Invalid for what no registry would take."""
    found = REFERENCE.fullmatch(text)
    if not found:
        raise Invalid(
            f"{text!r} is not an image reference",
            hint="write REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST",
        )
    return Reference(found["repository"], found["tag"], found["digest"])


def chart_values(reference: str, digest: Digest | None, style: ImageFormat) -> Any:
    """What a chart gets at the image's path; without a digest (a draft) the tag alone."""
    image = parse(reference)
    if style == "string":
        return str(Reference(image.repository, image.tag, digest or image.digest))
    if style == "digest":
        return {
            "repository": image.repository,
            "tag": image.tag or "",
            "digest": digest or image.digest or "",
        }
    pinned = f"{image.tag or 'release'}@{digest}" if digest else image.tag or ""
    return {"repository": image.repository, "tag": pinned}


def pulled(release: Release, items: Iterable[Installation]) -> dict[str, set[str]]:
    """The services of each image, by its repository, as it is pulled there, and its digest: an
    environment may pull from a registry of its own."""
    found: dict[str, set[str]] = {}
    for item in items:
        for name, service in release.services.items():
            if service.component != item.name:
                continue
            for path in service.paths or (f"{name}.image",):
                value = merge.get(item.values, split_path(path))
                whole = value if isinstance(value, str) else str(value["repository"])
                image = f"{parse(whole).repository}@{release.images[name].digest}"
                found.setdefault(image, set()).add(name)
    return found
