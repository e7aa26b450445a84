"""Whether what workloads ask for fits the ResourceQuotas of their namespaces.

What they ask for is `core/demand.py`'s. Quotas with scopes are left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from relman.core import demand, quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from relman.core.demand import Amounts, Document
    from relman.core.manifests import Manifest

COMPUTE = ("cpu", "memory", "ephemeral-storage")


def exceeded(
    manifests: Sequence[Manifest],
    quotas: Mapping[str, Iterable[Document]],
    ranges: Mapping[str, Iterable[Document]],
) -> list[str]:
    """What doesn't fit, in words. `quotas` and `ranges` are the ResourceQuotas and LimitRanges
    that the cluster has, by namespace; those of the manifests come in their place."""
    found: list[str] = []
    for namespace in demand.namespaces(manifests):
        here = [one for one in manifests if one.namespace == namespace]
        defaults = _defaults(_resulting("LimitRange", here, ranges.get(namespace, ())))
        wanted, silent = demand.total_of(here, defaults)
        for quota in _resulting("ResourceQuota", here, quotas.get(namespace, ())):
            found += _against(namespace, quota, wanted, silent)
    return found


def _resulting(kind: str, here: Iterable[Manifest], live: Iterable[Document]) -> list[Document]:
    by_name = {one["metadata"]["name"]: one for one in live}
    by_name |= {one.name: one.document for one in here if one.kind == kind}
    return [by_name[name] for name in sorted(by_name)]


def _against(
    namespace: str, quota: Document, wanted: Amounts, silent: Mapping[str, str]
) -> Iterator[str]:
    spec, name = quota.get("spec") or {}, quota["metadata"]["name"]
    if spec.get("scopes") or spec.get("scopeSelector"):
        return
    for resource, limit in sorted((spec.get("hard") or {}).items()):
        key = f"requests.{resource}" if resource in COMPUTE else resource
        most = quantities.parse(limit)
        need = wanted.get(key, Decimal(0))
        where = f"the quota {name} of {namespace}"
        if most is not None and need > most:
            yield f"{where}: {resource} {_shown(need, key)} of {limit}"
        if key in silent:
            yield f"{where} wants {key} from every container; {silent[key]} names no quantity"


def _defaults(ranges: Iterable[Document]) -> Document:
    found: Document = {"default": {}, "defaultRequest": {}}
    for one in ranges:
        for limit in (one.get("spec") or {}).get("limits") or ():
            if limit.get("type") == "Container":
                for key, known in found.items():
                    known.update(limit.get(key) or {})
    return found


def _shown(amount: Decimal, resource: str) -> str:
    if "memory" in resource or "storage" in resource:
        return f"{amount / 2**30:.4g}Gi"
    return f"{amount.normalize():f}"
