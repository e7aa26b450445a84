"""The sandbox's folder: laid out once, read again by every later command."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import background, binaries, cache, files, folder_lock
from relman.core.errors import Invalid, Refused, Unavailable
from relman.core.models.sandbox import ControlPlane, Sandbox
from relman.core.sandbox.layout import Layout
from relman.core.sandbox.processes import TOOLS

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Mapping

    from relman.core.models.environment import Environment

HOST = "sandbox"
SHARED_PORTS, PLANE_PORTS = 8, 3


def layout(folder: Path | None) -> Layout:
    """The folder that was asked for, or RELMAN_SANDBOX, or one in the user's cache.

    Raises Invalid for a path with a percent sign: Helm, which Argo CD runs in it, takes it for
    an address.
    """
    chosen = folder or os.environ.get("RELMAN_SANDBOX") or cache.folder() / "sandbox"
    root = str(Path(chosen).absolute())
    if "%" in root:
        raise Invalid(f"Helm can't work in {root}: it has a %", hint="choose one with --folder")
    return Layout(root)


def alone(
    where: Layout, progress: Callable[[str], None]
) -> contextlib.AbstractContextManager[None]:
    """One `up` or `down` at a time; another one waits. Raises Unavailable when it waits too long,
    and Invalid for a folder that can't be made."""
    root = Path(where.root)
    return folder_lock.alone(root, lambda: progress(f"another relman works in {root}; waiting"))


def read(where: Layout) -> Sandbox | None:
    """The sandbox that is laid out there, or None. Raises Invalid for a damaged description."""
    try:
        text = Path(where.state).read_text()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Invalid(f"{where.state} can't be read: {error.strerror}") from error
    try:
        return Sandbox.model_validate_json(text)
    except ValueError as error:
        raise Invalid(
            f"{where.state} isn't what this version of relman wrote",
            hint="relman sandbox down, then up again",
        ) from error


def refuse_another(
    where: Layout, box: Sandbox, source: Path, count: int | None, online: bool
) -> None:
    """Raises Refused when what is laid out isn't what is asked for: it serves another repository,
    or has been made in another way. Its own clone is no other repository."""
    mine = {Path(box.source).resolve(), Path(where.clone).resolve()}
    have = len(box.planes)
    why = ""
    if source.resolve() not in mine:
        why = f"serves {box.source}"
    elif count not in (None, have):
        why = f"has --clusters {have}"
    elif online and not box.online:
        why = "has stand-ins for upstream charts"
    if why:
        raise Refused(
            f"the sandbox in {where.root} {why}",
            hint=f"end it with relman sandbox down --folder {shlex.quote(where.root)}, "
            "or have another beside it with --folder",
        )


def lay_out(
    where: Layout, source: Path, environments: Mapping[str, Environment], count: int, online: bool
) -> Sandbox:
    """Chooses ports and credentials, and writes them down before anything starts."""
    root = Path(where.root)
    if root.exists() and any(root.iterdir()):
        raise Invalid(f"{root} is not empty, and not a sandbox", hint="--folder ANOTHER")
    planes = _clusters_of_planes(environments, count)
    ports = background.free_ports(SHARED_PORTS + PLANE_PORTS * len(planes))
    shared, own = ports[:SHARED_PORTS], ports[SHARED_PORTS:]
    box = Sandbox(
        source=str(source),
        online=online,
        token=secrets.token_urlsafe(32),
        redis_password=secrets.token_urlsafe(32),
        etcd=shared[0],
        etcd_peer=shared[1],
        redis=shared[2],
        repo_server=shared[3],
        repo_server_metrics=shared[4],
        controller_metrics=shared[5],
        charts=shared[6],
        aws=shared[7],
        planes=tuple(
            ControlPlane(name=name, clusters=clusters, api=api, kwok=kwok, metrics=metrics)
            for (name, clusters), api, kwok, metrics in zip(
                planes.items(), own[::3], own[1::3], own[2::3], strict=True
            )
        ),
    )
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o700)
    files.write_private(Path(where.state), box.model_dump_json(by_alias=True, indent=2))
    return box


def _clusters_of_planes(
    environments: Mapping[str, Environment], count: int
) -> dict[str, tuple[str, ...]]:
    """The control planes by name, each with the clusters that it plays."""
    names = [cluster.name for one in environments.values() for cluster in one.clusters]
    if count == 1:
        return {HOST: tuple(names)}
    if count != len(names):
        raise Invalid(
            f"{count} control planes for {len(names)} clusters",
            hint=f"--clusters 1, where all share one, or --clusters {len(names)}",
        )
    return {HOST if index == 0 else name: (name,) for index, name in enumerate(names)}


def tools() -> dict[str, str]:
    """Every program by name, `python`, and the PATH for those that look programs up themselves.

    Raises Unavailable with all that are missing.
    """
    import sys
    from importlib.util import find_spec

    wanted = (*TOOLS, "redis-server", "git")
    found = {name: shutil.which("git") if name == "git" else binaries.find(name) for name in wanted}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise Unavailable(
            f"the sandbox needs {', '.join(missing)}",
            hint="make sandbox-tools builds them (10 minutes)",
        )
    absent = [name for name in ("moto", "psutil", "cryptography") if find_spec(name) is None]
    if absent:
        raise Unavailable(
            f"the sandbox needs the Python packages {', '.join(absent)}",
            hint="uv tool install './tools/relman[sandbox]'",
        )
    programs = {name: path for name, path in found.items() if path}
    return {**programs, "python": sys.executable, "PATH": os.environ.get("PATH", os.defpath)}
