"""Measures what asking all gates costs when every service answers after a tenth of a second.

The services are the tests' own: an Argo CD and an API server, a switchboard that plays ECR and
Secrets Manager, and an HTTP server. Each waits before each answer.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "relman"))

from tests.argo import Argo
from tests.lab import DIGEST, Lab, make

from tests import api_servers, clouds, registries

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 0.1
SERVED = [("ResourceQuota", "resourcequotas", True), ("LimitRange", "limitranges", True)]
SECRETS = """apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: {{ .Chart.Name }}}
spec:
  provider: aws
  parameters:
    objects: |
      - {objectName: {{ .Chart.Name }}-db, objectType: secretsmanager}
"""
INDEX = {"manifests": [{"digest": DIGEST.format(2), "platform": {"architecture": "amd64"}}]}
ANSWERS: dict[str, Any] = {
    "BatchGetImage": {"images": [{"imageManifest": json.dumps(INDEX)}]},
    "DescribeImageScanFindings": clouds.scanned({}).body,
    "DescribeSecret": {"ARN": f"arn:aws:secretsmanager:{clouds.REGION}:{clouds.ACCOUNT}:secret:x"},
}


def _answer_of_aws(call: clouds.Call) -> clouds.Instead:
    time.sleep(SECONDS)
    return clouds.Instead(body=ANSWERS[call.action])


def _answer_of_the_web(_: object) -> registries.Answer:
    time.sleep(SECONDS)
    return registries.Answer()


@contextlib.contextmanager
def guarded(folder: Path) -> Iterator[tuple[Lab, dict[str, str]]]:
    """A clone in which 1.0.0 runs in dev and every gate guards staging, and the variables by
    which relman finds the services."""
    with (
        api_servers.serving() as server,
        clouds.serving() as cloud,
        registries.serving() as web,
    ):
        server.served["v1"] = server.served["v1"] + SERVED
        server.served["secrets-store.csi.x-k8s.io/v1"] = [
            ("SecretProviderClass", "secretproviderclasses", True)
        ]
        lab = _lab(folder, f"http://{web.host}/health")
        argo = Argo(server, lab)
        argo.root("dev")
        argo.deliver("dev")
        server.script = lambda _: time.sleep(SECONDS)
        cloud.script = _answer_of_aws
        web.script = _answer_of_the_web
        contexts = {"hub": server.url, "staging": server.url}
        kubeconfig = api_servers.kubeconfig(folder / "kubeconfig", contexts)
        yield (
            lab,
            {
                "KUBECONFIG": str(kubeconfig),
                "AWS_ENDPOINT_URL": cloud.url,
                "AWS_ACCESS_KEY_ID": "bench",
                "AWS_SECRET_ACCESS_KEY": "bench",
            },
        )


def _lab(folder: Path, url: str) -> Lab:
    lab = make(folder)
    for name in ("web", "api"):
        lab.write(f"charts/{name}/templates/secrets.yaml", SECRETS)
    project = yaml.safe_load((lab.root / "releases/relman.yaml").read_text())
    project["services"]["web"]["requires"] = {"api": ">=1"}
    lab.write("releases/relman.yaml", yaml.safe_dump(project))
    known = {"accountId": clouds.ACCOUNT, "region": clouds.REGION}
    facts = {"apiVersion": "relman/v1", "kind": "Facts", "cluster": "staging", "values": known}
    lab.write("releases/facts/staging.yaml", yaml.safe_dump(facts))
    path = "releases/environments/staging.yaml"
    lab.write(path, (lab.root / path).read_text() + yaml.safe_dump({"gates": _gates(url)}))
    lab.commit("gates")
    images = [part for name in ("web", "api") for part in ("--image", f"{name}={_image(name)}")]
    lab.ok("cut", "1.0.0", *images, "--floor", "a table goes")
    lab.ok("deploy", "dev", "--yes")
    return lab


def _image(name: str) -> str:
    return f"{clouds.ECR}/shop/{name}:1.0.0@{DIGEST.format(1)}"


def _gates(url: str) -> dict[str, Any]:
    return {
        "health": {},
        "soak": {"duration": "1s"},
        "windows": {"timeZone": "Europe/Berlin"},
        "approvals": {"required": 1, "from": ["robin@example.com"]},
        "images": {"architectures": ["amd64"], "severity": "high"},
        "secrets": {},
        "target": {},
        "checks": [{"name": "api", "url": url}],
    }
