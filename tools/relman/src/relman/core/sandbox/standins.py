"""Stand-ins for upstream charts: the same name and version, one small Deployment, and the kinds
that our objects use. So Applications, waves, definitions and pruning are real where the real
charts can't be fetched; what the controllers in them would do is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from relman.core.models.project import Component
    from relman.core.models.sandbox import Definition

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: &labels
    app.kubernetes.io/name: {{ .Chart.Name }}
    app.kubernetes.io/instance: {{ .Release.Name }}
spec:
  replicas: 1
  selector:
    matchLabels: *labels
  template:
    metadata:
      labels: *labels
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: stand-in
          image: registry.k8s.io/pause:3.10
          resources:
            requests:
              cpu: 10m
              memory: 16Mi
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
"""


def files(
    component: Component, definitions: Sequence[Definition], dump: Callable[[Any], str]
) -> dict[str, str]:
    """The files of a component's stand-in, by their paths in the chart."""
    chart = {
        "apiVersion": "v2",
        "name": component.chart.rpartition("/")[2],
        "version": component.version,
        "description": f"A stand-in for {component.chart} in the sandbox",
    }
    made = {"Chart.yaml": dump(chart), "templates/deployment.yaml": DEPLOYMENT}
    for one in definitions:
        made[f"crds/{one.plural}.{one.group}.yaml"] = dump(definition(one))
    return made


def definition(one: Definition) -> dict[str, Any]:
    """A CustomResourceDefinition that accepts every field."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": one.version, "served": True, "storage": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{one.plural}.{one.group}"},
        "spec": {
            "group": one.group,
            "scope": one.scope,
            "names": {"plural": one.plural, "kind": one.kind, "listKind": f"{one.kind}List"},
            "versions": [{**version, "schema": {"openAPIV3Schema": schema}}],
        },
    }


def of_component(name: str, definitions: Sequence[Definition]) -> list[Definition]:
    """The definitions that a component brings."""
    return [one for one in definitions if one.component == name]


def upstream(components: Mapping[str, Component]) -> dict[str, Component]:
    """The components that come from elsewhere."""
    return {name: one for name, one in components.items() if one.upstream}
