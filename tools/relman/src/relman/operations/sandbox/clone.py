"""The sandbox's copy of a repository: a bare remote that Argo CD reads, and a clone to work in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import documents, files, process, yaml
from relman.core.errors import Invalid
from relman.core.models.sandbox import SandboxFile
from relman.core.sandbox import overlay
from relman.core.sandbox.overlay import Copy
from relman.core.sandbox.stores import chart_repository
from relman.operations import bootstrap_files, init_bootstrap
from relman.operations.repository import ENVIRONMENTS

if TYPE_CHECKING:
    from relman.adapters.snapshot import Entry, Snapshot
    from relman.core.models.sandbox import Sandbox, Shared
    from relman.core.sandbox.layout import Layout
    from relman.operations.repository import Repository

FILE = "releases/sandbox.yaml"
SYMLINK, EXECUTABLE, SUBMODULE = "120000", "100755", "160000"
SETTINGS = {"user.name": "Sandbox", "user.email": "sandbox@localhost", "commit.gpgsign": "false"}


def settings(repository: Repository) -> SandboxFile:
    """releases/sandbox.yaml, or its defaults. Raises Invalid when it speaks of what isn't there."""
    content = repository.snapshot.read(FILE)
    if content is None:
        return SandboxFile(api_version="relman/v1", kind="Sandbox")
    found = documents.parse(SandboxFile, content, FILE)
    named = {one.component for one in found.definitions} - set(repository.project.components)
    named |= set(found.shared) - set(repository.environments)
    if named:
        raise Invalid(f"{FILE} speaks of {', '.join(sorted(named))}, which doesn't exist")
    return found


def make(repository: Repository, where: Layout, box: Sandbox) -> None:
    """Makes both, where they aren't there yet: whole, or not at all."""
    if Path(where.clone).exists():
        return
    new, remote = Path(f"{where.clone}.new"), Path(where.remote)
    for half_done in (new, remote):
        shutil.rmtree(half_done, ignore_errors=True)
    copy = Copy(
        project=repository.project,
        environments=tuple(repository.environments),
        remote=where.remote_url,
        charts=None if box.online else chart_repository(box),
        shared=_shared(repository) if len(box.planes) == 1 else None,
    )
    _write(repository.snapshot, copy, new)
    _write_bootstrap(repository, copy, new)
    _commit(new, remote, repository.project.repository.branch)
    new.rename(where.clone)


def _shared(repository: Repository) -> dict[str, Shared]:
    said = settings(repository).shared
    return overlay.own_namespaces(repository.project, repository.environments, said)


def _write(snapshot: Snapshot, copy: Copy, target: Path) -> None:
    for entry in snapshot.files():
        if entry.mode != SUBMODULE and overlay.is_kept(copy, entry.path):
            path = target / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            content = snapshot.blob(entry.oid)
            if entry.mode == SYMLINK:
                path.symlink_to(content.decode())
            else:
                path.write_bytes(_content(copy, entry, content))
                path.chmod(0o755 if entry.mode == EXECUTABLE else 0o644)


def _write_bootstrap(repository: Repository, copy: Copy, target: Path) -> None:
    """What `relman init` would write, where the repository has none."""
    if repository.snapshot.oid(bootstrap_files.FOLDER) is None:
        project = copy.project
        branch, names = project.repository.branch, list(copy.environments)
        found = init_bootstrap.files(project.name, copy.remote, branch, names)
        for path, text in found.items():
            files.write(target / path, text)


def _content(copy: Copy, entry: Entry, content: bytes) -> bytes:
    folder, _, name = entry.path.rpartition("/")
    if folder == ENVIRONMENTS and name.endswith(".yaml"):
        document = yaml.load(content, entry.path)
        changed = overlay.environment(document, name.removesuffix(".yaml"), copy.shared)
        return yaml.dump(changed).encode()
    if overlay.is_rewritten(entry.path):
        return overlay.rewritten(copy, content.decode()).encode()
    return content


def _commit(clone: Path, remote: Path, branch: str) -> None:
    _git(clone, "init", "--quiet", "--bare", "-b", branch, str(remote))
    _git(clone, "init", "--quiet", "-b", branch)
    for key, value in SETTINGS.items():
        _git(clone, "config", key, value)
    _git(clone, "remote", "add", "origin", str(remote))
    _git(clone, "add", "--all", "--force")
    _git(clone, "commit", "--quiet", "--message", "The repository as the sandbox runs it")
    _git(clone, "push", "--quiet", "--set-upstream", "origin", branch)


def _git(folder: Path, *arguments: str) -> None:
    done = process.run(["git", *arguments], cwd=folder)
    if done.code:
        raise Invalid(f"`git {arguments[0]}` failed in the sandbox: {done.err}")
