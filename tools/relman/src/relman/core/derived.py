"""A release that is another one but for one service: what `promote --only` brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import hashes, versions
from relman.core.errors import Refused

if TYPE_CHECKING:
    from relman.core.models.project import Service
    from relman.core.models.release import Release


def derive(current: Release, source: Release, service: str, created: str) -> Release:
    """`current` with `service`'s image from `source`; `current` itself where it is the same.

    Charts and values stay as they are, so what the service needs of them must be there already.
    Its author is who cut the image, as for approvals that is whose change it is.
    Raises Refused for a service that one of them lacks.
    """
    for release in (current, source):
        if service not in release.images:
            raise Refused(
                f"{release.version} has no service {service!r}",
                hint=f"it has {', '.join(release.images) or 'none'}",
            )
    if current.images[service].digest == source.images[service].digest:
        return current
    made = current.model_copy(
        update={
            "version": version_of(current.version, service, source.version),
            "created": created,
            "author": source.author,
            "note": f"{current.version} with {service} from {source.version}",
            "images": {**current.images, service: source.images[service]},
            "services": {**current.services, **_needs(current, source, service)},
            "floor": source.floor or current.floor,
        }
    )
    return made.model_copy(update={"digest": hashes.of_release(made)})


def version_of(current: str, service: str, source: str) -> str:
    """The version of a derived release: after the current one and before the next.

    >>> version_of("1.0.0", "catalog", "1.1.0")
    '1.0.1-catalog.1.1.0'
    >>> version_of("1.0.1-catalog.1.1.0", "cart", "1.2.0")
    '1.0.1-catalog.1.1.0.cart.1.2.0'
    """
    if versions.parse(current).prerelease:
        named = f"{current}.{service}.{source}"
    else:
        named = f"{versions.following([current], 'patch')}-{service}.{source}"
    if not versions.is_version(named):
        raise Refused(
            f"{named!r} is no version that Kubernetes and SemVer take",
            hint="cut a release of what is wanted, and promote that",
        )
    return named


def _needs(current: Release, source: Release, service: str) -> dict[str, Service]:
    """The service as the charts of `current` take it, with what its new image needs of others."""
    here, there = current.services.get(service), source.services.get(service)
    if here is None or there is None:
        return {}
    return {service: here.model_copy(update={"requires": there.requires})}
