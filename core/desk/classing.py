"""What a contact is about, in one of the desk's own words."""

from __future__ import annotations

from core.desk.finding import Station, find_contact, find_person
from core.errors import NotFound, Refused
from core.models import CallClass
from core.models.states import Role


class Classing(Station):
    """Another class for a contact."""

    async def set_class(self, contact_id: int, name: str, *, login: str) -> None:
        """Give a contact this class; empty = none. Raises NotFound with the classes there are; Refused to an agent for
        a contact that somebody else has.
        """
        person = await find_person(login)
        row = await CallClass.get_or_none(name=name) if name else None
        if name and row is None:
            known = ", ".join(one.name for one in await CallClass.all().order_by("name")) or "none yet"
            raise NotFound(f"there is no class {name}; there are: {known}")
        async with self.database.transaction():
            contact = await find_contact(contact_id, locked=not self.database.is_sqlite)
            if person.role is Role.AGENT and contact.agent_id not in (None, person.id):
                raise Refused(f"contact {contact_id} is somebody else's: ask a supervisor to give it another class")
            if contact.call_class_id == (row.id if row is not None else None):
                return
            await self._change(contact_id, call_class_id=row.id if row is not None else None)
            await self._journal(person, "classed", contact_id, name or "no class")
