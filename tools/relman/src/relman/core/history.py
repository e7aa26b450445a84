"""An environment's chain of records: what ran, what is blocked, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core import chains
from relman.core.errors import Refused
from relman.core.generated import GENERATOR
from relman.core.models.base import API_VERSION
from relman.core.models.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relman.core.models.plan import Plan


@dataclass(frozen=True)
class Chain:
    """The records of one environment, known by their file names and the last one's content.

    One file is read however long the history is: a record carries what is blocked after it,
    and the file names say which releases ran.
    """

    environment: str
    versions: tuple[str, ...] = ()
    last: Record | None = None
    last_hash: str | None = None

    @property
    def current(self) -> str | None:
        """The release that runs, or None before the first deploy."""
        return self.last.release if self.last else None

    @property
    def blocked(self) -> tuple[str, ...]:
        """Releases that a rollback left behind."""
        return self.last.blocked if self.last else ()


def folder(environment: str) -> str:
    """Where an environment's records live."""
    return f"releases/records/{environment}"


def numbered(environment: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """(number, version) of each record's file name, in order.

    Raises Invalid for a file that is no record, and for a gap or a number used twice.
    """
    return chains.numbered(folder(environment), names, "record", "NNNN-VERSION.yaml")


def previous_release(chain: Chain) -> str:
    """The release to roll back to: the last one before the current that isn't blocked.

    Raises Refused where there is none.
    """
    if chain.last is not None and chain.last.action == "unblock":
        raise Refused(
            f"a release was unblocked in {chain.environment} last: which one is meant isn't clear",
            hint=f"--to VERSION, one of {', '.join(dict.fromkeys(chain.versions))}",
        )
    for version in reversed(chain.versions):
        if version != chain.current and version not in chain.blocked:
            return version
    raise Refused(
        f"{chain.environment} has run no other release that isn't blocked",
        hint=f"relman history {chain.environment}",
    )


def next_record(
    chain: Chain,
    plan: Plan,
    *,
    time: str,
    author: str,
    reason: str,
    accepted: Sequence[str],
    files: str,
) -> Record:
    """The record of applying `plan`. A rollback blocks the release that it leaves."""
    blocked = [version for version in chain.blocked if version != plan.release]
    if plan.action == "rollback" and chain.current:
        blocked.append(chain.current)
    return Record(
        api_version=API_VERSION,
        kind="Record",
        number=len(chain.versions) + 1,
        environment=plan.environment,
        action=plan.action,
        release=plan.release,
        release_digest=plan.release_digest,
        from_release=plan.from_release,
        source=plan.source,
        only=plan.only,
        plan=plan.hash,
        base=plan.base,
        time=time,
        author=author,
        reason=reason,
        gates=plan.gates,
        accepted=tuple(accepted),
        blocked=tuple(blocked),
        files=files,
        generator=GENERATOR,
        previous=chain.last_hash,
    )


def unblock_record(
    chain: Chain, version: str, *, base: str, time: str, author: str, reason: str
) -> Record:
    """The record that lets a blocked release come back. What runs stays as it is."""
    if chain.last is None or version not in chain.blocked:
        raise Refused(
            f"{version} isn't blocked in {chain.environment}",
            hint=f"blocked: {', '.join(chain.blocked) or 'nothing'}",
        )
    return chain.last.model_copy(
        update={
            "number": chain.last.number + 1,
            "action": "unblock",
            "from_release": chain.last.release,
            "source": None,
            "only": None,
            "plan": None,
            "base": base,
            "time": time,
            "author": author,
            "reason": reason,
            "gates": (),
            "accepted": (),
            "blocked": tuple(v for v in chain.blocked if v != version),
            "previous": chain.last_hash,
        }
    )
