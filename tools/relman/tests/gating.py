"""Gates in a lab: declared, and asked for."""

from __future__ import annotations

from typing import Any

import yaml

from .lab import Lab


def declare(lab: Lab, environment: str, gates: dict[str, Any], **more: Any) -> None:
    """Declares gates for an environment, and other keys of its file, and commits."""
    path = f"releases/environments/{environment}.yaml"
    document = yaml.safe_load((lab.root / path).read_text())
    lab.write(path, yaml.safe_dump({**document, "gates": gates, **more}))
    lab.commit(f"gates of {environment}")


def facts(lab: Lab, cluster: str, **values: Any) -> None:
    """What Terraform knows of a cluster."""
    head = {"apiVersion": "relman/v1", "kind": "Facts", "cluster": cluster}
    lab.write(f"releases/facts/{cluster}.yaml", yaml.safe_dump({**head, "values": values}))
    lab.commit(f"facts of {cluster}")


def gate(lab: Lab, name: str, environment: str = "dev", *arguments: str) -> dict[str, Any]:
    """One gate's answer in the plan of what comes next."""
    plan = lab.ok("plan", environment, "-o", "json", *arguments).json
    found = [one for one in plan["gates"] if one["gate"] == name]
    assert len(found) == 1, [one["gate"] for one in plan["gates"]]
    return dict(found[0])


def verdict(lab: Lab, name: str, environment: str = "dev", *arguments: str) -> tuple[str, str]:
    """A gate's verdict, and all that it says."""
    found = gate(lab, name, environment, *arguments)
    return found["verdict"], f"{found['summary']}; {found['nextStep']}"
