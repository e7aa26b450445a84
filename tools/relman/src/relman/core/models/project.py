"""releases/relman.yaml and releases/components/: what the project consists of."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from relman.core.models.base import (
    ApiVersion,
    Flag,
    Model,
    Name,
    RepoPath,
    ValuePath,
    Values,
    Whole,
)
from relman.core.ranges import VersionRange

URL = r"^(https?|ssh|file|oci|git)://[^\s/@]*@?[^\s@]+$|^[^\s:/@]+@[^\s:]+:\S+$"
Url = Annotated[str, StringConstraints(pattern=URL)]
EXACT = r"^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$"
ExactVersion = Annotated[str, StringConstraints(pattern=EXACT)]
ImageFormat = Literal["digest", "tag", "string"]


class RepositoryRef(Model):
    """The git repository and the branch that Argo CD reads."""

    url: Url
    branch: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][\w./-]*$")] = "main"


class GroupKind(Model):
    """A kind of Kubernetes object, as Argo CD's AppProject lists them."""

    group: str = ""
    kind: str


class ArgoChart(Model):
    """The chart that `relman bootstrap` installs Argo CD by."""

    repo: Url
    name: Annotated[str, StringConstraints(min_length=1)] = "argo-cd"
    version: ExactVersion


class ArgoCD(Model):
    """How Argo CD is set up: its namespace, the chart that installs it, and which cluster-scoped
    kinds projects may hold.

    `context` is the kubeconfig's context of the cluster that it runs on; without it, the current
    one is asked.
    """

    namespace: Name = "argocd"
    context: str | None = None
    chart: ArgoChart | None = None
    cluster_resources: tuple[GroupKind, ...] = (GroupKind(kind="Namespace"),)


class Service(Model):
    """One microservice: its image, and where a release writes it.

    `format` says how the chart takes an image: three keys `repository`, `tag` and `digest`
    ("digest"), `repository` and `tag` with the digest inside the tag ("tag"), or one whole
    reference ("string"). `requires` are ranges of versions that it needs of other services; a
    service's version is its image's tag.
    """

    image: str
    component: Name
    paths: tuple[ValuePath, ...] = ()
    format: ImageFormat = "digest"
    requires: dict[Name, VersionRange] = Field(default_factory=dict)


class IgnoreDifference(Model):
    """Fields that a controller owns in the cluster, in the words of Argo CD's Application."""

    group: str = ""
    kind: str
    name: str | None = None
    json_pointers: tuple[str, ...] = ()
    jq_path_expressions: tuple[str, ...] = ()


class Component(Model):
    """One thing that an environment runs: a chart of this repository, or an upstream one."""

    chart: Annotated[str, StringConstraints(min_length=1)]
    repo: Url | None = None
    version: ExactVersion | None = None
    namespace: Name
    wave: Annotated[Whole, Field(ge=-1000, le=1000)] = 0
    enabled: Flag = True
    owner: Literal["chart", "addon"] = "chart"
    addon: str | None = None
    values: Values = Field(default_factory=dict)
    facts: dict[ValuePath, ValuePath] = Field(default_factory=dict)
    ignore_differences: tuple[IgnoreDifference, ...] = ()
    cluster_resources: tuple[GroupKind, ...] = ()

    @property
    def upstream(self) -> bool:
        """Whether the chart comes from a chart repository and not from this one."""
        return self.repo is not None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.upstream != (self.version is not None):
            raise ValueError("an upstream chart has both repo and version; one of ours has neither")
        if not self.upstream:
            RepoPathModel(path=self.chart)
        if self.owner == "addon" and not self.addon:
            raise ValueError("owner: addon needs the add-on's name in addon:")
        return self


class RepoPathModel(Model):
    """Checks one path; for fields that are a path only in some cases."""

    path: RepoPath


class ComponentFile(Component):
    """releases/components/NAME.yaml; the component's name is the file's."""

    api_version: ApiVersion
    kind: Literal["Component"]

    def component(self) -> Component:
        """The component without the file's header."""
        data: dict[str, Any] = self.model_dump(exclude={"api_version", "kind"}, exclude_unset=True)
        return Component.model_validate(data)


class Project(Model):
    """releases/relman.yaml. `teams` are people by their git e-mail addresses, for approvals."""

    api_version: ApiVersion
    kind: Literal["Project"]
    name: Name
    repository: RepositoryRef
    argocd: ArgoCD = ArgoCD()
    services: dict[Name, Service] = Field(default_factory=dict)
    components: dict[Name, Component]
    teams: dict[Name, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name, service in self.services.items():
            for other in service.requires:
                if other not in self.services or other == name:
                    raise ValueError(f"{name} requires {other}, which is no other service")
        return self
