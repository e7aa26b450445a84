"""An environment's chain of decisions: approvals of plans, and what is on hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core import chains
from relman.core.models.base import API_VERSION
from relman.core.models.decision import Decision, DecisionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAIL = re.compile(r"<([^<>]*)>\s*$")


@dataclass(frozen=True)
class Signature:
    """What git says of the signature on the commit that added a decision: whether it is good and
    by whom, or why it doesn't count. `checked` is False where it can't be told here."""

    good: bool
    signer: str = ""
    why: str = ""
    checked: bool = True


@dataclass(frozen=True)
class Made:
    """A decision with the digest of its file, and its signature where one is demanded."""

    decision: Decision
    digest: str
    signature: Signature | None = None

    @property
    def proven(self) -> bool:
        """Whether the person who is said to have made it is the one who signed it."""
        signed = self.signature
        return bool(signed and signed.good and mail(signed.signer) == mail(self.decision.by))


@dataclass(frozen=True)
class Subject:
    """What is decided on: a plan of a release, or one service, or the whole environment."""

    release: str | None = None
    plan: str | None = None
    service: str | None = None


def folder(environment: str) -> str:
    """Where an environment's decisions live."""
    return f"releases/decisions/{environment}"


def numbered(environment: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """(number, kind) of each decision's file name, in order; raises as chains.numbered."""
    return chains.numbered(folder(environment), names, "decision", "NNNN-KIND.yaml")


def next_decision(
    before: tuple[int, str | None],
    environment: str,
    decision: DecisionKind,
    subject: Subject,
    *,
    base: str,
    time: str,
    by: str,
    reason: str,
) -> Decision:
    """The decision that follows `before`: the last one's number (0 for none) and digest."""
    number, previous = before
    return Decision(
        api_version=API_VERSION,
        kind="Decision",
        number=number + 1,
        environment=environment,
        decision=decision,
        release=subject.release,
        plan=subject.plan,
        service=subject.service,
        base=base,
        time=time,
        by=by,
        reason=reason,
        previous=previous,
    )


def on_hold(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """What is on hold after these: the decision by service; "" is the whole environment."""
    held: dict[str, Decision] = {}
    for one in decisions:
        if one.decision == "hold":
            held[one.service or ""] = one
        elif one.decision == "resume":
            held.pop(one.service or "", None)
    return held


def mail(identity: str) -> str:
    """The address in `Name <mail>`, by which people are told apart; or the text itself."""
    found = MAIL.search(identity)
    return (found[1] if found else identity).strip().lower()


def people(names: Iterable[str], teams: Mapping[str, Sequence[str]]) -> list[str]:
    """The addresses that a list of people and teams (`team/NAME`) stands for."""
    found: list[str] = []
    for name in names:
        members = teams.get(name.removeprefix("team/"), ()) if name.startswith("team/") else [name]
        found += [mail(one) for one in members]
    return list(dict.fromkeys(found))
