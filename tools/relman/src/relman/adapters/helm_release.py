"""A Helm release in a cluster: what is installed, and installing it, by Helm through pyhelm3."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.adapters import helm_cli
from relman.adapters.helm import tidy
from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from relman.core.models.project import ArgoChart

LOOK = 60.0
# Helm gives up by itself after WAIT; a little later it is stopped.
WAIT, INSTALL = "10m", 660.0


@dataclass(frozen=True)
class Place:
    """A release's cluster (the kubeconfig's context), namespace and name."""

    context: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Installed:
    """What Helm has recorded of a release."""

    version: str
    status: str
    values: dict[str, Any]


def installed(place: Place) -> Installed | None:
    """The release's current revision, or None where there is none."""
    command = helm_cli.client(place.context, LOOK)._command

    async def look() -> Installed:
        where = {"namespace": place.namespace}
        status = await command.status(place.name, **where)
        chart = await command.get_chart_metadata(place.name, **where)
        values = await command.get_values(place.name, **where)
        return Installed(str(chart["version"]), str(status["info"]["status"]), values)

    try:
        found: Installed = _run(look(), place)
    except LookupError:
        return None
    return found


def install(place: Place, chart: ArgoChart, values: dict[str, Any]) -> None:
    """Installs or upgrades, and waits until it runs. What a killed run has left half done is
    taken back first, as Helm demands.

    Raises Unavailable with Helm's words when it doesn't come to that.
    """
    client = helm_cli.client(place.context, INSTALL)
    oci = chart.repo.startswith("oci://")
    reference = f"{chart.repo.rstrip('/')}/{chart.name}" if oci else chart.name

    async def do() -> None:
        await client.get_proceedable_revision(place.name, namespace=place.namespace, timeout=WAIT)
        # One document of values: pyhelm3 merges several unlike Helm.
        await client._command.install_or_upgrade(
            place.name,
            reference,
            values,
            repo=None if oci else chart.repo,
            version=chart.version,
            namespace=place.namespace,
            create_namespace=True,
            timeout=WAIT,
            wait=True,
        )

    _run(do(), place)


def _run(work: Awaitable[Any], place: Place) -> Any:
    """Raises LookupError where there is no such release."""
    try:
        return asyncio.run(_awaited(work))
    except helm_cli.HelmFailed as error:
        raise Unavailable(
            f"Helm fails on {place.name} in {place.context}: {tidy(str(error))[:600]}",
            hint=f"helm status {place.name} --namespace {place.namespace}",
        ) from error
    except TimeoutError as error:
        raise Unavailable(f"Helm gave no answer from {place.context} in time") from error
    except Exception as error:
        if type(error).__name__ == "ReleaseNotFoundError":
            raise LookupError(place.name) from error
        raise


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work
