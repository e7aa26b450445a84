"""`relman facts` imports what Terraform knows, and `relman doctor` says when that is old."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .lab import Lab

STATE = "s3://states/eks/terraform.tfstate"
FACTS: dict[str, Any] = {
    "cluster": "dev",
    "kubernetesVersion": "1.35",
    "addons": ["coredns", "vpc-cni"],
    "values": {"region": "eu-west-1", "network": {"cidrs": ["10.0.1.0/24"]}, "port": 6379},
}


def outputs(facts: object = FACTS, *, sensitive: bool = False) -> dict[str, Any]:
    """As `terraform output -json` prints it, and as a state holds it."""
    return {"facts": {"sensitive": sensitive, "type": "dynamic", "value": facts}}


def given(lab: Lab, document: object) -> str:
    """A file with the document."""
    file = lab.root.parent / "outputs.json"
    file.write_text(json.dumps(document))
    return str(file)


def test_imported_from_terraforms_output(lab: Lab) -> None:
    done = lab.ok("facts", "dev", "--from", given(lab, outputs()))
    assert "wrote releases/facts/dev.yaml" in done.err
    lab.ok("lint")
    text = (lab.root / "releases/facts/dev.yaml").read_text()
    assert 'kubernetesVersion: "1.35"' in text
    again = lab.ok("facts", "dev", "--from", given(lab, outputs()), "-o", "json").json
    assert (again["written"], again["changes"]) == (False, [])


def test_what_changed_is_shown_and_a_dry_run_writes_nothing(lab: Lab) -> None:
    lab.ok("facts", "dev", "--from", given(lab, outputs()))
    before = (lab.root / "releases/facts/dev.yaml").read_text()
    moved = {**FACTS, "values": {**FACTS["values"], "port": 6380}}
    done = lab.ok("facts", "dev", "--from", given(lab, outputs(moved)), "--dry-run")
    assert "values.port: 6379 -> 6380" in done.out
    assert (lab.root / "releases/facts/dev.yaml").read_text() == before


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({}, "no output 'facts'"),
        ([], "a map of outputs"),
        (outputs(sensitive=True), "marked sensitive"),
        (outputs("text"), "no output 'facts'"),
        (outputs({**FACTS, "cluster": "prod"}), "the facts of prod, not of dev"),
        (outputs({**FACTS, "extra": 1}), "unknown shape"),
        (outputs({**FACTS, "values": {"db_password": "hunter2"}}), "looks like a secret"),
        (outputs({**FACTS, "values": {"url": "mysql://root:hunter2@db/x"}}), "like a secret"),
        (outputs({**FACTS, "values": {"region": None}}), "a fact is text, a number"),
    ],
)
def test_what_is_refused(lab: Lab, document: object, says: str) -> None:
    done = lab.relman("facts", "dev", "--from", given(lab, document))
    assert done.code == 2
    assert says in done.err
    assert "hunter2" not in done.err + done.out
    assert not (lab.root / "releases/facts").exists()


def test_without_a_source_it_says_what_to_give(lab: Lab) -> None:
    done = lab.relman("facts", "dev")
    assert done.code == 2
    assert "--state s3://BUCKET/KEY" in done.err


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 bucket in moto's server, which relman finds by the usual variables."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="states")
    yield client
    server.stop()


def put(bucket: Any, serial: int) -> None:
    """A state of that edition."""
    state = {"version": 4, "serial": serial, "lineage": "a-b", "outputs": outputs()}
    body = json.dumps(state).encode()
    bucket.put_object(Bucket="states", Key="eks/terraform.tfstate", Body=body)


def facts_check(lab: Lab) -> dict[str, Any]:
    """What the doctor says of dev's facts."""
    checks = lab.relman("doctor", "-o", "json").json
    return next(check for check in checks if check["name"] == "facts of dev")


def test_imported_from_the_state_and_remembered(lab: Lab, bucket: Any) -> None:
    put(bucket, 3)
    lab.ok("facts", "dev", "--state", STATE)
    assert facts_check(lab)["state"] == "ok"
    put(bucket, 4)
    old = facts_check(lab)
    assert (old["state"], old["fix"]) == ("optional", "relman facts dev")
    assert "edition 3" in old["found"]
    changes = lab.ok("facts", "dev", "-o", "json").json["changes"]
    assert [change["path"] for change in changes] == ["state.serial"]
    assert facts_check(lab)["state"] == "ok"


def test_a_state_that_is_not_there(lab: Lab, bucket: Any) -> None:
    done = lab.relman("facts", "dev", "--state", "s3://states/nothing")
    assert done.code == 2
    assert "terraform apply first" in done.err


def test_s3_is_away(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    done = lab.relman("facts", "dev", "--state", STATE)
    assert done.code == 4
    assert STATE in done.err
