"""Tags become digests at the cut: from ECR, and from any registry of the OCI distribution API.

An image that isn't there is invalid input (2), a registry that can't be asked is unavailable (4);
either way nothing is written, and no call is made that isn't needed.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from relman.adapters import registry as adapter

from .lab import DIGEST, Lab
from .registries import Answer, Registry, Said, Script, found, serving
from .states import edited, refuses

WEB, API = DIGEST.format(0xB), DIGEST.format(0xA)
ACCOUNT, REGION = "123456789012", "eu-west-1"
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, noted instead of waited for."""
    pauses: list[float] = []
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=pauses.append))
    return pauses


def _images(host: str, *, web: str = "web:1", api: str = "api:1") -> list[str]:
    return ["--image", f"web={host}/{web}", "--image", f"api={host}/{api}"]


def _frozen(lab: Lab, version: str = "1.0.0") -> dict[str, str]:
    images = lab.ok("show", version, "-o", "json").json["release"]["images"]
    return {name: image["digest"] for name, image in images.items()}


def _serves(said: Said) -> Answer:
    return {
        "/v2/web/manifests/1": found(WEB),
        "/v2/api/manifests/1": found(API),
        "/v2/team/web/manifests/1": found(WEB),
    }.get(said.path, Answer(404))


def test_each_tag_is_resolved_by_one_call(lab: Lab, registry: Registry) -> None:
    registry.script = _serves
    lab.ok("cut", "1.0.0", *_images(registry.host))
    assert _frozen(lab) == {"web": WEB, "api": API}
    assert sorted(registry.manifests) == ["/v2/api/manifests/1", "/v2/web/manifests/1"]
    assert len(registry.asked) == 2
    assert {said.method for said in registry.asked} == {"HEAD"}
    accepted = registry.asked[0].headers["Accept"]
    assert "image.index.v1+json" in accepted
    assert "manifest.list.v2+json" in accepted


def test_a_digest_needs_no_call(lab: Lab, registry: Registry) -> None:
    registry.script = _serves
    lab.ok("cut", "1.0.0", *_images(registry.host, web=f"web:1@{WEB}", api=f"api@{API}"))
    assert _frozen(lab) == {"web": WEB, "api": API}
    assert registry.asked == []


def test_one_image_of_two_services_is_asked_for_once(lab: Lab, registry: Registry) -> None:
    registry.script = _serves
    lab.ok("cut", "1.0.0", *_images(registry.host, api="web:1"))
    assert _frozen(lab) == {"web": WEB, "api": WEB}
    assert registry.manifests == ["/v2/web/manifests/1"]


def test_a_repository_with_slashes(lab: Lab, registry: Registry) -> None:
    registry.script = _serves
    lab.ok("cut", "1.0.0", *_images(registry.host, web="team/web:1"))
    assert _frozen(lab)["web"] == WEB


def test_an_anonymous_token_is_fetched_where_the_registry_wants_one(
    lab: Lab, registry: Registry
) -> None:
    def script(said: Said) -> Answer:
        if said.path.startswith("/token"):
            return Answer(body=json.dumps({"token": "abc"}).encode())
        if said.headers.get("Authorization") == "Bearer abc":
            return _serves(said)
        realm = f'Bearer realm="http://{registry.host}/token",service="here",scope="repository:x"'
        return Answer(401, {"Www-Authenticate": realm})

    registry.script = script
    lab.ok("cut", "1.0.0", *_images(registry.host, api=f"api@{API}"))
    assert _frozen(lab) == {"web": WEB, "api": API}
    paths = [said.path.split("?")[0] for said in registry.asked]
    assert paths == ["/v2/web/manifests/1", "/token", "/v2/web/manifests/1"]


def test_a_login_of_docker_is_used(
    lab: Lab, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = base64.b64encode(b"robin:hunter2").decode()

    def script(said: Said) -> Answer:
        if said.headers.get("Authorization") == f"Basic {login}":
            return _serves(said)
        return Answer(401, {"Www-Authenticate": 'Basic realm="here"'})

    registry.script = script
    config = {"auths": {registry.host: {"auth": login}}}
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/config.json").write_text(json.dumps(config))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    done = lab.ok("cut", "1.0.0", *_images(registry.host))
    assert _frozen(lab) == {"web": WEB, "api": API}
    assert "hunter2" not in done.err + done.out
    assert login not in done.err + done.out


def _always(answer: Answer) -> Script:
    return lambda _: answer


@pytest.mark.parametrize(
    ("answer", "code", "says", "calls"),
    [
        (Answer(401), 4, "docker login", 1),
        (Answer(403), 4, "access is denied", 1),
        (Answer(404), 2, ("has no image", "push it first"), 1),
        (Answer(429), 4, "too many requests", 3),
        (Answer(500), 4, "it answered 500", 3),
        (Answer(503), 4, "it answered 503", 3),
        (Answer(418), 4, "it answered 418", 1),
        (Answer(200), 4, "names no digest", 1),
        (found("sha256:short"), 4, "names no digest", 1),
        (found("sha512:" + "0" * 128), 4, "names no digest", 1),
        (found(WEB + "\x20extra"), 4, "names no digest", 1),
        (Answer(302, {"Location": "/v2/"}), 4, "redirect", None),
        (Answer(close=True), 4, "can't ask", 3),
    ],
)
def test_a_registry_that_does_not_say(
    lab: Lab, registry: Registry, answer: Answer, code: int, says: Any, calls: int | None
) -> None:
    registry.script = _always(answer)
    says = (says,) if isinstance(says, str) else says
    given = _images(registry.host, api=f"api@{API}")
    refuses(lab, "cut", "1.0.0", *given, code=code, says=(*says, f"{registry.host}/web:1"))
    assert calls in (None, len(registry.asked))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_registry_that_recovers(
    lab: Lab, registry: Registry, status: int, no_pauses: list[float]
) -> None:
    registry.script = lambda said: Answer(status) if len(registry.asked) < 3 else _serves(said)
    lab.ok("cut", "1.0.0", *_images(registry.host, api=f"api@{API}"))
    assert _frozen(lab)["web"] == WEB
    assert len(registry.asked) == 3
    assert no_pauses == sorted(no_pauses)
    assert len(no_pauses) == 2


@pytest.mark.parametrize(
    "token", [Answer(500), Answer(403), Answer(200, body=b"no json"), Answer(200, body=b"{}")]
)
def test_a_token_service_that_is_broken(lab: Lab, registry: Registry, token: Answer) -> None:
    def script(said: Said) -> Answer:
        if said.path.startswith("/token"):
            return token
        return Answer(401, {"Www-Authenticate": f'Bearer realm="http://{registry.host}/token"'})

    registry.script = script
    given = _images(registry.host, api=f"api@{API}")
    refuses(lab, "cut", "1.0.0", *given, code=4, says=f"{registry.host}/web:1")


@pytest.mark.parametrize("challenge", ["Bearer", 'Bearer realm=""', "Nonsense", 'Digest realm="x"'])
def test_a_challenge_that_makes_no_sense(lab: Lab, registry: Registry, challenge: str) -> None:
    registry.script = _always(Answer(401, {"Www-Authenticate": challenge}))
    given = _images(registry.host, api=f"api@{API}")
    refuses(lab, "cut", "1.0.0", *given, code=4, says=f"{registry.host}/web:1")


def test_a_registry_that_hangs(
    lab: Lab, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "TIMEOUT", (0.3, 0.3))
    end = threading.Event()
    registry.script = _always(Answer(wait=end))
    given = _images(registry.host, api=f"api@{API}")
    refuses(lab, "cut", "1.0.0", *given, code=4, says="timed out")
    end.set()


def test_nobody_listens(lab: Lab) -> None:
    with serving() as registry:
        given = _images(registry.host, api=f"api@{API}")
    refuses(lab, "cut", "1.0.0", *given, code=4, says=("Connection refused", "with its digest"))


def test_every_image_that_is_missing_is_named(lab: Lab, registry: Registry) -> None:
    """Who mends one should not have to run it again to hear of the next one."""
    given = _images(registry.host)
    says = (f"{registry.host}/web:1", f"{registry.host}/api:1")
    refuses(lab, "cut", "1.0.0", *given, code=2, says=says)


def test_a_tag_is_not_resolved_again_for_a_version_that_can_not_be(
    lab: Lab, registry: Registry
) -> None:
    registry.script = _serves
    refuses(lab, "cut", "nope", *_images(registry.host), code=2, says="is not a version")
    assert registry.asked == []


# -- ECR --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """AWS, played by moto on the loopback."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def credentials(aws: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return aws


@pytest.fixture
def ecr(credentials: str) -> Iterator[dict[str, str]]:
    """Two repositories with an image each; their digests by name."""
    import boto3

    client = boto3.client("ecr", region_name=REGION)
    digests = {}
    for name in ("web", "api"):
        client.create_repository(repositoryName=f"shop/{name}")
        manifest = {"schemaVersion": 2, "config": {"digest": DIGEST.format(1)}, "layers": [],
                    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                    "annotations": {"name": name}}  # fmt: skip
        put = client.put_image(repositoryName=f"shop/{name}", imageTag="1",
                               imageManifest=json.dumps(manifest))  # fmt: skip
        digests[name] = str(put["image"]["imageId"]["imageDigest"])
    yield digests
    for name in digests:
        client.delete_repository(repositoryName=f"shop/{name}", force=True)


def test_tags_in_ecr(lab: Lab, ecr: dict[str, str]) -> None:
    lab.ok("cut", "1.0.0", *_images(f"{ECR}/shop"))
    assert _frozen(lab) == ecr


def test_tags_that_relman_yaml_declares(lab: Lab, ecr: dict[str, str]) -> None:
    for name in ecr:
        edited(lab, "releases/relman.yaml", f"registry.example.com/{name}:1.0",
               f"{ECR}/shop/{name}:1")  # fmt: skip
    lab.ok("cut", "1.0.0")
    assert _frozen(lab) == ecr


@pytest.mark.parametrize(("name", "tag"), [("web", "2"), ("gone", "1")])
def test_an_image_that_ecr_does_not_have(
    lab: Lab, ecr: dict[str, str], name: str, tag: str
) -> None:
    image = f"{ECR}/shop/{name}:{tag}"
    given = ["--image", f"web={image}", "--image", f"api=x@{API}"]
    says = (f"ECR has no image {image}", "push it first")
    refuses(lab, "cut", "1.0.0", *given, code=2, says=says)


def test_no_credentials(lab: Lab, aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    says = (f"can't ask ECR for {ECR}/shop/web:1", "credentials", "aws sts get-caller-identity")
    refuses(lab, "cut", "1.0.0", *_images(f"{ECR}/shop"), code=4, says=says)


def test_a_profile_that_is_not_there(
    lab: Lab, credentials: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    says = ("can't ask ECR", "nope")
    refuses(lab, "cut", "1.0.0", *_images(f"{ECR}/shop"), code=4, says=says)


def test_an_endpoint_that_is_down(
    lab: Lab, credentials: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as registry:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{registry.host}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    given = ["--image", f"web={ECR}/shop/web:1", "--image", f"api=x@{API}"]
    refuses(lab, "cut", "1.0.0", *given, code=4, says=("can't ask ECR", "Could not connect"))


def test_access_that_aws_denies(
    lab: Lab, credentials: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"__type": "AccessDeniedException", "message": "not authorized"}
    with serving() as registry:
        registry.script = _always(Answer(400, body=json.dumps(body).encode()))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{registry.host}")
        given = ["--image", f"web={ECR}/shop/web:1", "--image", f"api=x@{API}"]
        says = ("AccessDeniedException", "not authorized", "ecr:DescribeImages")
        refuses(lab, "cut", "1.0.0", *given, code=4, says=says)
        assert len(registry.asked) == 1
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == "testing"
