"""Helm's command line through pyhelm3: the reference, and the way for charts that read
.Capabilities and for upstream charts."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from relman.adapters import cache, process, yaml
from relman.adapters.helm import tidy
from relman.core.errors import Invalid, Place, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyhelm3 import Client, Command

# The major and minor version that the Argo CD we support runs (argo-cd 3.6: hack/tool-versions.sh).
WANTED = "4.3"
TIMEOUT = 120.0


@lru_cache
def executable() -> str | None:
    """helm from PATH when its version is right, else the toolchain's; else whatever PATH has,
    or None where there is no helm at all."""
    built = sorted(cache.tools().glob(f"helm-{WANTED}.*/helm"))
    found = shutil.which("helm")
    if found and (not built or _version_of(found).startswith(f"v{WANTED}.")):
        return found
    return str(built[-1]) if built else None


@lru_cache
def _version_of(path: str) -> str:
    return process.run([path, "version", "--template", "{{.Version}}"]).text


@lru_cache
def _command(context: str | None = None, limit: float = TIMEOUT) -> Command:
    """pyhelm3 runs helm through a shell and leaves it behind when cancelled; this one doesn't.
    `context` is the kubeconfig's, `limit` how many seconds a call may take."""
    from pyhelm3 import Command, errors

    cluster = ["--kube-context", context] if context else []

    class DirectCommand(Command):  # type: ignore[misc]  # pyhelm3 has no types
        async def run(self, command: list[str], input: bytes | None = None) -> bytes:  # noqa: A002
            child = await asyncio.create_subprocess_exec(
                self._executable,
                *map(str, [*command, *cluster]),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            try:
                out, err = await asyncio.wait_for(child.communicate(input), limit)
            except BaseException:
                os.killpg(child.pid, signal.SIGKILL)
                raise
            if child.returncode and b"release: not found" in err:
                raise errors.ReleaseNotFoundError(child.returncode, out, err)
            if child.returncode:
                raise HelmFailed(err.decode(errors="replace"))
            return bytes(out)

    return DirectCommand(executable=_required())


def client(context: str, limit: float) -> Client:
    """pyhelm3's client for a cluster. Its calls raise HelmFailed, or TimeoutError."""
    from pyhelm3 import Client

    return Client(_command(context, limit), executable=_required())


class HelmFailed(Exception):
    """helm's exit code was not 0; the message is what it said."""


def _required() -> str:
    found = executable()
    if found is None:
        raise Unavailable("helm is not installed", hint="make tools builds it, or put it on PATH")
    return found


def run(arguments: Sequence[str], label: str) -> str:
    """helm's standard output. Raises Invalid with its words, Unavailable when it hangs."""
    try:
        output: bytes = asyncio.run(_command().run(list(arguments)))
        return output.decode()
    except HelmFailed as error:
        raise Invalid(f"Helm refuses: {tidy(str(error))}", place=Place(label)) from error
    except TimeoutError as error:
        raise Unavailable(f"helm gave no answer in {TIMEOUT:.0f} s on {label}") from error


def render(
    folder: Path,
    name: str,
    namespace: str,
    values: dict[str, Any],
    label: str,
    kubernetes_version: str | None = None,
    api_versions: Sequence[str] = (),
) -> str:
    """`helm template` with the flags that Argo CD gives it (argo-cd util/helm/cmd.go)."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(yaml.dump(values))
        file.flush()
        arguments = ["template", name, str(folder), "--namespace", namespace, "--values", file.name]
        arguments += ["--include-crds"]
        if kubernetes_version:
            arguments += ["--kube-version", kubernetes_version]
        for version in api_versions:
            arguments += ["--api-versions", version]
        return run(arguments, label)


def pull(repo: str, chart: str, version: str, target: Path) -> None:
    """Unpacks an upstream chart at a version below `target`."""
    if repo.startswith("oci://"):
        source = [f"{repo.rstrip('/')}/{chart}"]
    else:
        source = [chart, "--repo", repo]
    options = ["--version", version, "--untar", "--untardir", str(target)]
    run(["pull", *source, *options], f"{chart} {version} from {repo}")


def version() -> str | None:
    """helm's version, or None where there is no helm."""
    found = executable()
    return _version_of(found) if found else None
