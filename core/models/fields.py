"""Column types of our own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import tortoise.models
from tortoise import fields

from core.clock import from_moment, to_moment

__all__ = ["MomentField", "from_moment", "to_moment"]

if TYPE_CHECKING:
    from tortoise.models import Model

# Every model imports this module first. Tortoise would read and parse each one's source for column comments, of which
# we have none: a fifth of a cold start.
tortoise.models._get_comments = lambda cls: {}


class MomentField(fields.Field[datetime], datetime):
    """A point in time: an aware UTC datetime in Python, microseconds since 1970 in a BIGINT column."""

    SQL_TYPE = "BIGINT"

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:
        """A datetime, or the raw microseconds as they are."""
        return to_moment(value) if isinstance(value, datetime) else value

    def to_python_value(self, value: Any) -> datetime | None:
        """Microseconds, or a datetime as it is."""
        return from_moment(value) if isinstance(value, int) else value
