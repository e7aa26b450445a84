"""The gate `images`: what runs is what was frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.results import failed, passed, unknown

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult


def images(given: GateInput) -> GateResult:
    """Every service runs the very digest that the release froze."""
    if given.rendered.unpinned:
        return failed(
            "images",
            f"without a digest: {', '.join(given.rendered.unpinned)}",
            "make it a service in releases/relman.yaml, or write its digest",
        )
    if given.environment.gates.images is not None:
        return unknown("images", "registries are not asked yet", "leave gates.images out")
    digests = {name: image.digest for name, image in given.release.images.items()}
    return passed("images", f"{len(digests)} pinned by digest", digests)
