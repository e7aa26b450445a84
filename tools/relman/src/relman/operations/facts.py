"""`relman facts`: imports what Terraform knows of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from relman.adapters import documents, files, tfstate
from relman.core import fields, masking
from relman.core.errors import Invalid, Place
from relman.core.models.base import API_VERSION, Model
from relman.core.models.environment import Facts, StateRef
from relman.core.models.plan import FieldChange
from relman.operations.repository import FACTS

if TYPE_CHECKING:
    from relman.operations.repository import Repository

COMMENT = "Imported from Terraform's outputs by `relman facts {cluster}`; not to be edited by hand."


class FactsImport(Model):
    """What was imported: the file, whether it was written, and what changed in it."""

    cluster: str
    path: str
    written: bool
    changes: tuple[FieldChange, ...]


def import_facts(
    repository: Repository, cluster: str, text: str | None, address: str | None, *, dry_run: bool
) -> FactsImport:
    """Writes releases/facts/CLUSTER.yaml into the checkout, for people to review and commit.

    From `text` (what `terraform output -json` printed), or from a state in S3: the one given,
    else the one of the last import. Raises Invalid for a shape that isn't known, a secret, or
    another cluster's facts.
    """
    before = repository.facts_of(cluster)
    found = _outputs(text, address, before)
    place = f"output {tfstate.OUTPUT!r}"
    facts = _facts(found, address or _address(before), cluster, place)
    _refuse_secrets(facts.values, place)
    path = f"{FACTS}/{cluster}.yaml"
    changes = fields.compare(before.stated() if before else {}, facts.stated())
    if changes and not dry_run:
        content = documents.dump(facts, COMMENT.format(cluster=cluster))
        files.write(repository.snapshot.git.root / path, content.decode())
    written = bool(changes) and not dry_run
    return FactsImport(cluster=cluster, path=path, written=written, changes=changes)


def _outputs(text: str | None, address: str | None, before: Facts | None) -> tfstate.Outputs:
    if text is not None:
        return tfstate.from_json(text, "terraform output")
    known = address or _address(before)
    if known is None:
        raise Invalid(
            "where are Terraform's outputs?",
            hint="--from FILE (of terraform output -json), or --state s3://BUCKET/KEY",
        )
    return tfstate.from_s3(known)


def _address(before: Facts | None) -> str | None:
    return before.state.address if before and before.state else None


def _facts(found: tfstate.Outputs, address: str | None, cluster: str, place: str) -> Facts:
    data = {"apiVersion": API_VERSION, "kind": "Facts", **found.facts}
    try:
        facts = Facts.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise Invalid(
            f"has an unknown shape: {first['msg']}", place=Place(place, key=key)
        ) from error
    if facts.cluster != cluster:
        raise Invalid(
            f"these are the facts of {facts.cluster}, not of {cluster}",
            place=Place(place, key="cluster"),
            hint="is another environment's backend initialised?",
        )
    if found.serial is None or found.lineage is None or address is None:
        return facts
    state = StateRef(address=address, serial=found.serial, lineage=found.lineage)
    return facts.model_copy(update={"state": state})


def _refuse_secrets(value: Any, place: str, path: str = "values") -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            _refuse_secrets(part, place, f"{path}.{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _refuse_secrets(part, place, f"{path}[{index}]")
    elif masking.looks_secret(path.rpartition(".")[2], value):
        raise Invalid(
            "looks like a secret, and facts are committed",
            place=Place(place, key=path),
            hint="keep it in Secrets Manager; the service's chart names the secret",
        )
    elif not isinstance(value, str | int | float | bool):
        raise Invalid(
            f"is {value!r}: a fact is text, a number or true/false", place=Place(place, key=path)
        )


class Age(Model):
    """How a cluster's facts compare with the state that they were imported from."""

    cluster: str
    imported: int
    current: int

    @property
    def stale(self) -> bool:
        """Whether the state has moved on since."""
        return self.current > self.imported


def age(facts: Facts) -> Age | None:
    """Looks at the state; None for facts that don't say where they come from."""
    if facts.state is None:
        return None
    current = tfstate.from_s3(facts.state.address).serial
    return Age(cluster=facts.cluster, imported=facts.state.serial, current=current or 0)
