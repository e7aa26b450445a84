"""What a new control plane is given before anything is deployed to it."""

from __future__ import annotations

import base64
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relman.adapters import binaries, control_plane, files, simulated_aws, yaml
from relman.adapters import keys as private_keys
from relman.core import images
from relman.core.sandbox import argocd, cluster, overlay, processes, stores
from relman.operations import bootstrap_files, workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relman.adapters.api_server import Api
    from relman.core.models.project import Service
    from relman.core.models.sandbox import ControlPlane, Sandbox
    from relman.core.sandbox.layout import Layout
    from relman.operations.repository import Repository


def keys(where: Layout, box: Sandbox) -> None:
    """The service accounts' key, the tokens, etcd's certificate, Redis's settings; where they
    aren't there yet."""
    key = Path(where.keys) / "service-accounts.key"
    if not key.exists():
        files.write_private(key, private_keys.rsa_key())
    tokens = f"{box.token},admin,admin,system:masters\n"
    files.write_private(Path(where.keys) / "tokens.csv", tokens)
    _of_etcd(where)
    files.write_private(Path(where.redis_config), stores.redis_config(where, box))


def _of_etcd(where: Layout) -> None:
    if Path(where.etcd_certificate).exists():
        return
    now = datetime.now(UTC)
    key, made = private_keys.self_signed("etcd", processes.LOOPBACK, now)
    files.write_private(Path(where.etcd_key), key)
    files.write_private(Path(where.etcd_certificate), made)


def certificate(where: Layout, plane: str) -> str:
    """A control plane's certificate in base64, as kubeconfigs hold it."""
    return base64.b64encode(Path(where.certificate(plane)).read_bytes()).decode()


def kubeconfigs(where: Layout, box: Sandbox, namespace: str) -> None:
    """The user's, Argo CD's, and one for each plane's controllers."""
    found = {plane.name: certificate(where, plane.name) for plane in box.planes}

    def write(path: str, planes: tuple[ControlPlane, ...], inside: str = "") -> None:
        content = cluster.kubeconfig(planes, box.token, found, inside)
        files.write_private(Path(path), yaml.dump(content))

    write(where.kubeconfig, box.planes)
    write(where.argocd_kubeconfig, box.planes[:1], namespace)
    for plane in box.planes:
        write(where.plane_kubeconfig(plane.name), (plane,))


def nodes(api: Api, plane: ControlPlane) -> None:
    """KWOK's definition and stages, the nodes, and the metrics API."""
    made = cluster.nodes(overlay.REGION)
    for manifest in (*_stages(), cluster.load_balancer(), *cluster.metrics(plane), *made):
        control_plane.apply_when_served(api, manifest)
    for node in made:
        api.patch(f"/api/v1/nodes/{node['metadata']['name']}/status", {"status": node["status"]})


def _stages() -> list[dict[str, Any]]:
    folder = binaries.files("kwok")
    paths = sorted(folder.rglob("*.yaml")) if folder else []
    read = (one for path in paths for one in yaml.load_all(path.read_text()))
    found = [cluster.stage(one) for one in read]
    return sorted(found, key=lambda one: one["kind"] != "CustomResourceDefinition")


def argocd_settings(repository: Repository) -> dict[str, Any]:
    """`configs` of Argo CD's own values in the repository: cm and params."""
    configs = bootstrap_files.values(repository).get("configs") or {}
    return {key: configs.get(key) or {} for key in ("cm", "params")}


def argocd_objects(
    api: Api, where: Layout, box: Sandbox, namespace: str, settings: dict[str, Any]
) -> None:
    """Argo CD's definitions, its settings, and where there are several planes, the clusters."""
    kept = binaries.files("argocd")
    definitions = sorted(kept.glob("manifests/crds/*.yaml")) if kept else []
    for path in definitions:
        for manifest in yaml.load_all(path.read_text()):
            api.apply(manifest)
    for manifest in argocd.objects(namespace, settings, box.redis_password):
        api.apply(manifest)
    if len(box.planes) > 1:
        for plane in box.planes:
            for name in plane.clusters:
                ca = certificate(where, plane.name)
                api.apply(argocd.cluster_secret(namespace, name, plane, box.token, ca))


def argocd_folders(where: Layout, helm: str) -> None:
    """The folders that it expects, and the programs that it finds before PATH's."""
    for name in argocd.FOLDERS:
        (Path(where.argocd) / name).mkdir(parents=True, exist_ok=True)
        (Path(where.argocd) / name).chmod(0o700)
    link = Path(where.bin) / "helm"
    link.unlink(missing_ok=True)
    link.symlink_to(helm)
    kept = binaries.files("argocd")
    if kept:  # looked for even where no signature is asked for
        wrapper = Path(where.bin) / "git-verify-wrapper.sh"
        shutil.copyfile(kept / "hack/git-verify-wrapper.sh", wrapper)
        wrapper.chmod(0o755)


def roots(api: Api, clone: Path) -> None:
    """The root Applications and their projects, as `relman bootstrap --only-root` applies them."""
    with workspace.opened(clone) as here:
        repository = here.tip()
        for manifest in bootstrap_files.objects(repository, list(repository.environments)):
            control_plane.apply_when_served(api, manifest)


def aws(services: Mapping[str, Service], box: Sandbox, secrets: Sequence[str]) -> None:
    """Each service's image with its tag and a newer one, and the secrets' names."""
    wanted = [
        (images.parse(str(service.image)).name, tag)
        for service in services.values()
        for tag in overlay.tags(str(service.image))
    ]
    endpoint = stores.aws_endpoint(box)
    simulated_aws.push(endpoint, overlay.REGION, wanted)
    simulated_aws.create_secrets(endpoint, overlay.REGION, secrets)
