"""The same chart and values for other tools, where the toolchain has them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

MANY = 10


def commands(project: Path, folder: Path, clone: Path) -> dict[str, list[str]]:
    """Named commands that render the store's umbrella chart; none for a tool that isn't there."""
    found: dict[str, list[str]] = {}
    helm, helmfile = (_path(project, name) for name in ("helm", "helmfile"))
    if not helm:
        return found
    chart = clone / "charts/retail"
    subprocess.run([helm, "dependency", "build", str(chart)], check=True, capture_output=True)
    application = next((clone / "argocd/prod/applications").glob("*-retail.yaml"))
    values = folder / "values.yaml"
    values.write_text(yaml.safe_load(application.read_text())["spec"]["source"]["helm"]["values"])
    one = [helm, "template", "retail", str(chart), "--values", str(values)]
    found["helm template of the store's chart, once"] = one
    loop = folder / "helm-loop.sh"
    loop.write_text(f"for i in $(seq {MANY}); do {' '.join(one)} > /dev/null || exit 1; done\n")
    found[f"helm template, {MANY} times in a row"] = ["sh", str(loop)]
    if helmfile:
        found[f"helmfile template, {MANY} releases of it"] = [
            helmfile, "--helm-binary", helm, "--file", str(_helmfile(folder, chart, values)),
            "template", "--skip-deps", "--concurrency", "2", "--quiet",
        ]  # fmt: skip
    return found


def _helmfile(folder: Path, chart: Path, values: Path) -> Path:
    releases = [
        {"name": f"retail-{n}", "namespace": "store", "chart": str(chart), "values": [str(values)]}
        for n in range(MANY)
    ]
    file = folder / "helmfile.yaml"
    file.write_text(yaml.safe_dump({"releases": releases}))
    return file


def _path(project: Path, tool: str) -> str | None:
    script = project / "tools/toolchain/toolchain.py"
    done = subprocess.run(
        [sys.executable, str(script), "path", tool], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None
