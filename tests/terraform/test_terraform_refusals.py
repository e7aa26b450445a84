"""Every wrong value is refused at plan, with a message that says what to do.

`terraform test` can expect a refusal, but not its message. So each case is a test file of one run
that fails, and what Terraform said is read from its JSON. Rules on variables need no provider:
those cases run on variables.tf alone.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .terraform_cli import ROOTS, SOURCE, Terraform, copied, events

ADMIN = "arn:aws:iam::111122223333:role/admin"
LAMBDA = "arn:aws:lambda:us-east-1:111122223333:function:rotate"
COMMON: dict[str, Any] = {"environment": "dev", "account_id": "111122223333", "region": "us-east-1"}
VALID: dict[str, dict[str, Any]] = {
    "state": COMMON | {"state_bucket": "retail-dev-states"},
    "vpc": COMMON,
    "eks": COMMON | {"state_bucket": "retail-dev-states", "administrators": [ADMIN]},
    "delivery": COMMON | {"github_repository": "example/retail-eks"},
    "modules/pod-identity-role": {
        "name": "orders",
        "description": "orders",
        "cluster_name": "retail-dev-eksdemo",
        "cluster_arn": "arn:aws:eks:us-east-1:111122223333:cluster/retail-dev-eksdemo",
        "account_id": "111122223333",
        "namespace": "retail-store",
        "service_account": "orders",
    },
}

# What is wrong, and a part of the answer; the answer's beginning is always the variable's name.
REFUSED: dict[str, list[tuple[dict[str, Any], str]]] = {
    "state": [
        ({"state_bucket": "Retail.States"}, "state_bucket must be 3 to 63 lowercase letters"),
        ({"old_version_days": 1}, "old_version_days must be a whole number of at least 7"),
    ],
    "vpc": [
        ({"vpc_cidr": "10.0.0.0"}, "vpc_cidr must be an IPv4 range"),
        ({"vpc_cidr": "10.0.0.0/8"}, "vpc_cidr must be an IPv4 range"),
        ({"vpc_cidr": "fd00::/16"}, "vpc_cidr must be an IPv4 range"),
        ({"vpc_cidr": "10.0.1.0/16"}, "vpc_cidr must start at the first address"),
        ({"zone_count": 1}, "zone_count must be a whole number from 2 to 6"),
        ({"zone_count": 2.5}, "zone_count must be a whole number from 2 to 6"),
        ({"zone_names": ["us-east-1a"]}, "zone_names must be empty or hold 2 different zones"),
        ({"zone_names": ["us-east-1a", "us-east-1a"]}, "it holds 1"),
        ({"zone_names": ["us-east-1a", "us-west-2b"]}, "zone_names must hold zones of us-east-1"),
        (
            {"public_subnet_cidrs": ["10.0.1.0/24"]},
            "hold one range for each of the 2 zones; it holds 1",
        ),
        (
            {"private_subnet_cidrs": ["10.0.1.0/24"]},
            "hold one range for each of the 2 zones; it holds 1",
        ),
        (
            {"vpc_cidr": "10.0.0.0/24", "private_subnet_cidrs": ["10.0.0.0/26", "10.0.0.64/26"]},
            "public_subnet_cidrs can be computed in a VPC of /20 or larger only",
        ),
        (
            {"vpc_cidr": "10.0.0.0/24", "public_subnet_cidrs": ["10.0.0.0/26", "10.0.0.64/26"]},
            "private_subnet_cidrs can be computed in a VPC of /20 or larger only",
        ),
        ({"interface_endpoints": ["s3"]}, "S3 and DynamoDB always have their gateways"),
        ({"flow_log_retention_days": 42}, "one of the numbers that CloudWatch Logs takes"),
        ({"load_balancer_ingress_cidrs": []}, "load_balancer_ingress_cidrs must hold at least one"),
        (
            {"load_balancer_ingress_cidrs": ["0.0.0.0"]},
            "load_balancer_ingress_cidrs must hold at least one",
        ),
        (
            {"load_balancer_target_ports": []},
            "load_balancer_target_ports must hold at least one port",
        ),
        ({"node_egress_ports": [22]}, "node_egress_ports must hold 443"),
        ({"datastore_ports": [65536]}, "datastore_ports must hold ports from 1 to 65535"),
        ({"datastore_cidrs": ["db.example.com"]}, "datastore_cidrs must hold IPv4 ranges"),
    ],
    "eks": [
        ({"state_bucket": "s3://states"}, "state_bucket must be the name of the bucket"),
        ({"cluster_name": "x" * 40}, "cluster_name must be at most 39 letters"),
        ({"kubernetes_version": "1.31"}, "kubernetes_version must be 1.32"),
        ({"kubernetes_version": "1.35.2"}, "without a patch version"),
        (
            {"endpoint_public_access_cidrs": ["203.0.113.0"]},
            "endpoint_public_access_cidrs must hold IPv4 ranges",
        ),
        (
            {"endpoint_public_access_cidrs": ["0.0.0.0/0"]},
            "must not open the API server to everybody",
        ),
        ({"administrators": []}, "administrators must hold at least one IAM role or user"),
        (
            {"administrators": ["arn:aws:sts::111122223333:assumed-role/admin/me"]},
            "administrators must hold ARNs of IAM roles or users",
        ),
        ({"viewers": ["viewer"]}, "viewers must hold ARNs of IAM roles or users"),
        ({"viewers": [ADMIN]}, "viewers must not hold an administrator"),
        ({"control_plane_log_retention_days": 42}, "one of the numbers that CloudWatch Logs takes"),
        ({"telemetry_retention_days": 42}, "one of the numbers that CloudWatch Logs takes"),
        ({"control_plane_to_node_ports": [9443]}, "control_plane_to_node_ports must hold 10250"),
        ({"node_instance_types": []}, "node_instance_types must hold at least one instance type"),
        ({"node_instance_types": ["m7g.large"]}, "does not run on Graviton"),
        ({"node_count": {"min": 3, "desired": 2}}, "it holds min 3, desired 2, max 5"),
        ({"node_volume_gib": 8}, "node_volume_gib must be a whole number from 20"),
        ({"addons": {"karpenter": {}}}, "addons may hold amazon-cloudwatch-observability"),
        ({"addons": {"vpc-cni": {"enabled": False}}}, "no node gets ready without them"),
        ({"addons": {"coredns": {"version": "latest"}}}, "a version must be as in"),
        (
            {"addons": {"coredns": {"configuration_values": "replicaCount: 3"}}},
            "configuration_values must be a JSON",
        ),
        (
            {"addons": {"coredns": {"resolve_conflicts_on_create": "PRESERVE"}}},
            "resolve_conflicts_on_create must be NONE or OVERWRITE",
        ),
        (
            {"hosted_zones": {"example": "Z0123456789EXAMPLE"}},
            "hosted_zones must hold domains on the left",
        ),
        (
            {"hosted_zones": {"example.com": "/hostedzone/Z01"}},
            "hosted_zones must hold ids of hosted zones",
        ),
        (
            {"certificate_arn": "example.com"},
            "certificate_arn must be the ARN of an ACM certificate",
        ),
        (
            {"certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/9b8e7f60"},
            "certificate_arn must be a certificate in us-east-1",
        ),
        (
            {"service_accounts": {"catalog": "catalog"}},
            "service_accounts must be written NAMESPACE/NAME",
        ),
        ({"secret_names": {"catalog": "*"}}, "secret_names must hold names of secrets"),
        (
            {"catalog_database_endpoint": "mysql://db:3306"},
            "catalog_database_endpoint must be HOST:PORT",
        ),
        ({"orders_database_endpoint": "db"}, "orders_database_endpoint must be HOST:PORT"),
        (
            {"checkout_cache_endpoint": "redis://cache:6379"},
            "checkout_cache_endpoint must be HOST:PORT",
        ),
        ({"cart_table_arn": "carts"}, "cart_table_arn must be the ARN of a DynamoDB table"),
        (
            {"cart_table_kms_key_arn": "alias/carts"},
            "cart_table_kms_key_arn must be the ARN of a KMS key",
        ),
        ({"orders_queue_arn": "orders"}, "orders_queue_arn must be the ARN of an SQS queue"),
        (
            {"orders_queue_kms_key_arn": "alias/orders"},
            "orders_queue_kms_key_arn must be the ARN of a KMS key",
        ),
        ({"volume_kms_key_arn": "alias/ebs"}, "volume_kms_key_arn must be the ARN of a KMS key"),
    ],
    "delivery": [
        ({"services": []}, "services must hold at least one name"),
        ({"services": ["Catalog"]}, "services must hold at least one name"),
        ({"pull_account_ids": ["1111"]}, "pull_account_ids must hold the 12 digits"),
        (
            {"image_retention": {"build_count": 0}},
            "untagged_days and build_count must be at least 1",
        ),
        ({"image_retention": {"build_prefix": "*"}}, "build_prefix must be the beginning of a tag"),
        ({"github_repository": "example/*"}, "github_repository must not hold a wildcard"),
        ({"github_repository": "retail-eks"}, "github_repository must be OWNER/NAME"),
        ({"github_repository": ""}, "only with registry_enabled = false it may be left out"),
        ({"github_branch": "release-*"}, "github_branch must not hold a wildcard"),
        ({"github_branch": ""}, "github_branch must be the name of a branch"),
        ({"github_environments": ["prod*"]}, "github_environments must not hold a wildcard"),
        (
            {"github_environments": ["prod:eu"]},
            "github_environments must hold names of environments",
        ),
        ({"github_oidc_provider_arn": "github"}, "github_oidc_provider_arn must be as in"),
        (
            {"registry_enabled": False, "registry": {"account_id": "dev"}},
            "registry: account_id must be the 12 digits",
        ),
        (
            {"registry_enabled": False, "registry": {"region": "Frankfurt"}},
            "registry: region must be the name",
        ),
        (
            {"registry": {"account_id": "444455556666"}},
            "registry must be left out where registry_enabled is true",
        ),
        (
            {"registry_enabled": False, "github_repository": "", "gates_enabled": True},
            "gates_enabled needs somebody who takes the role",
        ),
        (
            {"gates_github_environments": ["*"]},
            "gates_github_environments must not hold a wildcard",
        ),
        (
            {"gates_github_environments": ["a/b"]},
            "gates_github_environments must hold names of environments",
        ),
        (
            {
                "registry_enabled": False,
                "github_repository": "",
                "gates_github_environments": ["prod"],
            },
            "gates_github_environments are those of a repository",
        ),
        (
            {"gates_principal_arns": ["arn:aws:iam::111122223333:role/*"]},
            "gates_principal_arns must hold ARNs of IAM roles and users",
        ),
        (
            {"gates_principal_arns": ["arn:aws:iam::111122223333:root"]},
            "gates_principal_arns must hold ARNs of IAM roles and users",
        ),
        (
            {"secret_names": {"catalog": "arn:aws:secretsmanager"}},
            "secret_names must hold names of secrets",
        ),
        (
            {"secret_names": {"catalog": "one", "orders": "one"}},
            "secret_names must differ from each other",
        ),
        (
            {"secret_recovery_days": 3},
            "secret_recovery_days must be 0 or a whole number from 7 to 30",
        ),
        (
            {"rotation_function_arns": {"ui": LAMBDA}},
            "rotation_function_arns may hold catalog, orders and checkout",
        ),
        ({"rotation_function_arns": {"orders": "rotate"}}, "rotation_function_arns must hold ARNs"),
        (
            {"secret_value_versions": {"cart": 1}},
            "secret_value_versions may hold catalog, orders and checkout",
        ),
    ],
    "modules/pod-identity-role": [
        ({"name": "x" * 65}, "name must be 1 to 64 letters"),
        ({"namespace": "Retail"}, "namespace must be the name of a Kubernetes namespace"),
        (
            {"service_account": "*"},
            "service_account must be the name of a Kubernetes service account",
        ),
    ],
}
for module in ROOTS:
    REFUSED[module] += [
        ({"project": "Retail"}, "project must be 2 to 15 lowercase letters"),
        ({"environment": "dev-1"}, "environment must be 2 to 12 lowercase letters"),
        ({"account_id": "1111"}, "account_id must be the 12 digits"),
        ({"region": "Virginia"}, "region must be the name of an AWS region"),
        ({"tags": {"Environment": "prod"}}, "tags must not hold Project"),
    ]

# Conditions that look at more than variables: these plan, with a mocked AWS of three zones.
NO_STATE = (
    "override_data {\n  target = data.aws_s3_objects.vpc_state\n  values = { keys = [] }\n}\n"
)
EMPTY_STATE = (
    "override_data {\n  target = data.terraform_remote_state.vpc\n  values = { outputs = {} }\n}\n"
)
MISFITS = {
    "zone_count": 5,
    "public_subnet_cidrs": ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0", "10.0.4.0/24", "10.0.5.0/24"],
    "private_subnet_cidrs": [
        "10.0.2.128/25",
        "10.1.12.0/24",
        "10.0.13.0/29",
        "10.0.14.0/24",
        "10.0.15.0/24",
    ],
}
PLANNED: dict[str, list[tuple[dict[str, Any], str, list[str]]]] = {
    "vpc": [
        (
            MISFITS,
            "",
            [
                "Not IPv4 ranges: 10.0.3.0. Write public_subnet_cidrs",
                "Outside of the VPC's 10.0.0.0/16: 10.1.12.0/24. Change",
                "Subnets overlap: 10.0.2.0/24 and 10.0.2.128/25. Change",
                "AWS makes no subnet smaller than /28",
                "us-east-1 offers 3 zones that EKS can use, fewer than zone_count = 5",
            ],
        ),
    ],
    "eks": [
        (
            {},
            NO_STATE,
            ["holds no vpc/terraform.tfstate: apply terraform/vpc for this environment first"],
        ),
        ({}, EMPTY_STATE, ["has no network in it: apply terraform/vpc for this environment first"]),
    ],
}
MOCKED = 'mock_provider "aws" {\n  source          = "../testing"\n  override_during = plan\n}\n'

Answers = list[list[str]]


def run_file(variables: dict[str, Any], before: str = "") -> str:
    """A test file of one run with these variables."""
    lines = "\n".join(f"    {name} = {json.dumps(value)}" for name, value in variables.items())
    return f'{before}run "refused" {{\n  command = plan\n  variables {{\n{lines}\n  }}\n}}\n'


def answers(terraform: Terraform, folder: Path, files: list[str]) -> Answers:
    """The errors that each of these test files brought."""
    tests = folder / "refusals"
    tests.mkdir()
    for index, file in enumerate(files):
        (tests / f"{index:03}.tftest.hcl").write_text(file)
    printed = terraform.attempt(folder, "test", "-json", f"-test-directory={tests.name}").stdout
    found: Answers = [[] for _ in files]
    for event in events(printed):
        if event["type"] == "diagnostic":
            place = re.search(r"(\d+)\.tftest\.hcl", event.get("@testfile", ""))
            assert place, f"no case's own: {event}"
            found[int(place[1])].append(" ".join(event["diagnostic"]["detail"].split()))
    return found


@pytest.fixture(scope="module")
def refused(
    terraform: Terraform, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Answers]:
    """Gives the answers to all of REFUSED's cases of a module."""

    @functools.cache
    def of(module: str) -> Answers:
        folder = copied(tmp_path_factory.mktemp("variables"), f"{module}/variables.tf") / module
        return answers(
            terraform, folder, [run_file(VALID[module] | wrong) for wrong, _ in REFUSED[module]]
        )

    return of


@pytest.fixture(scope="module")
def planned(terraform: Terraform, ready: Callable[[str], Path]) -> Callable[[str], Answers]:
    """Gives the answers to all of PLANNED's cases of a module."""

    @functools.cache
    def of(module: str) -> Answers:
        files = [
            run_file(VALID[module] | wrong, MOCKED + mocks) for wrong, mocks, _ in PLANNED[module]
        ]
        return answers(terraform, ready(module), files)

    return of


@pytest.mark.parametrize(
    ("module", "index"),
    [(module, index) for module, cases in REFUSED.items() for index in range(len(cases))],
)
def test_wrong_value_is_refused(module: str, index: int, refused: Callable[[str], Answers]) -> None:
    wrong, expected = REFUSED[module][index]

    said = refused(module)[index]

    assert len(said) == 1, f"{wrong}: {said}"
    assert expected in said[0]


@pytest.mark.parametrize(
    ("module", "index"),
    [(module, index) for module, cases in PLANNED.items() for index in range(len(cases))],
)
def test_what_does_not_fit_is_refused(
    module: str, index: int, planned: Callable[[str], Answers]
) -> None:
    said = planned(module)[index]
    missing = [
        text for text in PLANNED[module][index][2] if not any(text in answer for answer in said)
    ]

    assert (missing, len(said)) == ([], len(PLANNED[module][index][2])), said


@pytest.mark.parametrize("module", REFUSED)
def test_every_rule_has_a_case(module: str, refused: Callable[[str], Answers]) -> None:
    text = (SOURCE / module / "variables.tf").read_text().splitlines()
    rules = {number for number, line in enumerate(text, start=1) if line == "  validation {"}
    checked = re.findall(
        r"variables\.tf:(\d+)", " ".join(answer for said in refused(module) for answer in said)
    )

    assert rules - {int(number) for number in checked} == set()
