"""All four modules against a simulated AWS: applied, found unchanged, and destroyed again.

Slow: Terraform waits for AWS to settle at a fixed pace, wherever AWS is. One test tells the whole
story, in the order in which a team lives through it, and each step rests on the one before.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .simulated_aws import ACCOUNT, REGION, simulated_aws
from .terraform_cli import REPOSITORY, ROOTS, Terraform, copied

pytestmark = pytest.mark.aws

# Its account is the simulated one.
ENVIRONMENT = "prod"
BUCKET = "example-retail-prod-states"
PASSWORD = "only-in-secrets-manager"
LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
# Names of buckets can't be names of hosts on the loopback.
PROVIDER = 'provider "aws" {\n  s3_use_path_style = true\n}\n'
REMOTE_STATE = """
data "terraform_remote_state" "vpc" {
  config = {
    bucket         = data.aws_s3_objects.vpc_state.bucket
    key            = local.vpc_state_key
    region         = var.region
    use_path_style = true
  }
}
"""
MORE = {
    "delivery": [
        "-var=registry_enabled=true",
        "-var=registry={}",
        '-var=secret_value_versions={"catalog": 1}',
        "-var=secret_recovery_days=0",
    ]
}


@dataclass(frozen=True)
class Team:
    """What a team does with a copy of terraform/, on the simulated AWS."""

    terraform: Terraform
    folder: Path
    url: str

    def aws(self, service: str) -> Any:
        """A client of the simulated AWS."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="simulated",
            aws_secret_access_key="simulated",
            config=Config(s3={"addressing_style": "path"}),
        )

    def variables(self, root: str) -> list[str]:
        files = [
            f"-var-file=../env/{ENVIRONMENT}.tfvars",
            f"-var-file=../env/{ENVIRONMENT}/{root}.tfvars",
        ]
        return ["-input=false", "-no-color", *files, *MORE.get(root, [])]

    def init(self, root: str, *arguments: str) -> None:
        backend = [
            f"-backend-config=../env/{ENVIRONMENT}.s3.tfbackend",
            "-backend-config=use_path_style=true",
        ]
        self.terraform.init(self.folder / root, *backend, *arguments)

    def apply(self, root: str, *arguments: str) -> None:
        self.terraform.run(
            self.folder / root, "apply", "-auto-approve", *self.variables(root), *arguments
        )

    def destroy(self, root: str, *arguments: str) -> None:
        self.terraform.run(
            self.folder / root, "destroy", "-auto-approve", *self.variables(root), *arguments
        )

    def refused(self, root: str) -> str:
        """What a plan says that must fail."""
        done = self.terraform.attempt(self.folder / root, "plan", *self.variables(root))
        assert done.returncode == 1, done.stdout
        return " ".join(done.stderr.split())

    def unchanged(self, root: str) -> None:
        """A plan has nothing to do."""
        done = self.terraform.attempt(
            self.folder / root, "plan", "-detailed-exitcode", *self.variables(root)
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def outputs(self, root: str) -> dict[str, Any]:
        printed = json.loads(self.terraform.run(self.folder / root, "output", "-json"))
        return {name: output["value"] for name, output in printed.items()}


@pytest.fixture
def team(terraform: Terraform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A team with credentials of the simulated AWS."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    folder = copied(tmp_path)
    for root in ROOTS:
        (folder / root / "simulated_override.tf").write_text(
            PROVIDER + (REMOTE_STATE if root == "eks" else "")
        )
    with simulated_aws() as url:
        settings = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ENDPOINT_URL_S3": url,
            "AWS_ACCESS_KEY_ID": "simulated",
            "AWS_SECRET_ACCESS_KEY": "simulated",
            "AWS_EC2_METADATA_DISABLED": "true",
            "TF_VAR_secret_values": json.dumps({"catalog": json.dumps({"password": PASSWORD})}),
        }
        yield Team(Terraform(terraform.program, terraform.cache, settings), folder, url)


def shape(document: Any) -> Any:
    """The keys of a document, at every depth."""
    if isinstance(document, dict):
        return {key: shape(value) for key, value in document.items()}
    return type(document).__name__


def begin(team: Team) -> None:
    """Makes the bucket, with the state on disk, and moves the state in."""
    override = team.folder / "state/backend_override.tf"
    override.write_text(LOCAL_BACKEND)
    team.terraform.init(team.folder / "state")
    team.apply("state")
    override.unlink()
    team.init("state", "-migrate-state", "-force-copy")
    team.unchanged("state")


def end(team: Team) -> None:
    """Moves the state out of the bucket and deletes it."""
    team.apply("state", "-var=force_destroy=true")
    (team.folder / "state/backend_override.tf").write_text(LOCAL_BACKEND)
    team.terraform.init(team.folder / "state", "-migrate-state", "-force-copy")
    team.destroy("state", "-var=force_destroy=true")


def check_facts(facts: dict[str, Any]) -> None:
    """The facts have the shape that relman reads, and hold what was made."""
    import yaml

    example = yaml.safe_load((REPOSITORY / f"releases/facts/{facts['cluster']}.yaml").read_text())
    assert shape(facts["values"]) == shape(example["values"])
    assert facts["addons"] == example["addons"]
    made = {"accountId": ACCOUNT, "region": REGION, "clusterName": facts["cluster"]}
    assert {key: facts["values"][key] for key in made} == made
    assert facts["values"]["vpcId"].startswith("vpc-")


def relman(team: Team, folder: Path, *arguments: str) -> str:
    """What relman prints, run in a clone with the team's credentials."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("relman")), *arguments],
        cwd=folder,
        env={**os.environ, **team.terraform.extra, "RELMAN_CACHE_DIR": str(folder / ".cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_charts(team: Team, folder: Path, facts: dict[str, Any]) -> None:
    """relman imports the facts, from the output and from the state itself, and what the charts
    render holds these ids."""
    folder.mkdir()
    for name in ("charts", "releases"):
        shutil.copytree(REPOSITORY / name, folder / name)
    for command in ("init -q -b main", "config user.name Team", "config user.email t@example.com",
                    "add -A", "commit -qm store"):  # fmt: skip
        subprocess.run(["git", *command.split()], cwd=folder, check=True)
    printed = folder / ".git/outputs.json"
    printed.write_text(team.terraform.run(team.folder / "eks", "output", "-json"))
    cluster = facts["cluster"]

    changed = relman(team, folder, "facts", cluster, "--from", str(printed))
    assert f"values.vpcId: vpc-0a1b2c3d4e5f60733 -> {facts['values']['vpcId']}" in changed
    state = f"s3://{BUCKET}/eks/terraform.tfstate"
    imported = json.loads(relman(team, folder, "facts", cluster, "--state", state, "-o", "json"))
    assert imported["written"], "now it says which state it comes from"
    again = json.loads(relman(team, folder, "facts", cluster, "-o", "json"))
    assert again["changes"] == []
    assert "as the state has them" in relman(team, folder, "doctor")

    rendered = relman(team, folder, "render", ENVIRONMENT, "--draft", "--worktree",
                      "--component", "retail")  # fmt: skip
    stores = facts["values"]["stores"]
    groups = facts["values"]["network"]["loadBalancerSecurityGroups"]
    for fact in (facts["values"]["region"], stores["catalogEndpoint"], stores["cartTable"],
                 facts["values"]["dns"]["certificateArn"], *groups):  # fmt: skip
        assert fact
        assert fact in rendered


def test_applied_unchanged_and_destroyed(team: Team, tmp_path: Path) -> None:
    begin(team)

    team.init("eks")
    assert "apply terraform/vpc for this environment first" in team.refused("eks")

    for root in ("vpc", "eks", "delivery"):
        team.init(root)
        team.apply(root)
        team.unchanged(root)

    facts = team.outputs("eks")["facts"]
    check_facts(facts)
    check_charts(team, tmp_path / "clone", facts)
    associated = team.outputs("eks")["service_accounts"]
    assert associated["orders"] == "retail-store/orders"
    assert len(team.outputs("delivery")["repository_urls"]) == 5
    assert team.outputs("delivery")["gates_role_arn"].endswith(":role/retail-prod-gates")

    state = team.aws("s3").get_object(Bucket=BUCKET, Key="delivery/terraform.tfstate")
    assert state["ServerSideEncryption"] == "aws:kms"
    assert PASSWORD not in state["Body"].read().decode()
    secret = team.aws("secretsmanager").get_secret_value(SecretId="catalog-db-secret")
    assert json.loads(secret["SecretString"]) == {"password": PASSWORD}

    for root in ("delivery", "eks", "vpc"):
        team.destroy(root)
    end(team)

    assert team.aws("eks").list_clusters()["clusters"] == []
    assert team.aws("s3").list_buckets()["Buckets"] == []
    assert [vpc for vpc in team.aws("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == []
