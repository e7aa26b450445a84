"""Secrets Manager: whether a secret is there. Its value is never read."""

from __future__ import annotations

from dataclasses import dataclass

from relman.adapters import aws

ARN_PARTS = 7


@dataclass(frozen=True)
class Secret:
    """What Secrets Manager says of a secret. `deletion` is the day on which it goes, if it does."""

    account: str
    deletion: str | None = None


def describe(name: str, region: str, access: aws.Access) -> Secret | None:
    """A secret by its name or ARN; None where there is none.

    Raises Unavailable when Secrets Manager can't be asked or refuses.
    """
    missing = ("ResourceNotFoundException",)
    right = "secretsmanager:DescribeSecret"
    try:
        with aws.asking("Secrets Manager", f"the secret {name}", right, missing):
            found = aws.client("secretsmanager", region, access).describe_secret(SecretId=name)
    except aws.Missing:
        return None
    goes = found.get("DeletedDate")
    return Secret(account_of(found["ARN"]), goes.date().isoformat() if goes else None)


def account_of(arn: str) -> str:
    """The account in an ARN; empty for what isn't one."""
    parts = arn.split(":", ARN_PARTS - 1)
    return parts[4] if len(parts) == ARN_PARTS and parts[0] == "arn" else ""
