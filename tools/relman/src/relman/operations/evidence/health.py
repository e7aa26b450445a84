"""Whether the environments before this one are well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.models.live import EnvironmentHealth
from relman.operations import live
from relman.operations.side_by_side import ask

if TYPE_CHECKING:
    from relman.operations.evidence.asked import Asked


def look(asked: Asked) -> tuple[dict[str, EnvironmentHealth], str]:
    """What Argo CD says of each."""
    upstream = asked.environment.after
    jobs = {name: lambda name=name: live.health(asked.repository, name) for name in upstream}
    answers = ask(jobs, asked.left)
    return {
        name: answer.value or EnvironmentHealth(environment=name, problem=answer.problem)
        for name, answer in answers.items()
    }, ""
