"""What deploy, promote, refresh and rollback have in common: plan, ask, apply, try again when
somebody was faster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from relman.core.errors import LostRace, Refused
from relman.core.models.base import Model
from relman.core.models.live import EnvironmentHealth
from relman.core.models.plan import Plan
from relman.operations import applying, circumstances, evidence, planning
from relman.operations.applying import Decision
from relman.operations.planning import Intent

if TYPE_CHECKING:
    from relman.operations.circumstances import Circumstances, Gather
    from relman.operations.planning import Prepared
    from relman.operations.repository import Repository
    from relman.operations.workspace import Workspace

Agree = Callable[[Plan], bool]
Choose = Callable[["Repository"], Intent]
Apply = Callable[["Workspace", "Repository", "Prepared", Decision], str]


class Outcome(Model):
    """How a change of one environment ended. `commit` is None when nothing was written: a dry
    run, or because it was there already. `health` is what was found by waiting for it; None
    where nobody waited."""

    plan: Plan
    commit: str | None = None
    done: bool
    health: EnvironmentHealth | None = None


class Report(Protocol):
    """Who hears how changes end."""

    def __call__(self, outcome: Outcome) -> None:
        """One has ended so."""

    def health(self, found: EnvironmentHealth) -> None:
        """This is what waiting for the last one has found."""


@dataclass(frozen=True)
class Terms:
    """How to go about a change.

    `agree` is shown the plan and says whether to go on; `pull` fetches upstream charts for it;
    `gather` asks the outside world for the gates.
    """

    agree: Agree
    decision: Decision = field(default_factory=Decision)
    dry_run: bool = False
    pull: bool = False
    gather: Gather = evidence.gather

    def circumstances(self, workspace: Workspace) -> Circumstances:
        """What gates are to know of the change, as of now."""
        said = self.decision
        return circumstances.of(
            workspace,
            reason=said.reason,
            hotfix=said.hotfix,
            emergency=said.emergency,
            gather=self.gather,
        )


def run(
    workspace: Workspace, choose: Choose, terms: Terms, apply: Apply = applying.apply_plan
) -> Outcome:
    """Plans what `choose` makes of the newest state, and has `apply` make the commit.

    A lost race, or an answer that took its time, is planned, gated and, if the plan is another
    one, agreed to again. Raises Refused for a gate, an unaccepted risk, or when `agree` says no.
    """
    agreed: list[Plan] = []
    terms = replace(terms, gather=evidence.remembered(terms.gather, workspace.clock))

    def attempt() -> Outcome:
        repository = workspace.tip() if terms.dry_run else workspace.fresh()
        around = terms.circumstances(workspace)
        prepared = planning.prepare(repository, choose(repository), around, pull=terms.pull)
        return _attempt(workspace, repository, prepared, terms, agreed, apply)

    return applying.with_retries(attempt)


def _attempt(
    workspace: Workspace,
    repository: Repository,
    prepared: Prepared,
    terms: Terms,
    agreed: list[Plan],
    apply: Apply,
) -> Outcome:
    plan = prepared.plan
    if terms.dry_run:
        terms.agree(plan)
        return Outcome(plan=plan, done=False)
    if settled(prepared):
        return Outcome(plan=plan, done=True)
    content = _what_matters(plan)
    if content not in agreed:
        asked = workspace.clock()
        if not terms.agree(plan):
            raise Refused("nothing was changed")
        agreed.append(content)
        if evidence.is_old(asked, workspace.clock()):
            raise LostRace("the question stood open: gates are asked again")
    return Outcome(
        plan=plan,
        commit=apply(workspace, repository, prepared, terms.decision),
        done=True,
    )


def _what_matters(plan: Plan) -> Plan:
    """What has to be agreed to again when it changes: not the base, nor how a verdict is put,
    which can have the time in it."""
    unsaid: dict[str, Any] = {"summary": "", "next_step": "", "evidence": {}, "earliest": None}
    gates = tuple(gate.model_copy(update=unsaid) for gate in plan.gates)
    return plan.model_copy(update={"base": "", "gates": gates})


def settled(prepared: Prepared) -> bool:
    """Whether the environment is exactly as the plan would make it: the release runs there and
    no file would change."""
    plan = prepared.plan
    return plan.from_release == plan.release and not plan.files and prepared.truthful
