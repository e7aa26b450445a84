"""The gate `images`: what runs is what was frozen, and it is fit to run there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relman.core.gates.outside import answer, counted
from relman.core.gates.results import failed, passed

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.evidence import ImageFound
    from relman.core.models.gates import ImagesGate
    from relman.core.models.record import GateResult

SEVERITIES = ("low", "medium", "high", "critical")
PUSH = "push it there, or let it be replicated"
BUILD = "build it for them, and cut a new release"
MEND = "mend it, push it and cut a new release"
SIGN = "have it signed; cosign sign IMAGE"


def images(given: GateInput) -> GateResult:
    """Every service runs the very digest that the release froze; where the environment declares
    the gate, its registry has each, for the architectures, without findings, and signed."""
    if given.rendered.unpinned:
        return failed(
            "images",
            f"without a digest: {', '.join(given.rendered.unpinned)}",
            "make it a service in releases/relman.yaml, or write its digest",
        )
    digests = {name: image.digest for name, image in given.release.images.items()}
    pinned = f"{len(digests)} pinned by digest"
    declared = given.environment.gates.images
    if declared is None:
        return passed("images", pinned, digests)
    gate = _for_action(given, declared)
    found = given.evidence.images
    wrong = [said for one in found if (said := _wrong(one, gate))]
    return answer(
        given,
        "images",
        wrong=[said for said, _ in wrong],
        open_=[_open(one) for one in found if not _known(one, gate)],
        right=f"{pinned}; {_fit(gate, len(found))}",
        next_step=wrong[0][1] if wrong else "",
        evidence={"digests": digests, "images": [one.stated() for one in found]},
    )


def _for_action(given: GateInput, gate: ImagesGate) -> ImagesGate:
    """A vulnerability that has been found since doesn't hold up a rollback to what has run."""
    if given.action != "rollback":
        return gate
    return gate.model_copy(update={"severity": None})


def _wrong(one: ImageFound, gate: ImagesGate) -> tuple[str, str] | None:
    """What is wrong with an image, and what to do."""
    if one.present is False:
        return f"{_short(one)} is not in its registry", PUSH
    known = one.architectures
    lacks = [name for name in gate.architectures if known is not None and name not in known]
    if lacks:
        return f"{_short(one)} is not for {', '.join(lacks)}", BUILD
    if found := _findings(one, gate):
        return f"{_short(one)} has {found}", MEND
    if one.signed is False and gate.signature:
        return f"{_short(one)} is not signed by whom it must be", SIGN
    return None


def _short(one: ImageFound) -> str:
    """Enough of the digest to find it; the evidence has all of it."""
    name, _, digest = one.image.partition("@sha256:")
    return f"{name}@sha256:{digest[:12]}"


def _findings(one: ImageFound, gate: ImagesGate) -> str:
    if gate.severity is None:
        return ""
    counts = one.findings or {}
    bad = [s for s in SEVERITIES[SEVERITIES.index(gate.severity) :] if counts.get(s)]
    return ", ".join(f"{counts[s]} {s}" for s in reversed(bad)) + (" findings" if bad else "")


def _known(one: ImageFound, gate: ImagesGate) -> bool:
    wanted: dict[str, Any] = {
        "present": True,
        "architectures": gate.architectures,
        "findings": gate.severity,
        "signed": gate.signature,
    }
    return all(getattr(one, key) is not None for key, asked in wanted.items() if asked)


def _open(one: ImageFound) -> str:
    return one.problem or f"{_short(one)}: nothing is known of it"


def _fit(gate: ImagesGate, count: int) -> str:
    parts = [f"{counted(count, 'image')} in the registry"]
    if gate.architectures:
        parts.append(f"for {', '.join(gate.architectures)}")
    if gate.severity:
        parts.append(f"no findings of {gate.severity} or above")
    if gate.signature:
        parts.append("signed")
    return ", ".join(parts)
