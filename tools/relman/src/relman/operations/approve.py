"""`relman approve`: one person's approval of one plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relman.core import decisions as deciding
from relman.core import hashes
from relman.core.decisions import Subject
from relman.core.errors import Invalid, Refused
from relman.operations import decisions, desired, partial
from relman.operations.plan import candidate

if TYPE_CHECKING:
    from relman.core.models.decision import Decision
    from relman.core.models.environment import Environment
    from relman.core.models.gates import ApprovalsGate
    from relman.core.models.release import Release
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace

SHORTEST = len("sha256:") + 12


@dataclass(frozen=True)
class Wanted:
    """Which plan is meant: its hash or how that begins, and the one service that it moves."""

    plan: str | None = None
    only: str | None = None


def approve(
    workspace: Workspace, environment: str, version: str | None, reason: str, wanted: Wanted
) -> Decision:
    """Approves the plan of a release, by default of the one that would come next; the decision,
    or the same person's earlier one of the same plan.

    Raises Refused where the environment asks for no approvals, where this person's doesn't
    count, or when the plan isn't the wanted one any more.
    """
    if wanted.plan is not None and len(wanted.plan) < SHORTEST:
        raise Invalid(f"{wanted.plan!r} is too short for a plan's hash", hint="relman plan has it")
    # After a lost race the plan may be another one, which nobody has seen.
    seen = [wanted.plan] if wanted.plan else []

    def choose(repository: Repository) -> Subject | Decision:
        entered = repository.environment(environment)
        release = _release(workspace, repository, entered, version, wanted.only)
        gate = _require_voice(workspace, repository, entered, release)
        now = plan_hash(repository, entered, release)
        seen.append(now)
        if not now.startswith(seen[0]):
            raise Refused(
                f"the plan of {release.version} for {environment} is another one by now: {now}",
                hint=f"relman plan {environment} {release.version}",
            )
        subject = Subject(release=release.version, plan=now)
        return _earlier(workspace, repository, environment, subject, gate) or subject

    return decisions.decide(workspace, environment, "approve", reason, choose)


def _earlier(
    workspace: Workspace,
    repository: Repository,
    environment: str,
    subject: Subject,
    gate: ApprovalsGate,
) -> Decision | None:
    """The same person's approval of the same plan, where that counts already."""
    person = deciding.mail(workspace.git.identity())
    for made in decisions.about(repository, environment, subject.release or "", gate.signed):
        same = made.decision.plan == subject.plan and deciding.mail(made.decision.by) == person
        if same and (made.proven or not gate.signed):
            return made.decision
    return None


def _release(
    workspace: Workspace,
    repository: Repository,
    environment: Environment,
    version: str | None,
    only: str | None,
) -> Release:
    if only is None:
        return repository.release(version or candidate(repository, environment.name))
    if version is not None or not environment.after:
        raise Invalid(
            "--only goes without VERSION, into an environment that comes after another",
            hint=f"relman approve {environment.name} --only {only} --reason WHY",
        )
    time = workspace.clock()
    return partial.release(repository, environment.after[0], environment.name, only, time)


def plan_hash(repository: Repository, environment: Environment, release: Release) -> str:
    """The hash that the plan of this release would have."""
    wanted = desired.for_release(repository, environment, release)
    return hashes.of_plan(environment.name, release.digest, wanted.files)


def _require_voice(
    workspace: Workspace, repository: Repository, environment: Environment, release: Release
) -> ApprovalsGate:
    """The rules by which this person's approval counts; raises Refused where it wouldn't."""
    gate, person = environment.gates.approvals, deciding.mail(workspace.git.identity())
    if gate is None:
        raise Refused(
            f"{environment.name} asks for no approvals",
            hint=f"gates.approvals in {environment.file}",
        )
    listed = deciding.people(gate.from_, repository.project.teams)
    if person not in listed:
        raise Refused(
            f"{person} is not among those who may approve for {environment.name}",
            hint=f"they are {', '.join(listed)}; git config user.email says who you are",
        )
    if person == deciding.mail(release.author) and not gate.author:
        raise Refused(
            f"{person} cut {release.version}, and an author's approval doesn't count",
            hint="somebody else must approve it",
        )
    if gate.signed and not workspace.git.switched_on("commit.gpgSign"):
        raise Refused(
            f"approvals for {environment.name} must be signed",
            hint="git config commit.gpgSign true, with gpg.format and user.signingKey set",
        )
    return gate
