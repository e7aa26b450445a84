"""`relman diff A B`: what differs between two environments or releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relman.core import fields
from relman.core.errors import Invalid
from relman.core.models.base import Model
from relman.core.models.plan import FieldChange

if TYPE_CHECKING:
    from relman.core.models.environment import ComponentChoice
    from relman.core.models.release import Release
    from relman.operations.repository import Repository


class Side(Model):
    """An environment (with the release that it runs) or a release."""

    name: str
    release: str | None


class ReleaseDifference(Model):
    """What two sides differ in: the release's contents, and what each environment sets itself."""

    before: Side
    after: Side
    charts_changed: bool
    images: tuple[FieldChange, ...] = ()
    components: tuple[FieldChange, ...] = ()
    values: tuple[FieldChange, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.charts_changed or self.images or self.components or self.values)


def diff(repository: Repository, left: str, right: str) -> ReleaseDifference:
    """Compares two names, each an environment or a version.

    Raises Invalid for a name that is neither, or an environment that runs nothing.
    """
    before, after = _side(repository, left), _side(repository, right)
    old, new = _release(repository, before), _release(repository, after)
    return ReleaseDifference(
        before=before,
        after=after,
        charts_changed=old.charts.digest != new.charts.digest,
        images=fields.compare(_images(old), _images(new)),
        components=fields.compare(_components(old), _components(new)),
        values=_values(repository, before, after),
    )


def _side(repository: Repository, name: str) -> Side:
    if name in repository.environments:
        running = repository.running(name)
        return Side(name=name, release=running.release if running else None)
    if name in repository.versions:
        return Side(name=name, release=name)
    known = [*repository.environments, *repository.versions]
    raise Invalid(
        f"{name!r} is neither an environment nor a release",
        hint=f"known: {', '.join(known) or 'nothing yet'}",
    )


def _release(repository: Repository, side: Side) -> Release:
    if side.release is None:
        raise Invalid(f"{side.name} runs nothing yet", hint="relman status")
    return repository.release(side.release)


def _images(release: Release) -> dict[str, str]:
    return {
        name: image.reference if "@" in image.reference else f"{image.reference}@{image.digest}"
        for name, image in release.images.items()
    }


def _components(release: Release) -> dict[str, object]:
    return {name: component.stated() for name, component in release.components.items()}


def _values(repository: Repository, before: Side, after: Side) -> tuple[FieldChange, ...]:
    """Two environments differ by intent in these; a release has none of its own."""
    both = [side.name for side in (before, after) if side.name in repository.environments]
    if len(both) < 2:
        return ()
    left, right = (repository.environments[name] for name in both)
    return fields.compare(
        {"components": _choices(left.components), "values": left.values},
        {"components": _choices(right.components), "values": right.values},
    )


def _choices(choices: dict[str, ComponentChoice]) -> dict[str, object]:
    return {name: choice.stated() for name, choice in choices.items()}
