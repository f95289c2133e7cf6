"""What a person does with calendars, variables and templates."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from textual import work

from core.errors import PostroomError
from core.reach import content, typed, wrong_to_read
from core.scripts.calendars import Hours, right_hours
from core.scripts.letters import fields_of_lists
from core.scripts.names import right_word
from core.scripts.templates import Wording
from core.scripts.values import typed_value
from core.views.calendars import CalendarRow, TemplateRow, VariableRow
from tui.dialogs import ConfirmDialog, TextDialog
from tui.dialogs.calendar_form import CalendarForm
from tui.dialogs.form import Field, Values
from tui.dialogs.plain_form import PlainForm
from tui.dialogs.template_form import TemplateForm, wording_of
from tui.screens.script_screen import ScriptScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.screens.script_columns import Shelved

Found = TypeVar("Found")
LARGEST = 5 * 2**20
"""Octets of a file of holidays."""


class ShelfVerbs(ScriptScreen[Found]):
    """Verbs of the shelf; whoever shows it says what is under the cursor."""

    @property
    def shelved(self) -> Shelved | None:
        """What is under the cursor of the shelf, while the keys go there."""
        raise NotImplementedError

    def make_shelved(self, kind: str) -> None:
        """A new calendar, variable or template."""
        {"calendar": self.calendar, "variable": self.variable, "template": self.template}[kind](None)

    def change_shelved(self, one: Shelved) -> None:
        """Change it."""
        match one.row:
            case CalendarRow() as row:
                self.calendar(row)
            case VariableRow() as row:
                self.variable(row)
            case TemplateRow() as row:
                self.template(row)

    # -- calendars ----------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def calendar(self, row: CalendarRow | None) -> None:
        """Opening hours."""
        await self.need_right()
        fields = [
            Field("name", "Name", "As scripts say it: calendars.NAME", "fixed" if row else "text"),
            Field("open", "Open", "One line each: mon-fri 09:00-17:30", "lines"),
            Field(
                "closed", "Exceptions", "One line each: 2026-12-25 Christmas Day, or 2026-12-24 09:00-12:00", "lines"
            ),
            Field("timezone", "Zone", "As Europe/London; empty: the desk's."),
        ]
        start = {"name": row.name, "open": "\n".join(row.open), "closed": "\n".join(row.closed),
                 "timezone": row.timezone} if row else {}  # fmt: skip
        form = CalendarForm(row.name if row else "A new calendar", [("Hours", fields)], start, _hours_wrong)
        said = await self.app.push_screen_wait(form)
        if said is None:
            return
        name, hours, verbs, login = (
            str(said.values["name"]),
            _hours(said.values),
            self.office.routing.calendars,
            self.login,
        )
        before = Hours(row.open, row.closed, row.timezone) if row else None

        async def change() -> None:
            if before is None:
                await verbs.add(name, hours, actor=login)
            else:
                await verbs.change(name, hours, actor=login)

        async def back() -> None:
            if before is None:
                await verbs.delete(name, actor=login)
            else:
                await verbs.change(name, before, actor=login)

        if said.then != "import":
            self.house.do(change, f"calendar {name} is set", back)
            return
        await change()
        await self._holidays(name)

    async def _holidays(self, name: str) -> None:
        verbs, login = self.office.routing.calendars, self.login
        path = await self.app.push_screen_wait(
            TextDialog(
                "Holidays", "An iCalendar file (.ics), as governments and calendars export it.", check=_file_wrong
            )
        )
        self.outdate()
        if not path:
            return
        holidays = await asyncio.to_thread(content, typed(path), LARGEST)
        found = await verbs.holidays(name, holidays)
        if not found.added:
            self.notify(f"{name} knows all {found.known} days of that file", markup=False)
            return
        shown = "\n".join(found.added[:12]) + (f"\nand {len(found.added) - 12} more" if len(found.added) > 12 else "")
        if await self.app.push_screen_wait(
            ConfirmDialog("Holidays", f"{name} would be closed on\n{shown}", f"Add {len(found.added)}")
        ):

            async def bring() -> None:
                await verbs.import_holidays(name, holidays, actor=login)

            async def back() -> None:
                await verbs.change(name, found.before, actor=login)

            self.house.do(bring, f"{len(found.added)} exceptions added to {name}", back)

    # -- variables ----------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def variable(self, row: VariableRow | None) -> None:
        """A value that all scripts read."""
        await self.need_right()
        fields = [
            Field("name", "Name", "As scripts say it: variables.NAME", "fixed" if row else "text"),
            Field("value", "Value", 'true, 12, ["a", "b"]; whatever is none of these is a text.'),
        ]
        start = {"name": row.name, "value": _typed(row.value)} if row else {}
        said = await self.app.push_screen_wait(
            PlainForm(row.name if row else "A new variable", [("Variable", fields)], start, _variable_wrong)
        )
        if said is None:
            return
        name, verbs, login = str(said.values["name"]), self.office.routing.variables, self.login

        async def change() -> None:
            await verbs.set(name, typed_value(str(said.values["value"])), actor=login)

        async def back() -> None:
            if row is None:
                await verbs.delete(name, actor=login)
            else:
                await verbs.set(name, row.value, actor=login)

        self.house.do(change, f"variables.{name} = {said.values['value']}", back)

    # -- templates ----------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def template(self, row: TemplateRow | None) -> None:
        """A text that scripts and campaigns send."""
        await self.need_right()
        said = await self.app.push_screen_wait(TemplateForm(row, await fields_of_lists(self.office.database)))
        if said is None:
            return
        name, verbs, login = str(said.values["name"]), self.office.routing.templates, self.login
        wording = wording_of(said.values)
        if row is not None and row.when_missing == "" and wording.when_missing is None:
            wording = replace(wording, when_missing="")  # an empty word, which only the command can give

        async def change() -> None:
            await verbs.set(name, wording, actor=login)

        async def back() -> None:
            if row is None:
                await verbs.delete(name, actor=login)
            else:
                before = Wording(row.channel, row.body, row.subject, row.when_missing, row.html)
                await verbs.set(name, before, actor=login)

        self.house.do(change, f"template {name} is set", back)

    # -- deleting -----------------------------------------------------------------------------------------------------

    def delete_shelved(self, one: Shelved) -> None:
        """Delete it, unless something uses it."""
        routing, login, name = self.office.routing, self.login, one.name
        kept: list[Callable[[], object]] = []

        async def delete() -> None:
            match one.row:
                case CalendarRow():
                    hours = await routing.calendars.delete(name, actor=login)
                    kept.append(lambda: routing.calendars.add(name, hours, actor=login))
                case VariableRow():
                    value = await routing.variables.delete(name, actor=login)
                    kept.append(lambda: routing.variables.set(name, value, actor=login))
                case TemplateRow():
                    wording = await routing.templates.delete(name, actor=login)
                    kept.append(lambda: routing.templates.set(name, wording, actor=login))

        async def back() -> None:
            await kept[0]()  # type: ignore[misc]

        self.house.do(delete, f"{one.what} {name} is deleted", back)


def _lines(text: object) -> tuple[str, ...]:
    return tuple(line.strip() for line in str(text).splitlines() if line.strip())


def _hours(values: Values) -> Hours:
    return Hours(_lines(values["open"]), _lines(values["closed"]), str(values["timezone"]))


def _typed(value: object) -> str:
    return value if isinstance(value, str) and typed_value(value) == value else json.dumps(value, ensure_ascii=False)


def _wrong(key: str, judge: Callable[[], object]) -> dict[str, str]:
    try:
        judge()
    except PostroomError as error:
        return {key: str(error)}
    return {}


def _hours_wrong(values: Values) -> dict[str, str]:
    found = _wrong("name", lambda: right_word(str(values["name"]), "calendar"))
    for key in ("open", "closed"):
        only = replace(Hours(), timezone=str(values["timezone"]), **{key: _lines(values[key])})
        found |= _wrong(key, lambda only=only: right_hours(only))  # type: ignore[misc]
    return found


def _variable_wrong(values: Values) -> dict[str, str]:
    return _wrong("name", lambda: right_word(str(values["name"]), "variable")) | _wrong(
        "value", lambda: typed_value(str(values["value"]))
    )


def _file_wrong(text: str) -> str:
    return wrong_to_read(typed(text)) if text else ""
