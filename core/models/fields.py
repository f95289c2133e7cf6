"""Column types of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import tortoise.models
from tortoise import fields

if TYPE_CHECKING:
    from tortoise.models import Model

# Every model imports this module first. Tortoise would read and parse each one's source for column comments, of which
# we have none: a fifth of a cold start.
tortoise.models._get_comments = lambda cls: {}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_moment(at: datetime) -> int:
    """An aware datetime as whole microseconds since 1970 in UTC: one form on every database, right in raw SQL."""
    return (at - _EPOCH) // _MICROSECOND


def from_moment(microseconds: int) -> datetime:
    """The aware UTC datetime that `to_moment` was given."""
    return _EPOCH + timedelta(microseconds=microseconds)


class MomentField(fields.Field[datetime], datetime):
    """A point in time: an aware UTC datetime in Python, microseconds since 1970 in a BIGINT column."""

    SQL_TYPE = "BIGINT"

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:
        """A datetime, or the raw microseconds as they are."""
        return to_moment(value) if isinstance(value, datetime) else value

    def to_python_value(self, value: Any) -> datetime | None:
        """Microseconds, or a datetime as it is."""
        return from_moment(value) if isinstance(value, int) else value
