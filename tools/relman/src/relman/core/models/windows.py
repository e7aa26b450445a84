"""What an environment declares under `gates.windows`: when it may be changed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from relman.core import cron
from relman.core.durations import Duration, seconds
from relman.core.models.base import Model

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"
DATE = r"^\d{4}-\d{2}-\d{2}$"
LONGEST = 31 * 86_400
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Clock = Annotated[str, StringConstraints(pattern=CLOCK)]
Exemption = Literal["held", "exempt"]


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date of the calendar") from error
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"there is no time zone {name!r}; as in Europe/Berlin or UTC") from error
    return name


Date = Annotated[str, StringConstraints(pattern=DATE), AfterValidator(_date)]
TimeZone = Annotated[str, AfterValidator(_zone)]


class Dates(Model):
    """Days of the calendar, first and last included."""

    from_: Date = Field(alias="from")
    to: Date

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.to < self.from_:
            raise ValueError(f"ends on {self.to}, before it begins on {self.from_}")
        return self


class Window(Model):
    """A time that comes again: on `days` and within `dates`, `from` a time of day `to` another,
    past midnight where `to` is the earlier; or for a `duration` from each time that `cron` names.
    """

    days: tuple[Day, ...] = ()
    dates: Dates | None = None
    from_: Clock | None = Field(default=None, alias="from")
    to: Clock | None = None
    cron: str | None = None
    duration: Duration | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.cron is not None:
            self._like_cron(self.cron)
        elif self.duration is not None:
            raise ValueError("duration belongs to cron; a range ends at its to")
        elif not (self.days or self.dates or self.from_ or self.to):
            raise ValueError("needs days, dates, from and to, or cron and duration")
        if self.from_ == "24:00" or (self.from_ or "00:00") == (self.to or "24:00"):
            raise ValueError("from and to leave no time between them")
        return self

    def _like_cron(self, text: str) -> None:
        cron.parse(text)
        if self.days or self.from_ or self.to:
            raise ValueError("cron has its own days and times: leave out days, from and to")
        if self.duration is None:
            raise ValueError("cron needs a duration: how long it is from each of its times")
        if seconds(self.duration) > LONGEST:
            raise ValueError("a window of cron lasts at most 31 days; name dates instead")


class WindowsGate(Model):
    """When an environment may be changed. Denied beats allowed; without `allow`, whatever is not
    denied is allowed. `rollback` and `hotfix` say whether these are held to it too."""

    time_zone: TimeZone
    allow: tuple[Window, ...] = ()
    deny: tuple[Window, ...] = ()
    rollback: Exemption = "held"
    hotfix: Exemption = "held"
