"""The gate `compatibility`: what services need of each other is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import images, ranges
from relman.core.gates.results import failed, passed, unknown

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.record import GateResult
    from relman.core.models.release import Release


def compatibility(given: GateInput) -> GateResult:
    """The services of the release, as they would run together, meet what each requires."""
    release = given.release
    needs = [
        (name, other, wanted)
        for name, service in release.services.items()
        for other, wanted in service.requires.items()
    ]
    evidence = {other: _tag(release, other) for _, other, _ in needs}
    if wrong := {text: need[1] for need in needs if (text := _broken(release, *need))}:
        step = f"cut a release whose services fit: --image {next(iter(wrong.values()))}=NAME:TAG"
        return failed("compatibility", "; ".join(wrong), step, evidence)
    if vague := sorted({other for _, other, _ in needs if _unversioned(release, other)}):
        return unknown(
            "compatibility",
            f"not a version: {', '.join(f'{name}:{_tag(release, name)}' for name in vague)}",
            f"cut with an image whose tag is one: --image {vague[0]}=NAME:1.6.0",
            evidence,
        )
    return passed("compatibility", f"{len(needs)} requirements met", evidence)


def _broken(release: Release, name: str, other: str, wanted: str) -> str:
    """What is wrong with one requirement; empty where it is met or can't be judged."""
    if other not in release.images:
        return f"{name} requires {other} {wanted}, which is not in {release.version}"
    version = ranges.version_of(_tag(release, other))
    if version is None or ranges.holds(wanted, version):
        return ""
    return f"{name} requires {other} {wanted}, not {version}"


def _unversioned(release: Release, name: str) -> bool:
    return name in release.images and ranges.version_of(_tag(release, name)) is None


def _tag(release: Release, name: str) -> str | None:
    image = release.images.get(name)
    return images.parse(image.reference).tag if image else None
