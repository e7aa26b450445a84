"""Messages of the commits that relman makes: what people read, and trailers for tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import hashes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relman.core.models.plan import Plan

SEAL = "Relman-File"
WRITE_ONCE = ("releases/versions/", "releases/records/", "releases/decisions/")


def of_plan(plan: Plan, reason: str) -> str:
    """The commit's message, with the trailers that tools read."""
    title = f"{plan.action} {plan.environment}: {plan.release}"
    body = f"\n{reason}\n" if reason else ""
    named = {
        "Relman-Environment": plan.environment,
        "Relman-Release": plan.release,
        "Relman-From": plan.from_release or "none",
        "Relman-Plan": plan.hash,
    }
    if plan.skipped:
        named["Relman-Emergency"] = ", ".join(plan.skipped)
    return f"{title}\n{body}\n" + trailers(named)


def trailers(values: Mapping[str, str]) -> str:
    """Trailer lines as git-interpret-trailers reads them."""
    return "".join(f"{key}: {value}\n" for key, value in values.items())


def sealed(message: str, files: Mapping[str, bytes | None]) -> str:
    """The message, with the digest of each write-once file in one more trailer: what is changed
    in a rewritten history no longer fits what its commit says."""
    seals = [
        f"{SEAL}: {path} {hashes.of_bytes(content)}\n"
        for path, content in files.items()
        if content is not None and path.startswith(WRITE_ONCE)
    ]
    return message + "".join(seals)
