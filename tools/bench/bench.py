"""Measures the speed budgets, beside helm and helmfile on the same charts in the same run.

Every figure is wall time of a whole process on this machine, and its CPU time, of the fastest of
a few runs, with an empty relman cache where it says so. Nothing is asserted: machines are too
different for that.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import fleet as fleets
import gates
import peers

ROOT = Path(__file__).resolve().parents[2]
RELMAN = Path(sys.executable).with_name("relman")


@dataclass(frozen=True)
class Figure:
    """One measurement: what, how long, CPU time, memory at its peak, and the budget if any."""

    what: str
    seconds: float
    cpu: float
    megabytes: float
    budget: str = ""


def measure(
    command: list[str], cwd: Path, env: dict[str, str], runs: int = 1
) -> tuple[float, float, float]:
    """(seconds, CPU seconds, peak megabytes) of the fastest of `runs`."""
    best = (float("inf"), 0.0, 0.0)
    for _ in range(runs):
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        cpu = usage.ru_utime + usage.ru_stime
        best = min(best, (time.perf_counter() - started, cpu, usage.ru_maxrss / 1024))
    return best


class Bench:
    """Where the measurements happen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.figures: list[Figure] = []

    def env(self, cache: str) -> dict[str, str]:
        """The environment with a cache folder of its own."""
        foreign = ("GIT_", "RELMAN_", "PYTHON")  # PYTHONDONTWRITEBYTECODE costs each start 0.2 s
        kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        return {**kept, "RELMAN_CACHE_DIR": str(self.folder / cache), "NO_COLOR": "1"}

    def note(self, what: str, measured: tuple[float, float, float], budget: str = "") -> None:
        """Keeps a figure and shows it."""
        figure = Figure(what, *measured, budget)
        self.figures.append(figure)
        shown = f"{figure.seconds:8.2f} s {figure.cpu:8.2f} s CPU {figure.megabytes:6.0f} MB"
        print(f"{shown}  {what}", file=sys.stderr)

    def fleet(self, clusters: int) -> fleets.Fleet:
        """The store on so many clusters."""
        name = f"fleet-{clusters}"
        return fleets.build(ROOT, self.folder / name, RELMAN, self.env(f"{name}-built"), clusters)


def store(bench: Bench) -> None:
    """One cluster: the commands that people wait for."""
    fleet = bench.fleet(1)
    relman, cwd = str(RELMAN), fleet.root
    warm = bench.env("fleet-1-built")
    bench.note("relman --help", measure([relman, "--help"], cwd, warm, 5), "0.15 s")
    bench.note("relman status", measure([relman, "status"], cwd, warm, 5), "0.4 s")
    plan = [relman, "plan", "prod", "1.1.0", "-o", "json"]
    cold = min(measure(plan, cwd, bench.env(f"cold-{number}")) for number in range(3))
    bench.note("relman plan, one environment, nothing cached", cold, "1.5 s")
    bench.note("relman plan, the same again", measure(plan, cwd, warm, 3))
    for what, command in peers.commands(ROOT, bench.folder, fleet.root).items():
        bench.note(what, measure(command, cwd, bench.env("peers"), 3))


def guarded(bench: Bench) -> None:
    """Every gate, asking services that answer after a tenth of a second; without what the same
    plan takes when nothing is asked."""
    with gates.guarded(bench.folder / "gates") as (lab, variables):
        env = bench.env("gates") | variables
        plan = [str(RELMAN), "plan", "staging", "-o", "json"]
        quiet = measure([*plan, "--offline"], lab.root, env, 5)
        bench.note("relman plan of a small shop, gates declared, --offline", quiet)
        asked = measure(plan, lab.root, env, 5)
        bench.note("relman plan of a small shop, all gates, services answer in 0.1 s", asked)
        alone = (asked[0] - quiet[0], asked[1] - quiet[1], asked[2])
        bench.note("the gates of that alone", alone, "2 s")


def many(bench: Bench, clusters: int, budget: str) -> None:
    """A fleet: one image changed in an environment of so many clusters."""
    fleet = bench.fleet(clusters)
    plan = [str(RELMAN), "plan", "prod", "1.1.0", "-o", "json"]
    label = f"relman plan, {clusters} clusters ({2 * clusters} renders), nothing cached"
    cold = min(measure(plan, fleet.root, bench.env(f"cold-{clusters}-{n}")) for n in range(3))
    bench.note(label, cold, budget)
    shutil.rmtree(fleet.root)


def table(figures: list[Figure]) -> str:
    """The figures as Markdown."""
    lines = ["| what | seconds | CPU | peak MB | budget |", "|---|---:|---:|---:|---|"]
    lines += [
        f"| {f.what} | {f.seconds:.2f} | {f.cpu:.2f} | {f.megabytes:.0f} | {f.budget} |"
        for f in figures
    ]
    return "\n".join(lines)


def machine() -> str:
    """What the figures were measured on."""
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, {python}"


def main() -> None:
    """Measures and prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, default=1000, help="size of the large fleet")
    parser.add_argument("--fleets", action="store_true", help="measure nothing but the fleets")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="relman-bench-"))
    try:
        bench = Bench(folder)
        if not arguments.fleets:
            store(bench)
            guarded(bench)
        many(bench, 300, "6 s")
        if arguments.clusters:
            many(bench, arguments.clusters, "30 s, 500 MB")
        load = os.getloadavg()[0]
        print(f"Measured on {machine()}, {time.strftime('%Y-%m-%d')}, load {load:.1f}.\n")
        print(table(bench.figures))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
