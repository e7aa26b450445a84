"""The order of environments: a graph without cycles, from each one's `after`."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from relman.core.errors import Invalid, Place, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relman.core.models.environment import Environment


def order(environments: Mapping[str, Environment]) -> list[str]:
    """Environments with each one behind all that it comes after.

    Raises Invalid for a cycle or for an `after` that names nothing.
    """
    for name, environment in environments.items():
        for before in environment.after:
            if before not in environments:
                raise Invalid(
                    f"there is no environment {before!r}",
                    place=Place(f"releases/environments/{name}.yaml", key="after"),
                    hint=f"the environments are {', '.join(sorted(environments))}",
                )
    graph = {name: sorted(environments[name].after) for name in sorted(environments)}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle = error.args[1]
        raise Invalid(
            f"the path runs in a circle: {' -> '.join(cycle)}",
            place=Place(f"releases/environments/{cycle[0]}.yaml", key="after"),
            hint="remove one of these from its after:",
        ) from error


def between(environments: Mapping[str, Environment], source: str, target: str) -> list[str]:
    """The environments to enter from `source` to `target`, in order, without `source`.

    Raises Refused when no path leads there.
    """
    ahead = {source}
    for name in order(environments):
        if ahead & set(environments[name].after):
            ahead.add(name)
    behind = {target}
    for name in reversed(order(environments)):
        if any(name in environments[later].after for later in behind):
            behind.add(name)
    entered = [name for name in order(environments) if name in ahead & behind and name != source]
    if target not in entered:
        raise Refused(
            f"no path leads from {source} to {target}",
            hint=f"{target} comes after: {', '.join(environments[target].after) or 'nothing'}",
        )
    return entered


def way_in(environment: Environment) -> str:
    """The command that brings a release to an environment."""
    if environment.after:
        return f"relman promote {environment.after[0]} {environment.name}"
    return f"relman deploy {environment.name}"
