"""A laboratory for tests: a real repository with real charts, and relman through its front door.

`Lab` is a clone (with a bare remote, or without one) of a shop with two services, and the path
dev -> staging -> prod. Nothing in it is called as in the store that this project releases.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relman.cli.app import main

DIGEST = "sha256:" + "{:064x}"
CHART = """apiVersion: v2
name: {name}
version: 0.1.0
"""
VALUES = """image:
  repository: registry.example.com/{name}
  tag: "1.0"
replicas: 2
settings: {{}}
"""
TEMPLATE = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Chart.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: {{ .Chart.Name }}
  template:
    metadata:
      labels:
        app: {{ .Chart.Name }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Chart.Name }}
data:
  {{- range $key, $value := .Values.settings }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
"""
SHOP = """apiVersion: v2
name: shop
version: 0.1.0
dependencies:
  - name: web
    version: 0.1.0
    repository: file://../web
    condition: web.enabled
  - name: api
    version: 0.1.0
    repository: file://../api
    condition: api.enabled
"""

# Fetching by hand makes the ref of the remote's HEAD, since git 2.48.
NO_HEAD = ("-c", "remote.origin.followRemoteHEAD=never")


@dataclass(frozen=True)
class Ran:
    """How a command ended: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)


def relman(*arguments: str, cwd: Path) -> Ran:
    """The command line in this process: the same `main`, without a new interpreter's 0.3 s."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _started(arguments, cwd):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _started(arguments: tuple[str, ...], cwd: Path) -> Any:
    import sys

    from relman.cli import console

    before, folder = sys.argv, Path.cwd()
    console.out.cache_clear()
    sys.argv = ["relman", *arguments]
    os.chdir(cwd)
    try:
        yield
    finally:
        sys.argv = before
        os.chdir(folder)


def git(*arguments: str, cwd: Path) -> str:
    """git's output; fails the test when git fails."""
    done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {arguments}: {done.stderr}"
    return done.stdout.strip()


@dataclass(frozen=True)
class Lab:
    """A clone and what to do with it."""

    root: Path
    remote: Path | None = None

    def relman(self, *arguments: str) -> Ran:
        """relman in the clone."""
        return relman(*arguments, cwd=self.root)

    def ok(self, *arguments: str) -> Ran:
        """relman, which must succeed."""
        done = self.relman(*arguments)
        assert done.code == 0, f"relman {arguments} ended with {done.code}: {done.err}{done.out}"
        return done

    def git(self, *arguments: str) -> str:
        """git in the clone."""
        return git(*arguments, cwd=self.root)

    def write(self, path: str, text: str) -> None:
        """A file of the checkout."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def read(self, path: str) -> str:
        """A file as the branch has it (the remote's branch where there is one)."""
        return git("show", f"main:{path}", cwd=self.remote or self.root)

    def values(self, application: str, environment: str = "dev") -> Any:
        """The values that an Application on the branch gives to its chart."""
        import yaml

        path = f"argocd/{environment}/applications/{application}.yaml"
        source = yaml.safe_load(self.read(path))["spec"]["source"]
        return yaml.safe_load(source["helm"]["values"])

    def commit(self, message: str = "change") -> None:
        """Commits the checkout and pushes where there is a remote."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        if self.remote:
            self.git("push", "--quiet", "origin", "main")

    def pull(self) -> None:
        """Brings the checkout up to the remote."""
        if self.remote:
            self.git(*NO_HEAD, "pull", "--quiet", "--ff-only")

    def cut(self, version: str, web: int = 1, api: int = 1) -> Ran:
        """Cuts a release with images given by digest, which needs no registry."""
        return self.ok(
            "cut", version,
            "--image", f"web=registry.example.com/web:{web}.0@{DIGEST.format(web)}",
            "--image", f"api=registry.example.com/api:{api}.0@{DIGEST.format(api)}",
        )  # fmt: skip

    def runs(self) -> dict[str, str | None]:
        """The release of each environment, by `relman status`."""
        self.fetch()
        status = self.ok("status", "-o", "json").json
        return {one["environment"]: one["release"] for one in status["environments"]}

    def fetch(self) -> None:
        """Looks at the remote."""
        if self.remote:
            self.git(*NO_HEAD, "fetch", "--quiet", "origin")


def shop(root: Path) -> None:
    """The shop's charts and its releases/ folder."""
    files = {
        "charts/shop/Chart.yaml": SHOP,
        "charts/shop/values.yaml": "web:\n  enabled: true\napi:\n  enabled: true\n",
    }
    for name in ("web", "api"):
        files[f"charts/{name}/Chart.yaml"] = CHART.format(name=name)
        files[f"charts/{name}/values.yaml"] = VALUES.format(name=name)
        files[f"charts/{name}/templates/all.yaml"] = TEMPLATE
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def make(folder: Path, *, remote: bool = False) -> Lab:
    """A new lab below `folder`: the shop, initialised and committed."""
    root, bare = folder / "clone", folder / "remote.git"
    root.mkdir(parents=True)
    git("init", "--quiet", "--initial-branch", "main", cwd=root)
    git("config", "user.name", "Robin", cwd=root)
    git("config", "user.email", "robin@example.com", cwd=root)
    if remote:
        git("init", "--quiet", "--bare", "--initial-branch", "main", str(bare), cwd=folder)
        git("remote", "add", "origin", str(bare), cwd=root)
    lab = Lab(root, bare if remote else None)
    shop(root)
    git("add", "--all", cwd=root)
    lab.ok("init", "--name", "shop")
    lab.git("add", "--all")
    lab.git("commit", "--quiet", "--message", "the shop")
    if remote:
        lab.git("push", "--quiet", "--set-upstream", "origin", "main")
    return lab
