"""The part of `relman doctor` that asks clusters: the kubeconfig, and each Argo CD that the
repository's environments are delivered by.

What nothing in the repository names is optional: everything but wait, drift, bootstrap and
`status --live` does without a cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.adapters import argocd, kubeconfig, kubernetes
from relman.core.errors import RelmanError
from relman.core.models.check import Check
from relman.operations import contexts

if TYPE_CHECKING:
    from relman.operations.repository import Repository

CLUSTERS = "are compared by drift"
ARGOCD = "is asked by wait, status --live and gates"
UPDATE = "aws eks update-kubeconfig --name {0} --alias {0}"


def checks(repository: Repository) -> list[Check]:
    """The kubeconfig's contexts, then each Argo CD."""
    try:
        known = kubeconfig.contexts()
    except RelmanError as error:
        return [_check("kubeconfig", "broken", error.message, CLUSTERS, error.hint)]
    named = {
        contexts.of_argocd(repository, one): name for name, one in repository.environments.items()
    }
    if not known and set(named) <= {None}:
        fix = "only for wait, drift, bootstrap and status --live"
        return [_check("kubeconfig", "optional", "none", CLUSTERS, fix)]
    return [
        _clusters(repository, known),
        *(_argocd(one) for one in sorted(named, key=str)),
    ]


def _clusters(repository: Repository, known: list[str]) -> Check:
    wanted = [
        contexts.of_cluster(repository, environment, cluster.name)
        for environment in repository.environments.values()
        for cluster in environment.clusters
    ]
    missing = [context for context in wanted if context not in known]
    found = f"contexts of {len(wanted) - len(missing)} of {len(wanted)} clusters"
    fix = UPDATE.format(missing[0]) if missing else ""
    return _check("kubeconfig", "optional" if missing else "ok", found, CLUSTERS, fix)


def _argocd(context: str | None) -> Check:
    """One that is named must answer. The current context may be anybody's."""
    name = f"Argo CD at {context}" if context else "Argo CD"
    try:
        api = kubernetes.connect(context)
        try:
            argocd.refuse_without(api)
        finally:
            api.close()
    except RelmanError as error:
        state = "broken" if context else "optional"
        return _check(name, state, error.message, ARGOCD, error.hint)
    return _check(name, "ok", f"at {api.name}", ARGOCD)


def _check(name: str, state: str, found: str, purpose: str, fix: str = "") -> Check:
    return Check.model_validate(
        {"name": name, "state": state, "found": found, "purpose": purpose, "fix": fix}
    )
