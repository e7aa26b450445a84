"""Where everything of a sandbox lies: one folder, so that removing it removes all."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Layout:
    """Paths below the sandbox's folder, which is absolute."""

    root: str

    @property
    def state(self) -> str:
        """Ports and credentials, mode 600."""
        return f"{self.root}/sandbox.json"

    @property
    def kubeconfig(self) -> str:
        """A context for each control plane, the first one current. Mode 600."""
        return f"{self.root}/kubeconfig"

    @property
    def argocd_kubeconfig(self) -> str:
        """The same with Argo CD's namespace as the current one, which is how it finds its own."""
        return f"{self.root}/argocd/kubeconfig"

    @property
    def environment(self) -> str:
        """Variables for the user's shell, to be sourced."""
        return f"{self.root}/env.sh"

    @property
    def remote(self) -> str:
        """The bare repository that Argo CD reads."""
        return f"{self.root}/remote.git"

    @property
    def remote_url(self) -> str:
        """Its URL. git and Argo CD decode one, so that any path can be in it."""
        return f"file://{quote(self.remote)}"

    @property
    def clone(self) -> str:
        """The user's clone of it."""
        return f"{self.root}/store"

    @property
    def charts(self) -> str:
        """The chart repository's files."""
        return f"{self.root}/charts"

    @property
    def keys(self) -> str:
        """The service accounts' key, tokens, and the API servers' certificates."""
        return f"{self.root}/keys"

    @property
    def etcd_certificate(self) -> str:
        """What etcd, and whoever may ask it, shows; etcd trusts no other. Mode 600."""
        return f"{self.keys}/etcd.crt"

    @property
    def etcd_key(self) -> str:
        """Its key. Mode 600."""
        return f"{self.keys}/etcd.key"

    @property
    def argocd(self) -> str:
        """Argo CD's folders."""
        return f"{self.root}/argocd"

    @property
    def bin(self) -> str:
        """What Argo CD finds on its PATH before anything else."""
        return f"{self.root}/argocd/bin"

    @property
    def redis_config(self) -> str:
        """Redis's settings, with its password. Mode 600."""
        return f"{self.root}/redis.conf"

    def plane_kubeconfig(self, plane: str) -> str:
        """A kubeconfig of one control plane, for its own controllers. Mode 600."""
        return f"{self.keys}/{plane}.kubeconfig"

    def certificates(self, plane: str) -> str:
        """The folder of a control plane's certificate, which its API server makes itself."""
        return f"{self.keys}/{plane}"

    def certificate(self, plane: str) -> str:
        """That certificate; it is its own authority."""
        return f"{self.certificates(plane)}/apiserver.crt"

    def log(self, process: str) -> str:
        """A process's output."""
        return f"{self.root}/logs/{process}.log"
