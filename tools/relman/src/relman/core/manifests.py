"""Rendered manifests as text: split into documents, compared without parsing what is equal."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)
HOOKS = ("helm.sh/hook", "argocd.argoproj.io/hook")
# A line that is neither empty nor a comment.
CONTENT = re.compile("(?:\\A|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])\\s*[^\\s#]")

# Kinds that live in no namespace: Kubernetes's own (kubectl api-resources --namespaced=false) and
# those of controllers that stores commonly run on.
CLUSTER_SCOPED = frozenset(
    [
        "APIService",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "CSIDriver",
        "CSINode",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IngressClass",
        "IPAddress",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
        "ClusterIssuer",
        "ClusterPolicy",
        "ClusterSecretStore",
        "EC2NodeClass",
        "GatewayClass",
        "IngressClassParams",
        "NodePool",
    ]
)


@dataclass(frozen=True)
class Manifest:
    """One object and the text it was read from."""

    document: dict[str, Any]
    namespace: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same object across renders: group, kind, namespace, name.

        Not the version: moving an object from v1beta1 to v1 doesn't replace it.
        """
        group = self.api_version.rpartition("/")[0]
        return group, self.kind, self.namespace, self.name

    @property
    def api_version(self) -> str:
        """As written."""
        return str(self.document.get("apiVersion", ""))

    @property
    def kind(self) -> str:
        """As written."""
        return str(self.document.get("kind", ""))

    @property
    def annotations(self) -> dict[str, Any]:
        """Its annotations."""
        return (self.document.get("metadata") or {}).get("annotations") or {}

    @property
    def name(self) -> str:
        """As written."""
        return str((self.document.get("metadata") or {}).get("name", ""))


def split(text: str) -> list[str]:
    """The documents of a rendered template, in order, without empty and comment-only ones."""
    return [part.strip() for part in SEPARATOR.split(text) if CONTENT.search(part)]


def differing(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    """The documents of each side that the other doesn't have, letter by letter."""
    old, new = Counter(before), Counter(after)
    return list((old - new).elements()), list((new - old).elements())


def parse(
    documents: Iterable[str], load: Callable[[str], list[Any]], namespace: str
) -> list[Manifest]:
    """The objects of the documents. List kinds are unfolded; Helm's test hooks are left out,
    since Argo CD never applies them. Raises ValueError for what isn't an object."""
    found = []
    for document in documents:
        for item in load(document):
            found += [_manifest(entry, namespace) for entry in _unfolded(item)]
    return [manifest for manifest in found if not _is_test(manifest.document)]


def repeated(found: Iterable[Manifest]) -> list[Manifest]:
    """Objects that the same Application gives twice with different contents: Argo CD applies the
    last alone, Helm none. Hooks may, since they come one after the other."""
    first: dict[tuple[str, str, str, str], Manifest] = {}
    twice: dict[tuple[str, str, str, str], Manifest] = {}
    for manifest in found:
        if any(hook in manifest.annotations for hook in HOOKS):
            continue
        before = first.setdefault(manifest.key, manifest)
        if before.document != manifest.document:
            twice[manifest.key] = manifest
    return list(twice.values())


def _unfolded(item: Any) -> list[Any]:
    if isinstance(item, dict) and str(item.get("kind", "")).endswith("List") and "items" in item:
        return list(item["items"] or [])
    return [item]


def _manifest(document: Any, namespace: str) -> Manifest:
    if not isinstance(document, dict) or not document.get("kind"):
        raise ValueError(f"not a Kubernetes object: {str(document)[:80]}")
    metadata = document.get("metadata") or {}
    if document["kind"] in CLUSTER_SCOPED:
        return Manifest(document, "")
    return Manifest(document, str(metadata.get("namespace") or namespace))


def _is_test(document: dict[str, Any]) -> bool:
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    hooks = str(annotations.get("helm.sh/hook", "")).split(",")
    return any(hook.strip() in ("test", "test-success", "test-failure") for hook in hooks)
