"""An API server that is away, slow, or says no: every command that asks one says so clearly, ends
with 4, and tries a bounded number of times. And `status --live` and `doctor`, which report it."""

from __future__ import annotations

import json
import shutil
import stat
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from relman.adapters import api_server as adapter
from relman.operations import live

from . import api_servers
from .api_servers import Answer, ApiServer, Asked, status
from .argo import REFRESH, Argo
from .lab import Lab

COMMANDS = [
    ["wait", "dev", "--timeout", "0", "--stable", "0"],
    ["drift", "dev"],
    ["bootstrap", "dev", "--only-root", "--yes"],
    ["status", "--live"],
]
NAMES = [command[0] for command in COMMANDS]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, noted instead of waited for."""
    found: list[float] = []
    monkeypatch.setattr(adapter, "time", SimpleNamespace(sleep=found.append))
    return found


@pytest.fixture(scope="module")
def deployed(_templates: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.0.0 is on dev by git, and the root Applications are there to be applied; made once."""
    folder = tmp_path_factory.mktemp("deployed")
    shutil.copytree(_templates[False], folder, dirs_exist_ok=True)
    lab = Lab(folder / "clone")
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "1.0.0", "--yes")
    return folder


@pytest.fixture
def lab(deployed: Path, tmp_path: Path) -> Lab:
    """A copy of it."""
    shutil.copytree(deployed, tmp_path / "lab")
    return Lab(tmp_path / "lab/clone")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    with api_servers.serving() as fake:
        connected(tmp_path, monkeypatch, fake.url)
        yield fake


def connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, user: dict[str, object] | None = None
) -> None:
    """The kubeconfig's one context is called as the cluster is."""
    file = api_servers.kubeconfig(tmp_path / "kubeconfig", {"dev": url}, user)
    monkeypatch.setenv("KUBECONFIG", str(file))


def unavailable(lab: Lab, command: list[str]) -> str:
    """What a command says that ends with 4."""
    done = lab.relman(*command)
    assert done.code == 4, done.err
    assert "Traceback" not in done.err
    return done.out + done.err


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_away(
    lab: Lab, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    pauses: list[float],
) -> None:  # fmt: skip
    connected(tmp_path, monkeypatch, "http://127.0.0.1:1")
    assert "dev (http://127.0.0.1:1) can't be reached: " in unavailable(lab, command)
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_slow(
    server: ApiServer, lab: Lab, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELMAN_API_TIMEOUT", "0.1")
    going = threading.Event()
    server.script = lambda _: Answer(wait=going)
    assert "dev gives no answer in time" in unavailable(lab, command)
    assert len(server.asked) == 3
    going.set()


ANSWERS = [
    (Answer(close=True), "can't be reached", 3),
    (status(503, "starting"), "dev answers 503: starting", 3),
    (status(429, "too many"), "dev answers 429: too many", 3),
    (status(401, "Unauthorized"), "does not accept the credentials of the kubeconfig (401)", 1),
    (status(403, "user robin may not"), "does not allow this (403): user robin may not", 1),
    (status(410, "expired"), "410", 3),
    (Answer(200, b"<html>a proxy</html>"), "what answers there is no API server", 1),
    (Answer(503, b"<html>a proxy</html>"), "dev answers 503", 3),
    (Answer(200, b"[]"), "what answers there is no API server", 1),
]


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
@pytest.mark.parametrize(("answer", "says", "tries"), ANSWERS, ids=lambda one: str(one)[:24])
def test_what_it_says(
    server: ApiServer, lab: Lab, command: list[str], answer: Answer, says: str, tries: int
) -> None:
    server.script = lambda _: answer
    assert says in unavailable(lab, command)
    assert len(server.asked) <= tries


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_one_bad_answer_is_tried_again(server: ApiServer, lab: Lab, command: list[str]) -> None:
    answers = [status(503), Answer(close=True)]
    server.script = lambda _: answers.pop() if answers else None
    done = lab.relman(*command)
    assert done.code in (0, 1), done.err


def test_a_list_comes_in_pages_and_begins_anew_when_it_expires(server: ApiServer, lab: Lab) -> None:
    Argo(server, lab).deliver("dev")
    Argo(server, lab).root("dev")
    server.page = 1
    expired = [status(410)]

    def script(asked: api_servers.Asked) -> Answer | None:
        return expired.pop() if "continue" in asked.query and expired else None

    for number in range(3):
        name = {"name": f"more-{number}", "namespace": "argocd"}
        server.put({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
                    "metadata": name, "spec": {}})  # fmt: skip
    server.script = script
    lab.ok("wait", "dev", "--stable", "0")
    assert expired == []


def test_no_argo_cd(server: ApiServer, lab: Lab) -> None:
    del server.served["argoproj.io/v1alpha1"]
    for command in (COMMANDS[0], COMMANDS[3]):
        assert "dev has no Argo CD" in unavailable(lab, command)


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_kubeconfigs_that_cant_be_used(
    lab: Lab, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(file))
    assert f"there is no kubeconfig at {file}" in unavailable(lab, command)
    for text, says in (
        ("a: [", "can't be read"),
        ("[]", "can't be"),
        ("", "can't be"),
        ("contexts: []\nclusters: []\nusers: []\n", "kubeconfig has no c"),
    ):
        file.write_text(text)
        assert says in unavailable(lab, command)


def test_an_odd_time_limit(server: ApiServer, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELMAN_API_TIMEOUT", "soon")
    done = lab.relman("drift", "dev")
    assert done.code == 2
    assert "RELMAN_API_TIMEOUT is not a number of seconds" in done.err


def plugin(tmp_path: Path, lines: str) -> dict[str, object]:
    """A user whose credentials a program gives, as `aws eks get-token` does."""
    file = tmp_path / "get-token"
    file.write_text(f"#!{sys.executable}\n{lines}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    command = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": str(file)}
    return {"exec": {**command, "args": ["dev"], "env": [{"name": "AWS_PROFILE", "value": "x"}]}}


def test_a_program_gives_the_credentials_and_again_when_they_expire(
    server: ApiServer, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An EKS token lives for minutes; a wait may take longer."""
    soon = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"status": {"token": "TOKEN", "expirationTimestamp": soon}}
    lines = (
        "import os, pathlib, sys\n"
        f"runs = pathlib.Path({str(tmp_path / 'runs')!r})\n"
        "count = len(runs.read_text()) if runs.exists() else 0\n"
        "runs.write_text('x' * (count + 1))\n"
        "assert os.environ['AWS_PROFILE'] == 'x' and sys.argv[1:] == ['dev']\n"
        "assert 'KUBERNETES_EXEC_INFO' in os.environ\n"
        f"print({json.dumps(said)!r}.replace('TOKEN', f'token-{{count}}'))"
    )
    connected(tmp_path, monkeypatch, server.url, plugin(tmp_path, lines))
    Argo(server, lab).deliver("dev")
    Argo(server, lab).root("dev")
    lab.ok("wait", "dev", "--stable", "0")
    sent = [one.headers["authorization"] for one in server.asked]
    assert sent[0] == "Bearer token-1"
    assert sent[-1] > sent[0]


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("import sys; sys.exit('the SSO session has expired')", "the SSO session has expired"),
        ("print('hello')", "doesn't print an ExecCredential"),
        ("print('{}')", "doesn't print an ExecCredential"),
    ],
)
def test_a_program_that_gives_no_credentials(
    server: ApiServer, lab: Lab, command: list[str], lines: str, says: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    connected(tmp_path, monkeypatch, server.url, plugin(tmp_path, lines))
    assert says in unavailable(lab, command)
    assert server.asked == []


def test_a_program_that_is_not_there(
    server: ApiServer, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = plugin(tmp_path, "")
    (tmp_path / "get-token").unlink()
    connected(tmp_path, monkeypatch, server.url, user)
    assert "get-token is not installed" in unavailable(lab, COMMANDS[0])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def test_tls(lab: Lab, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of another authority is refused at once; with its own it is believed."""
    with api_servers.serving(certificate) as fake:
        connected(tmp_path, monkeypatch, fake.url)
        for command in COMMANDS:
            assert "dev: TLS fails: " in unavailable(lab, command)
        assert fake.asked == []
        file = tmp_path / "kubeconfig"
        document = json.loads(file.read_text())
        document["clusters"][0]["cluster"]["certificate-authority"] = str(certificate)
        file.write_text(json.dumps(document))
        assert lab.relman("status", "--live").code == 0
        document["clusters"][0]["cluster"]["certificate-authority"] = "/gone.pem"
        file.write_text(json.dumps(document))
        assert "/gone.pem" in unavailable(lab, COMMANDS[0])


def test_a_proxy_of_the_environment_is_used(
    server: ApiServer, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(tmp_path, monkeypatch, "http://api.example.com")
    monkeypatch.setenv("http_proxy", server.url)
    Argo(server, lab).deliver("dev")
    Argo(server, lab).root("dev")
    lab.ok("status", "--live")
    assert {one.headers["Host"] for one in server.asked} == {"api.example.com"}


def test_status_live(server: ApiServer, lab: Lab) -> None:
    argo = Argo(server, lab)
    argo.deliver("dev")
    argo.root("dev")
    (one,) = argo.applications("dev")
    digest = "sha256:" + "0" * 63 + "1"
    other = "registry.example.com/api:0.9@sha256:" + "0" * 63 + "9"
    one["status"]["summary"]["images"] = [f"registry.example.com/web:1.0@{digest}", other]
    found = lab.ok("status", "--live", "-o", "json").json["environments"]
    live = found[0]["live"]
    assert (live["state"], live["releases"], live["others"]) == ("ready", ["1.0.0"], ["api"])
    assert live["images"]["api"] == [other]
    assert found[1]["live"] is None
    assert "1.0 (runs 0.9)" in lab.ok("status", "--live").out
    argo.compare("dev", health="Degraded")
    (row,) = [x for x in lab.ok("status", "--live").out.splitlines() if "not ready" in x]
    assert "dev-shop: degraded" in row


def test_status_live_does_not_believe_a_cache(
    server: ApiServer, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is Synced without a sync of its own is compared again first, where that is allowed."""
    monkeypatch.setattr(live, "PAUSE", 0.0)
    argo = Argo(server, lab)
    argo.deliver("dev")
    argo.root("dev")
    (one,) = argo.applications("dev")
    del one["status"]["operationState"]

    def compared(asked: Asked) -> None:
        for one in argo.applications("dev") if asked.method == "GET" else ():
            if one["metadata"].get("annotations", {}).pop(REFRESH, None):
                one["status"]["conditions"] = [{"type": "ComparisonError", "message": "immutable"}]

    def state() -> dict[str, str]:
        found = lab.relman("status", "--live", "-o", "json").json["environments"][0]["live"]
        return {key: found[key] for key in ("state", "why")}

    server.script = lambda asked: status(403) if asked.method == "PATCH" else None
    refused = state()
    assert refused["state"] == "unknown"
    assert "not compared again" in refused["why"]
    assert "403" in refused["why"]
    server.script = compared
    assert state() == {"state": "not ready", "why": "dev-shop: ComparisonError: immutable"}


def test_status_without_live_asks_nobody(server: ApiServer, lab: Lab) -> None:
    assert lab.ok("status", "-o", "json").json["environments"][0]["live"] is None
    assert server.asked == []


def checks(lab: Lab) -> dict[str, tuple[str, str]]:
    done = lab.relman("doctor", "-o", "json")
    return {one["name"]: (one["state"], one["found"]) for one in done.json}


def test_doctor(
    server: ApiServer, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = checks(lab)
    assert found["kubeconfig"] == ("optional", "contexts of 1 of 3 clusters")
    assert found["Argo CD"] == ("ok", "at dev")
    monkeypatch.setenv("RELMAN_ARGOCD_CONTEXT", "hub")
    assert checks(lab)["Argo CD at hub"][0] == "broken"
    monkeypatch.delenv("RELMAN_ARGOCD_CONTEXT")
    server.script = lambda _: status(401)
    assert checks(lab)["Argo CD"][0] == "optional"
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert checks(lab)["kubeconfig"] == ("optional", "none")
    (tmp_path / "none").write_text("a: [")
    assert checks(lab)["kubeconfig"][0] == "broken"
