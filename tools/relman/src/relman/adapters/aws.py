"""AWS through boto3: one client for each service, region and way in, and its errors as ours."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.core.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

# Seconds to connect and to answer, and how often it is asked in all.
CONNECT, ANSWER, TRIES = 3, 5, 3
LOGIN = "aws sts get-caller-identity shows whether there are credentials"
THROTTLED = (
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
)
LOGGED_OUT = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
_lock = threading.RLock()
_made: dict[tuple[object, ...], Any] = {}


@dataclass(frozen=True)
class Access:
    """How to log in: boto3's usual way, with a profile of ~/.aws/config, and then as a role."""

    profile: str | None = None
    role: str | None = None


ANYHOW = Access()


class Missing(Invalid):
    """AWS has no such thing."""


def client(service: str, region: str, access: Access = ANYHOW) -> Any:
    """A client of a service. Making one takes longer than asking it, so it is kept; threads share
    it. Call it inside of `asking`: there may be no such profile, and no credentials."""
    from botocore.config import Config

    retries = {"total_max_attempts": TRIES, "mode": "standard"}
    config = Config(connect_timeout=CONNECT, read_timeout=ANSWER, retries=retries)
    with _lock:
        session = _session(access, region)
        return _kept(
            (service, region, access),
            lambda: session.client(service, region_name=region, config=config),
        )


def account(region: str, access: Access = ANYHOW) -> str:
    """The account that the credentials belong to."""
    with asking("STS", "the account of the credentials", "sts:GetCallerIdentity"):
        return str(client("sts", region, access).get_caller_identity()["Account"])


@contextlib.contextmanager
def asking(service: str, what: str, right: str, missing: Collection[str] = ()) -> Iterator[None]:
    """Around calls: turns what boto3 raises into Unavailable, and the codes in `missing` into
    Missing. `what` is what is asked for, `right` the permission that it takes."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        if said.get("Code") in missing:
            raise Missing(f"{service} has no {what}") from error
        raise _refused(service, what, right, said) from error
    except (BotoCoreError, ResponseParserError) as error:
        words = " ".join(str(error).split())[:300]
        raise Unavailable(f"can't ask {service} for {what}: {words}", hint=LOGIN) from error


def _refused(service: str, what: str, right: str, said: dict[str, Any]) -> Unavailable:
    code, words = str(said.get("Code", "")), " ".join(str(said.get("Message", "")).split())[:300]
    hint = f"{right} is needed"
    if code in THROTTLED:
        hint = "too many requests: try again in a minute"
    elif code in LOGGED_OUT:
        hint = f"log in again; {LOGIN}"
    return Unavailable(f"{service} refuses to tell of {what}: {code}: {words}", hint=hint)


def _session(access: Access, region: str) -> Any:
    import boto3

    def make() -> Any:
        session = boto3.session.Session(profile_name=access.profile)
        if access.role is None:
            return session
        given = _assumed(session, access.role, region)
        return boto3.session.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    return _kept(("session", access), make)


def _assumed(session: Any, role: str, region: str) -> dict[str, str]:
    sts = session.client("sts", region_name=region)
    with asking("STS", f"the role {role}", "sts:AssumeRole"):
        found = sts.assume_role(RoleArn=role, RoleSessionName="relman")
    return dict(found["Credentials"])


def _kept(key: tuple[object, ...], make: Callable[[], Any]) -> Any:
    """The same as before, as long as AWS's variables are the same."""
    variables = sorted((k, v) for k, v in os.environ.items() if k.startswith("AWS_"))
    where = (*key, *variables)
    if where not in _made:
        _made[where] = make()
    return _made[where]
