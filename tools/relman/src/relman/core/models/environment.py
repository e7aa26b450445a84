"""releases/environments/NAME.yaml and releases/facts/CLUSTER.yaml."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from relman.core.models.base import ApiVersion, Flag, Model, Name, Values, Whole
from relman.core.models.gates import Gates

KubernetesVersion = Annotated[str, StringConstraints(pattern=r"^v?1\.\d{1,3}(\.\d{1,3})?$")]

RoleArn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/\S+$")]


class Cluster(Model):
    """A cluster of an environment.

    `server` is its API server as Argo CD knows it; without it Argo CD finds the cluster by name.
    `apiVersions` are passed to Helm for charts that read .Capabilities.APIVersions. `context` is
    the kubeconfig's context for it, where that has another name than the cluster.
    """

    name: Name
    server: str | None = None
    kubernetes_version: KubernetesVersion | None = None
    api_versions: tuple[str, ...] = ()
    context: str | None = None
    values: dict[Name, Values] = Field(default_factory=dict)


class ComponentChoice(Model):
    """What an environment decides about a component; the rest is the release's."""

    enabled: Flag | None = None
    owner: Literal["chart", "addon"] | None = None
    namespace: Name | None = None


class AwsAccess(Model):
    """How to log in to an environment's AWS account, for the gates that ask there: a `profile` of
    ~/.aws/config, then a role to assume. Without either, whoever is logged in already."""

    profile: Annotated[str, StringConstraints(min_length=1)] | None = None
    role_arn: RoleArn | None = None


class Environment(Model):
    """What people own of an environment. `argocdContext` is the kubeconfig's context of the
    cluster that Argo CD runs on, where it isn't the one that relman.yaml names."""

    api_version: ApiVersion
    kind: Literal["Environment"]
    name: Name
    after: tuple[Name, ...] = ()
    clusters: Annotated[tuple[Cluster, ...], Field(min_length=1)]
    components: dict[Name, ComponentChoice] = Field(default_factory=dict)
    values: dict[Name, Values] = Field(default_factory=dict)
    gates: Gates = Gates()
    aws: AwsAccess = AwsAccess()
    argocd_context: str | None = None

    @property
    def file(self) -> str:
        """Where it is written."""
        return f"releases/environments/{self.name}.yaml"

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        counts = Counter(cluster.name for cluster in self.clusters)
        if twice := [name for name, count in counts.items() if count > 1]:
            raise ValueError(f"clusters named twice: {', '.join(twice)}")
        if self.name == "bootstrap":
            raise ValueError("argocd/bootstrap is kept for what is written by hand")
        if self.name in self.after:
            raise ValueError("an environment can't come after itself")
        if self.gates.soak and not self.after:
            raise ValueError(
                "nothing soaks where the path starts: leave gates.soak out, or add after"
            )
        return self


class StateRef(Model):
    """The Terraform state that facts were imported from, and its edition then."""

    address: str
    serial: Whole
    lineage: str


class Facts(Model):
    """What Terraform knows of a cluster: ids, ARNs, endpoints; imported, never typed."""

    api_version: ApiVersion
    kind: Literal["Facts"]
    cluster: Name
    kubernetes_version: KubernetesVersion | None = None
    addons: tuple[str, ...] = ()
    state: StateRef | None = None
    values: dict[str, Any] = Field(default_factory=dict)
