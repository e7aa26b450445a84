"""The gate `secrets`: what the pods will read is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core.gates.outside import answer, counted

if TYPE_CHECKING:
    from relman.core.gates.given import GateInput
    from relman.core.models.evidence import SecretFound
    from relman.core.models.record import GateResult

NEXT = "terraform apply, or aws secretsmanager create-secret or restore-secret"


def secrets(given: GateInput) -> GateResult:
    """Every secret that the objects name exists in the target's account, and stays."""
    found = given.evidence.secrets
    return answer(
        given,
        "secrets",
        wrong=[wrong for one in found if (wrong := _wrong(one))],
        open_=[one.problem for one in found if one.exists is None],
        right=f"{counted(len(found), 'secret')} there",
        next_step=NEXT,
        evidence={"secrets": [one.stated() for one in found]},
    )


def _wrong(one: SecretFound) -> str:
    where = f"in {one.account}, {one.region}"
    if one.exists is False:
        return f"there is no secret {one.name} {where}; {', '.join(one.named_by)} needs it"
    if one.deletion:
        return f"the secret {one.name} {where} goes on {one.deletion}"
    return ""
