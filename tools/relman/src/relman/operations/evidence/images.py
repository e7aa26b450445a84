"""What registries, scanners and cosign say of the images that an environment pulls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from relman.adapters import cosign, ecr, registry
from relman.core import images, platforms
from relman.core.errors import RelmanError, Unavailable
from relman.core.models.evidence import ImageFound
from relman.operations.side_by_side import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from relman.adapters.aws import Access
    from relman.core.images import Reference
    from relman.core.models.gates import ImagesGate, ImageSignature
    from relman.operations.evidence.asked import Asked

NO_SCAN = "only ECR's scans can be read; leave severity out of the images gate"


def look(asked: Asked) -> tuple[tuple[ImageFound, ...], str]:
    """Every image, in the registry that it is pulled from there."""
    gate = asked.environment.gates.images
    if gate is None:
        return (), ""
    services = images.pulled(asked.release, asked.installations)
    jobs: dict[tuple[str, str], Callable[[], ImageFound]] = {}
    for image in sorted(services):
        jobs[image, "registry"] = partial(_in_registry, image, gate, asked.access)
        if gate.signature:
            jobs[image, "signature"] = partial(_signed, asked, image, gate.signature)
    answers = ask(jobs, asked.left)
    parts = {key: one.value or ImageFound(image=key[0], problem=one.problem)
             for key, one in answers.items()}  # fmt: skip
    return tuple(
        _joined([part for (name, _), part in parts.items() if name == image], services[image])
        for image in sorted(services)
    ), ""


def _joined(parts: list[ImageFound], services: Collection[str]) -> ImageFound:
    known = {k: v for part in parts for k, v in part if v is not None}
    problem = "; ".join(part.problem for part in parts if part.problem)
    return ImageFound(**{**known, "services": tuple(sorted(services)), "problem": problem})


def _in_registry(name: str, gate: ImagesGate, access: Access) -> ImageFound:
    image = images.parse(name)
    there = ecr.manifest(image, access) if ecr.is_ecr(image) else registry.manifest(image)
    if there is None:
        return ImageFound(image=name, present=False)
    children = platforms.by_architecture(there)
    problems: list[str] = []
    architectures = counts = None
    if gate.architectures:
        architectures = _or_why(problems, lambda: _architectures(image, there, children, access))
    if gate.severity:
        wanted = [d for a, d in (children or {}).items() if a in (gate.architectures or (a,))]
        counts = _or_why(problems, lambda: _findings(image, wanted or [image.digest], access))
    return ImageFound(
        image=name,
        present=True,
        architectures=architectures,
        findings=counts,
        problem="; ".join(problems),
    )


def _or_why(problems: list[str], job: Callable[[], Any]) -> Any:
    try:
        return job()
    except RelmanError as error:
        problems.append(f"{error}; {error.hint}" if error.hint else str(error))
        return None


def _architectures(
    image: Reference, manifest: dict[str, Any], children: dict[str, str] | None, access: Access
) -> tuple[str, ...]:
    if children is not None:
        return tuple(sorted(children))
    blob = platforms.configuration(manifest)
    if ecr.is_ecr(image):
        found = registry.fetched(image, ecr.layer_url(image, blob, access))
    else:
        found = registry.configuration(image, blob)
    architecture = found.get("architecture")
    if not architecture:
        raise Unavailable(f"the configuration of {image} names no architecture")
    return (str(architecture),)


def _findings(image: Reference, digests: Collection[str | None], access: Access) -> dict[str, int]:
    """The most of each severity; scanners look at each platform's image, and not at an index."""
    if not ecr.is_ecr(image):
        raise Unavailable(f"no scan of {image} is known", hint=NO_SCAN)
    most: dict[str, int] = {}
    for digest in digests:
        counts = ecr.findings(images.Reference(image.repository, None, digest), access)
        most |= {severity: max(n, most.get(severity, 0)) for severity, n in counts.items()}
    return most


def _signed(asked: Asked, name: str, wanted: ImageSignature) -> ImageFound:
    key = None
    if wanted.key is not None and "://" not in wanted.key:
        key = asked.repository.snapshot.read(wanted.key)
        if key is None:
            raise Unavailable(f"there is no key {wanted.key} in the repository", hint="commit it")
    return ImageFound(image=name, signed=cosign.is_signed(name, wanted, key, asked.left))
