"""The base of every model, and the small types that models share."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Strict, StringConstraints
from pydantic.alias_generators import to_camel

from relman.core import times

API_VERSION = "relman/v1"
ApiVersion = Literal["relman/v1"]


class Model(BaseModel):
    """Frozen and closed: an unknown key is an error, not a typo that waits to be found."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    def document(self) -> dict[str, Any]:
        """The model as plain data, every key in it: the shape of the JSON output."""
        return self.model_dump(mode="json", by_alias=True)

    def stated(self) -> dict[str, Any]:
        """Only what differs from the defaults: what its file says, and what a digest covers, so
        that a key that a later version adds changes neither."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _relative(path: str) -> str:
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "" in parts or "." in parts:
        raise ValueError("must be a path inside the repository, without '..' or a leading '/'")
    return path


_SEGMENT = re.compile(r"(?:[^.\\]|\\.)+")


def split_path(path: str) -> tuple[str, ...]:
    r"""Keys of a dotted value path; `\.` is a dot inside a key, as in `helm --set`.

    >>> split_path(r"serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn")
    ('serviceAccount', 'annotations', 'eks.amazonaws.com/role-arn')
    """
    return tuple(re.sub(r"\\(.)", r"\1", key) for key in _SEGMENT.findall(path))


def _value_path(path: str) -> str:
    if not re.fullmatch(rf"{_SEGMENT.pattern}(?:\.{_SEGMENT.pattern})*", path):
        raise ValueError(r"must be keys joined by dots, as in image.repository ('\.' for a dot)")
    return path


def _instant(text: str) -> str:
    try:
        times.read(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time, as in 2026-01-01T10:00:00Z") from error
    return text


DNS_LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
SEMVER = (
    r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-((0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?$"
)
Name = Annotated[str, StringConstraints(pattern=DNS_LABEL)]
Version = Annotated[str, StringConstraints(pattern=SEMVER, max_length=63)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Commit = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
RepoPath = Annotated[str, StringConstraints(min_length=1), AfterValidator(_relative)]
ValuePath = Annotated[str, AfterValidator(_value_path)]
Time = Annotated[str, AfterValidator(_instant)]
Values = dict[str, Any]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
