"""Terraform's outputs: from `terraform output -json`, or straight from a state in S3."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from relman.core.errors import Invalid, Place, Unavailable

ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>\S+)")
OUTPUT = "facts"
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Outputs:
    """The output `facts`, and which edition of which state it comes from, where that is known."""

    facts: dict[str, Any]
    serial: int | None = None
    lineage: str | None = None


def from_json(text: str, file: str) -> Outputs:
    """What `terraform output -json` printed. Raises Invalid when it isn't that, or has no facts."""
    return Outputs(_facts(_object(text, file), file))


def from_s3(address: str) -> Outputs:
    """A state's outputs. Raises Invalid for the address or the content, Unavailable when S3
    can't be asked or refuses."""
    state = _object(_download(address), address)
    outputs = state.get("outputs")
    if not isinstance(outputs, dict) or state.get("version") != 4:
        raise Invalid("is not a Terraform state (version 4)", place=Place(address))
    return Outputs(
        _facts(outputs, address), int(state.get("serial", 0)), str(state.get("lineage", ""))
    )


def _object(text: str, file: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise Invalid(f"isn't JSON: {error.msg}", place=Place(file, error.lineno)) from error
    if not isinstance(data, dict):
        raise Invalid("must be a map of outputs", place=Place(file))
    return data


def _facts(outputs: dict[str, Any], file: str) -> dict[str, Any]:
    output = outputs.get(OUTPUT)
    if not isinstance(output, dict) or not isinstance(output.get("value"), dict):
        raise Invalid(
            f"has no output {OUTPUT!r} that is a map",
            place=Place(file),
            hint="terraform -chdir=terraform/eks output -json",
        )
    if output.get("sensitive"):
        raise Invalid("is marked sensitive: facts hold no secrets", place=Place(file, key=OUTPUT))
    value: dict[str, Any] = output["value"]
    return value


def _download(address: str) -> str:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    found = ADDRESS.fullmatch(address)
    if not found:
        raise Invalid(f"{address!r} is not s3://BUCKET/KEY")
    config = Config(connect_timeout=5, read_timeout=15, retries={"max_attempts": 3})
    try:
        session = boto3.session.Session()
        # A bucket's name is enough, but boto3 wants some region to begin with.
        client = session.client("s3", region_name=session.region_name or "us-east-1", config=config)
        body = client.get_object(Bucket=found["bucket"], Key=found["key"])["Body"]
        return bytes(body.read(MAX_BYTES)).decode(errors="replace")
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        if code in ("NoSuchKey", "NoSuchBucket"):
            raise Invalid(
                f"there is no state at {address}", hint="terraform apply first"
            ) from error
        raise Unavailable(f"S3 refuses {address}: {code}", hint="s3:GetObject is needed") from error
    except BotoCoreError as error:
        raise Unavailable(
            f"can't read {address}: {error}",
            hint="aws sts get-caller-identity shows whether there are credentials",
        ) from error
