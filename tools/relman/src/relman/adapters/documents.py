"""Files of the repository as models; a wrong one is named by file, line and key."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from relman.adapters import yaml
from relman.core import durations
from relman.core.errors import Invalid, Place
from relman.core.models import base, windows
from relman.core.models.base import Model
from relman.core.models.project import EXACT, URL

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=Model)
# pydantic's words, where they would not help somebody who doesn't know it.
WORDS = {
    "extra_forbidden": "is not a key that is known here",
    "missing": "is missing",
    "string_type": "must be text; quote it",
    "dict_type": "must be a map",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
}

FORMS = {
    base.DNS_LABEL: "a name: lower-case letters, digits and dashes, at most 63",
    base.SEMVER: "a SemVer version without build metadata, as in 1.4.0",
    durations.DURATION: "a duration, as in 90s, 30m, 24h, 7d or 1h30m",
    windows.CLOCK: "a time of day, as in 09:00 (24:00 is the day's end)",
    windows.DATE: "a date, as in 2026-12-20",
    EXACT: "an exact version: a range would let the chart change by itself",
    URL: "a URL without a password, as in https://example.com/team/repository.git",
}


def parse(model: type[M], content: bytes, file: str) -> M:
    """The model in a file. Raises Invalid with the place of the first mistake."""
    from pydantic import ValidationError

    data = yaml.load(content, file)
    if not isinstance(data, dict):
        raise Invalid("must be a map of keys and values", place=Place(file))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _explained(error, model, content, file) from error


def _explained(error: ValidationError, model: type[Model], content: bytes, file: str) -> Invalid:
    first, *more = error.errors()
    keys = tuple(key for key in first["loc"] if key != "[key]")
    place = Place(file, yaml.line_of(content, file, keys), ".".join(map(str, keys)) or None)
    also = f" (and {len(more)} more)" if more else ""
    return Invalid(f"{_words(first)}{also}", place=place, hint=_hint(first, model))


def _words(detail: ErrorDetails) -> str:
    if detail["type"] in WORDS:
        return WORDS[detail["type"]]
    if detail["type"] == "string_pattern_mismatch":
        pattern = detail["ctx"]["pattern"]
        return f"{detail['input']!r} is not {FORMS.get(pattern, f'of the form {pattern}')}"
    message = detail["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _hint(detail: ErrorDetails, model: type[Model]) -> str:
    if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1:
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"the keys are {', '.join(known)}"
    return ""


def dump(model: Model, comment: str = "") -> bytes:
    """The file of a model; `comment` stands above it."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return (head + yaml.dump(model.stated())).encode()
