"""One Application's objects in one cluster, compared with what git renders."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.adapters.api_answers import Forbidden, NotServed, Rejected
from relman.core import fields, ignoring, live_objects, masking
from relman.core.models.drift import ObjectDrift
from relman.core.models.plan import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relman.adapters.api_server import Api
    from relman.core.live_objects import Scaled
    from relman.core.manifests import Manifest
    from relman.core.models.plan import FieldChange
    from relman.operations.rendered import Target

# Argo CD's name among the owners of fields (argo-cd common.ArgoCDSSAManager).
MANAGER = "argocd-controller"
AT_ONCE = 8
HOOKS = ("helm.sh/hook", "argocd.argoproj.io/hook")


@dataclass(frozen=True)
class Compared:
    """How two sides of an object were made, and the sides."""

    git: dict[str, Any]
    live: dict[str, Any]
    by: Any = "server"
    note: str = ""


def differing(
    api: Api, target: Target, wanted: Sequence[Manifest], owned: set[Scaled]
) -> list[ObjectDrift]:
    """The rendered objects that the cluster has otherwise, or not at all. Hooks are left out:
    they come and go with each sync."""
    lasting = [one for one in wanted if not any(hook in one.annotations for hook in HOOKS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda one: _object(api, target, one, owned), lasting)
        return [drift for drift in found if drift]


def reference(cluster: str, component: str, document: dict[str, Any], namespace: str) -> ObjectRef:
    """What an object is called in reports."""
    return ObjectRef(
        cluster=cluster,
        component=component,
        api_version=str(document.get("apiVersion", "")),
        kind=str(document.get("kind", "")),
        namespace=namespace,
        name=str(document["metadata"].get("name", "")),
    )


def _object(api: Api, target: Target, manifest: Manifest, owned: set[Scaled]) -> ObjectDrift | None:
    ref = reference(target.cluster, target.component, manifest.document, manifest.namespace)
    try:
        live = api.get(api.locate(live_objects.as_applied(manifest, {})))
    except NotServed as error:
        return ObjectDrift(object=ref, state="missing", note=error.message)
    if live is None:
        return ObjectDrift(object=ref, state="missing")
    sides = _sides(api, manifest, live)
    changed = _changes(sides, target, owned)
    if not changed:
        return None
    return ObjectDrift(object=ref, state="changed", fields=changed, by=sides.by, note=sides.note)


def _sides(api: Api, manifest: Manifest, live: dict[str, Any]) -> Compared:
    """Git's side is what the API server would make of it, with its own defaults; where it won't
    say, both sides are cut to what git names."""
    document = live_objects.as_applied(manifest, live)
    try:
        return Compared(api.apply(document, dry_run=True, manager=MANAGER), live)
    except (Rejected, Forbidden) as error:
        wanted = live_objects.encoded(document)
        return Compared(
            wanted, live_objects.named_by(wanted, live), by="fields", note=error.message
        )


def _changes(sides: Compared, target: Target, owned: set[Scaled]) -> tuple[FieldChange, ...]:
    git, live = (
        ignoring.without(live_objects.comparable(side, owned), target.ignored)
        for side in (sides.git, sides.live)
    )
    return fields.compare(*masking.comparable(git, live))
