"""The gate `secrets`: what the pods mount is in Secrets Manager, in the right account, and
stays. Values are never read."""

from __future__ import annotations

import pytest

from .clouds import ACCOUNT, REGION, Cloud, refusal
from .gating import declare, facts, gate, verdict
from .lab import Lab

CLASS = """apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata:
  name: web
spec:
  provider: aws
  parameters:
    region: {region}
    objects: |
      - objectName: "{name}"
        objectType: secretsmanager
      - objectName: "/a/parameter"
        objectType: ssmparameter
"""


def mounting(
    lab: Lab, name: str = "web-db", account: str = ACCOUNT, region: str = REGION, text: str = CLASS
) -> Lab:
    """A release whose web mounts a secret, guarded by the gate in dev."""
    lab.write("charts/web/templates/secrets.yaml", text.format(name=name, region=REGION))
    lab.commit("a secret")
    lab.cut("1.0.0")
    facts(lab, "dev", accountId=account, region=region)
    declare(lab, "dev", {"secrets": {}})
    return lab


def make(cloud: Cloud, name: str = "web-db") -> str:
    """A secret in Secrets Manager; its ARN."""
    client = cloud.client("secretsmanager")
    return str(client.create_secret(Name=name, SecretString="hunter2")["ARN"])


def test_a_secret_that_is_there(lab: Lab, cloud: Cloud) -> None:
    make(cloud)
    mounting(lab)
    found = gate(lab, "secrets")
    assert (found["verdict"], found["summary"]) == ("pass", "1 secret there")
    (one,) = found["evidence"]["secrets"]
    assert one["namedBy"] == ["dev: SecretProviderClass/web"]
    assert (one["account"], one["region"]) == (ACCOUNT, REGION)


def test_its_value_is_never_read(lab: Lab, cloud: Cloud) -> None:
    make(cloud)
    mounting(lab)
    lab.ok("deploy", "dev", "--yes")
    assert {call.action for call in cloud.asked} == {"DescribeSecret"}


def test_a_secret_that_is_not_there(lab: Lab, cloud: Cloud) -> None:
    mounting(lab)
    found = verdict(lab, "secrets")
    assert found[0] == "fail"
    assert f"there is no secret web-db in {ACCOUNT}, {REGION}" in found[1]
    done = lab.relman("deploy", "dev", "--yes")
    assert (done.code, lab.runs()["dev"]) == (1, None)


def test_a_secret_that_is_about_to_go(lab: Lab, cloud: Cloud) -> None:
    make(cloud)
    mounting(lab)
    cloud.client("secretsmanager").delete_secret(SecretId="web-db", RecoveryWindowInDays=7)
    found = verdict(lab, "secrets")
    assert found[0] == "fail"
    assert "the secret web-db" in found[1]
    assert "goes on 20" in found[1]


def test_a_secret_by_its_arn(lab: Lab, cloud: Cloud) -> None:
    mounting(lab, make(cloud), account="999999999999", region="us-east-1")
    found = gate(lab, "secrets")
    assert found["verdict"] == "pass"
    assert found["evidence"]["secrets"][0]["account"] == ACCOUNT


def test_a_secret_of_another_account(lab: Lab, cloud: Cloud) -> None:
    """A secret of that name where one happens to be logged in proves nothing."""
    make(cloud)
    mounting(lab, account="999999999999")
    found = verdict(lab, "secrets")
    assert found[0] == "unknown"
    assert f"the credentials are of the account {ACCOUNT}" in found[1]
    assert "aws.roleArn" in found[1]


def test_none_in_another_account(lab: Lab, cloud: Cloud) -> None:
    mounting(lab, account="999999999999")
    assert verdict(lab, "secrets")[0] == "unknown"


def test_a_cluster_whose_account_is_not_known(lab: Lab, cloud: Cloud) -> None:
    make(cloud)
    mounting(lab)
    lab.git("rm", "--quiet", "releases/facts/dev.yaml")
    lab.commit("nothing is known")
    found = verdict(lab, "secrets")
    assert found[0] == "unknown"
    assert "relman facts" in found[1]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_aws_refuses(lab: Lab, cloud: Cloud, code: str) -> None:
    make(cloud)
    mounting(lab)
    cloud.script = lambda _: refusal(code)
    found = verdict(lab, "secrets")
    assert found[0] == "unknown"
    assert code in found[1]


def test_no_secrets_at_all(lab: Lab, cloud: Cloud) -> None:
    lab.cut("1.0.0")
    declare(lab, "dev", {"secrets": {}})
    assert verdict(lab, "secrets")[0] == "pass"
    assert cloud.asked == []


def test_objects_that_can_not_be_read(lab: Lab, cloud: Cloud) -> None:
    mounting(lab, text=CLASS.replace('objectName: "{name}"', "name: x"))
    found = verdict(lab, "secrets")
    assert found[0] == "unknown"
    assert "SecretProviderClass/web: its objects can't be read" in found[1]
