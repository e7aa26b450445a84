"""Whether the secrets that the objects name are in Secrets Manager."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from relman.adapters import aws, secrets, yaml
from relman.core import secret_names
from relman.core.errors import Invalid
from relman.core.models.evidence import SecretFound
from relman.operations.side_by_side import ask

if TYPE_CHECKING:
    from relman.core.manifests import Manifest
    from relman.core.secret_names import Named
    from relman.operations.evidence.asked import Asked

# Name, region and account of a secret, as far as they are known.
Key = tuple[str, str, str]


def look(asked: Asked) -> tuple[tuple[SecretFound, ...], str]:
    """Every secret that is named, in the account and region of the cluster that names it."""
    objects, problem = asked.objects()
    named: dict[Key, set[str]] = {}
    problems = [problem] if problem else []
    for cluster, found in objects.items():
        for manifest in found:
            try:
                keys = [_key(asked, cluster, one) for one in _named(manifest)]
            except Invalid as error:
                problems.append(f"{cluster}: {error}")
                continue
            for key in keys:
                named.setdefault(key, set()).add(f"{cluster}: {manifest.kind}/{manifest.name}")
    jobs = {key: partial(_state, asked, *key) for key in sorted(named)}
    answers = ask(jobs, asked.left)
    return tuple(
        (answer.value or _found(key, problem=answer.problem)).model_copy(
            update={"named_by": tuple(sorted(named[key]))}
        )
        for key, answer in answers.items()
    ), "; ".join(problems)


def _named(manifest: Manifest) -> list[Named]:
    return list(secret_names.named_by(manifest, yaml.load_all))


def _key(asked: Asked, cluster: str, named: Named) -> Key:
    known = asked.repository.facts(asked.environment).get(cluster)
    values = known.values if known else {}
    region = named.region or str(values.get("region", ""))
    return named.name, region, named.account or str(values.get("accountId", ""))


def _state(asked: Asked, name: str, region: str, account: str) -> SecretFound:
    key = (name, region, account)
    if not region or not account:
        what = "region" if not region else "account"
        return _found(key, problem=f"the cluster's {what} is not known; relman facts imports it")
    secret = secrets.describe(name, region, asked.access)
    # Without its account in the name, a secret is looked for in the account of the credentials.
    owner = secret.account if secret else aws.account(region, asked.access)
    if owner != account and not name.startswith("arn:"):
        problem = f"the credentials are of the account {owner}, the cluster is in {account}"
        return _found(key, problem=f"{problem}; log in there, or set aws.profile or aws.roleArn")
    if secret is None:
        return _found(key, exists=False)
    return _found(key, exists=True, deletion=secret.deletion)


def _found(
    key: Key, exists: bool | None = None, deletion: str | None = None, problem: str = ""
) -> SecretFound:
    name, region, account = key
    return SecretFound(
        name=name,
        region=region,
        account=account,
        exists=exists,
        deletion=deletion,
        problem=problem,
    )
