"""The gate `images`: in the registry that the environment pulls from, for its architectures,
without findings, signed. What can't be known is unknown, and never passes."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from relman.operations import evidence

from . import clouds, registries
from .clouds import ECR, Cloud, Instead, refusal, scanned
from .gating import declare, gate, verdict
from .lab import DIGEST, Lab
from .registries import Answer, Said


def released(lab: Lab, digest: str, gates: dict[str, Any], host: str = ECR) -> Lab:
    """A release whose images are both this one, guarded by these gates in dev."""
    images = [f"{name}={host}/shop/web:1@{digest}" for name in ("web", "api")]
    lab.ok("cut", "1.0.0", "--image", images[0], "--image", images[1])
    declare(lab, "dev", {"images": gates})
    return lab


def test_an_image_that_is_there(lab: Lab, cloud: Cloud) -> None:
    released(lab, clouds.push(cloud, "shop/web"), {})
    found = gate(lab, "images")
    assert (found["verdict"], found["summary"]) == (
        "pass", "2 pinned by digest; 1 image in the registry",
    )  # fmt: skip
    assert found["evidence"]["images"][0]["services"] == ["api", "web"]
    (call,) = cloud.said("BatchGetImage")
    assert call.body["registryId"] == clouds.ACCOUNT
    lab.ok("deploy", "dev", "--yes")


def test_an_image_that_is_not_there(lab: Lab, cloud: Cloud) -> None:
    clouds.push(cloud, "shop/web")
    released(lab, DIGEST.format(7), {})
    assert verdict(lab, "images")[0] == "fail"
    assert "is not in its registry" in verdict(lab, "images")[1]
    done = lab.relman("deploy", "dev", "--yes")
    assert (done.code, lab.runs()["dev"]) == (1, None)


def test_a_repository_that_is_not_there(lab: Lab, cloud: Cloud) -> None:
    released(lab, DIGEST.format(7), {}, host=ECR.replace("eu-west-1", "eu-south-2"))
    assert verdict(lab, "images")[0] == "fail"


def test_the_registry_of_the_environment_is_asked(lab: Lab, cloud: Cloud) -> None:
    digest = clouds.push(cloud, "mirror/web")
    released(lab, digest, {}, host="registry.example.com")
    mirror = {"image": {"repository": f"{ECR}/mirror/web"}}
    values = {"shop": {"web": mirror, "api": mirror}}
    declare(lab, "dev", {"images": {}}, values=values)
    found = gate(lab, "images")
    assert found["verdict"] == "pass"
    assert found["evidence"]["images"][0]["image"] == f"{ECR}/mirror/web@{digest}"


@pytest.mark.parametrize(
    ("wanted", "expected", "says"),
    [
        (["amd64"], "pass", "for amd64"),
        (["amd64", "arm64"], "pass", "for amd64, arm64"),
        (["riscv64"], "fail", "is not for riscv64"),
        (["unknown"], "fail", "is not for unknown"),
    ],
)
def test_architectures_of_an_index(
    lab: Lab, cloud: Cloud, wanted: list[str], expected: str, says: str
) -> None:
    released(lab, clouds.push(cloud, "shop/web", ("amd64", "arm64")), {"architectures": wanted})
    found = verdict(lab, "images")
    assert found[0] == expected
    assert says in found[1]


def test_the_architecture_of_an_image_by_itself(lab: Lab, cloud: Cloud) -> None:
    """moto has no layers: ECR's answer and what lies behind its address are played here."""
    with registries.serving() as store:
        store.script = lambda _: Answer(body=b'{"architecture": "arm64", "os": "linux"}')
        url = {"downloadUrl": f"http://{store.host}/config"}
        cloud.script = lambda call: (
            Instead(body=url) if call.action == "GetDownloadUrlForLayer" else None
        )
        digest = clouds.push(cloud, "shop/web")
        released(lab, digest, {"architectures": ["arm64"]})
        assert verdict(lab, "images")[0] == "pass"
        declare(lab, "dev", {"images": {"architectures": ["amd64"]}})
        assert verdict(lab, "images")[0] == "fail"
        assert "is not for amd64" in verdict(lab, "images")[1]


@pytest.mark.parametrize(
    ("severity", "counts", "expected", "says"),
    [
        ("high", {"MEDIUM": 3}, "pass", "no findings of high or above"),
        ("high", {"HIGH": 2, "CRITICAL": 1}, "fail", "has 1 critical, 2 high findings"),
        ("low", {"LOW": 1}, "fail", "has 1 low findings"),
        ("critical", {"HIGH": 2}, "pass", "no findings of critical"),
    ],
)
def test_findings(
    lab: Lab, cloud: Cloud, severity: str, counts: dict[str, int], expected: str, says: str
) -> None:
    cloud.script = lambda call: (
        scanned(counts) if call.action == "DescribeImageScanFindings" else None
    )
    released(lab, clouds.push(cloud, "shop/web"), {"severity": severity})
    found = verdict(lab, "images")
    assert found[0] == expected
    assert says in found[1]


def test_the_images_behind_an_index_are_those_that_are_scanned(lab: Lab, cloud: Cloud) -> None:
    cloud.script = lambda call: (
        scanned({"LOW": 1}) if call.action == "DescribeImageScanFindings" else None
    )
    digest = clouds.push(cloud, "shop/web", ("amd64", "arm64"))
    released(lab, digest, {"severity": "high"})
    assert verdict(lab, "images")[0] == "pass"
    asked = [
        call.body["imageId"]["imageDigest"] for call in cloud.said("DescribeImageScanFindings")
    ]
    assert len(set(asked)) == 2
    assert digest not in asked


def test_an_image_that_was_never_scanned(lab: Lab, cloud: Cloud) -> None:
    released(lab, clouds.push(cloud, "shop/web"), {"severity": "high"})
    found = verdict(lab, "images")
    assert found[0] == "unknown"
    assert "was not scanned" in found[1]
    assert "switch on scanning" in found[1]


def test_a_scan_that_is_not_done(lab: Lab, cloud: Cloud) -> None:
    cloud.script = lambda call: (
        scanned({}, "IN_PROGRESS") if call.action == "DescribeImageScanFindings" else None
    )
    released(lab, clouds.push(cloud, "shop/web"), {"severity": "high"})
    found = verdict(lab, "images")
    assert found[0] == "unknown"
    assert "IN_PROGRESS" in found[1]


def test_a_new_finding_does_not_hold_up_a_rollback(lab: Lab, cloud: Cloud) -> None:
    released(lab, clouds.push(cloud, "shop/web"), {})
    lab.ok("deploy", "dev", "--yes")
    digest = clouds.push(cloud, "shop/web", ("amd64",))
    image = f"{ECR}/shop/web:2@{digest}"
    lab.ok("cut", "1.1.0", "--image", f"web={image}", "--image", f"api={image}")
    lab.ok("deploy", "dev", "--yes")
    cloud.script = lambda call: (
        scanned({"CRITICAL": 9}) if call.action == "DescribeImageScanFindings" else None
    )
    declare(lab, "dev", {"images": {"severity": "high"}})
    assert verdict(lab, "images")[0] == "fail"
    lab.ok("rollback", "dev", "--yes")
    assert lab.runs()["dev"] == "1.0.0"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccessDeniedException", "ecr:BatchGetImage on that repository is needed"),
        ("ThrottlingException", "too many requests"),
        ("ExpiredTokenException", "log in again"),
    ],
)
def test_aws_refuses(lab: Lab, cloud: Cloud, code: str, says: str) -> None:
    cloud.script = lambda _: refusal(code)
    released(lab, DIGEST.format(1), {})
    found = verdict(lab, "images")
    assert found[0] == "unknown"
    assert says in found[1]
    done = lab.relman("deploy", "dev", "--yes")
    assert (done.code, lab.runs()["dev"]) == (1, None)


def test_throttling_is_asked_again_a_few_times(lab: Lab, cloud: Cloud) -> None:
    cloud.script = lambda _: refusal("ThrottlingException")
    released(lab, DIGEST.format(1), {})
    assert verdict(lab, "images")[0] == "unknown"
    assert len(cloud.said("BatchGetImage")) == 3


def test_throttling_that_passes(lab: Lab, cloud: Cloud) -> None:
    digest = clouds.push(cloud, "shop/web")
    cloud.script = lambda _: refusal("ThrottlingException") if len(cloud.asked) < 3 else None
    released(lab, digest, {})
    assert verdict(lab, "images")[0] == "pass"


def test_aws_is_away(lab: Lab, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    with registries.serving() as gone:
        pass
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{gone.host}")
    released(lab, DIGEST.format(1), {})
    found = verdict(lab, "images")
    assert found[0] == "unknown"
    assert "Could not connect" in found[1]


def test_aws_answers_nonsense(lab: Lab, cloud: Cloud) -> None:
    cloud.script = lambda _: Instead(200, ["not", "an", "answer"])
    released(lab, DIGEST.format(1), {})
    assert verdict(lab, "images")[0] == "unknown"


def test_aws_that_does_not_answer(lab: Lab, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for longer than was said."""
    never = threading.Event()
    monkeypatch.setattr(evidence, "SECONDS", 0.5)
    cloud.script = lambda _: Instead(wait=never)
    released(lab, DIGEST.format(1), {})
    try:
        found = verdict(lab, "images")
    finally:
        never.set()
    assert found[0] == "unknown"
    assert "no answer in" in found[1]


def test_no_credentials(lab: Lab, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    released(lab, DIGEST.format(1), {})
    found = verdict(lab, "images")
    assert found[0] == "unknown"
    assert "credentials" in found[1]


def test_the_role_of_the_environment_is_taken(lab: Lab, cloud: Cloud) -> None:
    released(lab, clouds.push(cloud, "shop/web"), {})
    role = "arn:aws:iam::123456789012:role/looks-at-images"
    declare(lab, "dev", {"images": {}}, aws={"roleArn": role})
    assert verdict(lab, "images")[0] == "pass"
    assert len(cloud.said("AssumeRole")) == 1


def test_a_profile_that_is_not_there(lab: Lab, cloud: Cloud) -> None:
    released(lab, DIGEST.format(1), {})
    declare(lab, "dev", {"images": {}}, aws={"profile": "nope"})
    found = verdict(lab, "images")
    assert found[0] == "unknown"
    assert "nope" in found[1]


# -- Other registries -------------------------------------------------------------------------


def test_another_registry(lab: Lab) -> None:
    platform = {"os": "linux", "architecture": "amd64"}
    entry = {"digest": DIGEST.format(2), "platform": platform}
    index = json.dumps({"manifests": [entry]}).encode()
    with registries.serving() as registry:
        there = f"/v2/shop/web/manifests/{DIGEST.format(1)}"
        registry.script = lambda said: Answer(body=index) if said.path == there else Answer(404)
        released(lab, DIGEST.format(1), {"architectures": ["amd64"]}, host=registry.host)
        assert verdict(lab, "images")[0] == "pass"
        declare(lab, "dev", {"images": {"severity": "high"}})
        found = verdict(lab, "images")
        assert found[0] == "unknown"
        assert "only ECR's scans can be read" in found[1]


def test_the_architecture_in_another_registry(lab: Lab) -> None:
    def script(said: Said) -> Answer:
        if "/blobs/" in said.path:
            return Answer(body=b'{"architecture": "arm64"}')
        return Answer(body=b'{"config": {"digest": "sha256:abc"}}')

    with registries.serving() as registry:
        registry.script = script
        released(lab, DIGEST.format(1), {"architectures": ["amd64"]}, host=registry.host)
        assert verdict(lab, "images")[0] == "fail"


@pytest.mark.parametrize(
    ("status", "expected"), [(404, "fail"), (403, "unknown"), (401, "unknown")]
)
def test_another_registry_that_does_not_give_it(lab: Lab, status: int, expected: str) -> None:
    with registries.serving() as registry:
        registry.script = lambda _: Answer(status)
        released(lab, DIGEST.format(1), {}, host=registry.host)
        assert verdict(lab, "images")[0] == expected


# -- Signatures -------------------------------------------------------------------------------


def cosign(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    """A program in cosign's place, which keeps its arguments."""
    folder.mkdir(exist_ok=True)
    said = folder / "said"
    program = folder / "cosign"
    program.write_text(f'#!/bin/sh\necho "$@" >> {said}\n{text}\n')
    program.chmod(0o755)
    import os

    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return said


KEYLESS = {"identity": "https://github.com/shop/ci", "issuer": "https://issuer.example.com"}


@pytest.mark.parametrize(
    ("text", "expected", "says"),
    [
        ("exit 0", "pass", "signed"),
        ("echo 'Error: no matching signatures: x' >&2; exit 12", "fail", "is not signed"),
        ("echo 'Error: UNAUTHORIZED' >&2; exit 1", "unknown", "UNAUTHORIZED"),
    ],
)
def test_signatures(
    lab: Lab, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    text: str, expected: str, says: str,
) -> None:  # fmt: skip
    said = cosign(tmp_path / "bin", monkeypatch, text)
    digest = clouds.push(cloud, "shop/web")
    released(lab, digest, {"signature": KEYLESS})
    found = verdict(lab, "images")
    assert found[0] == expected
    assert says in found[1]
    assert f"--certificate-identity={KEYLESS['identity']}" in said.read_text()
    assert f"{ECR}/shop/web@{digest}" in said.read_text()


def test_a_key_of_the_repository(
    lab: Lab, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cosign(tmp_path / "bin", monkeypatch, 'grep -q "a public key" "${3#--key=}"')
    lab.write("keys/cosign.pub", "a public key")
    released(lab, clouds.push(cloud, "shop/web"), {"signature": {"key": "keys/cosign.pub"}})
    assert verdict(lab, "images")[0] == "pass"
    declare(lab, "dev", {"images": {"signature": {"key": "keys/gone.pub"}}})
    found = verdict(lab, "images")
    assert found[0] == "unknown"
    assert "there is no key keys/gone.pub" in found[1]


def test_without_cosign(
    lab: Lab, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import shutil

    git = shutil.which("git")
    assert git
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(git)
    released(lab, clouds.push(cloud, "shop/web"), {"signature": KEYLESS})
    lab.ok("plan", "dev", "--offline")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}/nowhere")
    found = verdict(lab, "images")
    assert found[0] == "unknown"
    assert "cosign is not installed" in found[1]
    assert "install cosign" in found[1]
