"""The Secrets Manager secrets that SecretProviderClasses name (secrets-store-csi-driver's AWS
provider)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relman.core.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from relman.core.manifests import Manifest

KIND = "SecretProviderClass"


@dataclass(frozen=True, order=True)
class Named:
    """A secret as an object names it; `region` is empty where the object leaves it out."""

    name: str
    region: str

    @property
    def account(self) -> str:
        """The account in its ARN; empty where it is named without."""
        parts = self.name.split(":")
        return parts[4] if self.name.startswith("arn:") and len(parts) > 4 else ""


def named_by(manifest: Manifest, load: Callable[[str], list[Any]]) -> Iterator[Named]:
    """The secrets that an object names. Raises Invalid when it can't be understood."""
    spec = manifest.document.get("spec") or {}
    if manifest.kind != KIND or spec.get("provider") != "aws":
        return
    parameters = spec.get("parameters") or {}
    region = str(parameters.get("region", ""))
    try:
        for document in load(str(parameters.get("objects", ""))):
            for entry in document or ():
                yield from _of_entry(entry, region)
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise Invalid(f"{KIND}/{manifest.name}: its objects can't be read: {error}") from error


def _of_entry(entry: dict[str, Any], region: str) -> Iterator[Named]:
    name = str(entry["objectName"])
    kind = entry.get("objectType") or ("secretsmanager" if ":secretsmanager:" in name else "")
    if kind != "secretsmanager":
        return
    in_arn = name.split(":")[3] if name.startswith("arn:") and name.count(":") > 3 else ""
    yield Named(name, in_arn or region)
