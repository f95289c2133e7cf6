"""Scripts, calendars, variables and templates in a desk.toml: their pictures, and what of a script is to be written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.models import Calendar, Script, ScriptVersion, Template, Variable
from core.routing.names import DeskNames
from core.routing.problem import Severity
from core.routing.program import Program
from core.routing.values import dumped
from core.scripts import rows
from core.scripts.checking import lacks_route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.blueprint.picture import Picture, Values
    from core.blueprint.reading import Blueprint
    from core.routing.problem import Problem
    from core.routing.sandbox import Sandbox
    from core.scripts.turns import By

TABLES = ("calendar", "variable", "template", "script")
NEWEST = "newest"
"""Key of a script's picture that no file has: the source of its newest version."""


class Json(str):
    """A value as canonical JSON: unlike the values themselves, 1, 1.0 and true differ."""

    __slots__ = ()

    @property
    def value(self) -> object:
        """The value it stands for."""
        return json.loads(self)


# -- pictures ------------------------------------------------------------------------------------------------------


async def stored_routing() -> Picture:
    """The four tables as they are stored, in the caller's transaction."""
    picture: Picture = {table: {} for table in TABLES}
    for calendar in await Calendar.all().order_by("id"):
        picture["calendar"][calendar.name] = {
            "timezone": calendar.timezone,
            "open": tuple(json.loads(calendar.open)),
            "closed": tuple(json.loads(calendar.closed)),
        }
    for variable in await Variable.all().order_by("id"):
        picture["variable"][variable.name] = {"value": Json(variable.value)}
    for template in await Template.all().order_by("id"):
        picture["template"][template.name] = {
            "channel": template.channel.value, "subject": template.subject, "body": template.body,
            "html": template.html, "when_missing": template.when_missing,
        }  # fmt: skip
    for script in await Script.all().order_by("id"):
        picture["script"][script.name] = await _script(script)
    return picture


async def _script(script: Script) -> Values:
    newest = await ScriptVersion.filter(script_id=script.id).order_by("-number").first()
    leading = await rows.leading(script)
    return {
        "description": script.description,
        "source": leading.source if leading else "",
        "active": script.active is not None,
        NEWEST: newest.source if newest else "",
    }


def wanted_routing(table: str, name: str, values: Values, blueprint: Blueprint) -> Values:
    """What a file wants of one thing, as the picture has it."""
    texts = {key: text for (of, whose, key), text in blueprint.texts.items() if (of, whose) == (table, name)}
    values = {key: value for key, value in values.items() if key not in ("file", "html_file")}
    if table == "variable" and "value" in values:
        return {"value": Json(dumped(values["value"]))}
    if table == "template":
        return values | ({"html": ""} if "html" in values else {}) | texts
    if table == "script":
        values.pop("source", None)
        return values | texts
    return values


def columns_of(table: str, values: Values) -> dict[str, object]:
    """The columns of a calendar's, variable's or template's values."""
    return {key: dumped(value) if table == "calendar" and key in ("open", "closed") else value
            for key, value in values.items()}  # fmt: skip


# -- scripts -------------------------------------------------------------------------------------------------------


def script_fields(old: Values | None, wanted: Values, wrong: str) -> Values:
    """What of a script is to be written; `wrong` says why its source cannot be activated, empty when it can."""
    if old is None:
        return {**wanted, "active": bool(wanted["active"]) and not wrong}
    fields = {key: value for key, value in wanted.items() if key == "description" and value != old[key]}
    source = wanted.get("source")
    if not wanted.get("active", old["active"] or source is not None):
        if source is not None and source != old[NEWEST]:
            fields["source"] = source
        return fields | ({"active": False} if old["active"] else {})
    target = old["source"] if source is None else source
    if old["active"] and target == old["source"]:
        return fields
    if wrong:
        return fields | ({"source": target} if target != old[NEWEST] else {})
    return fields | ({"source": target} if target != old["source"] else {}) | {"active": True}


async def write_script(by: By, name: str, fields: Values, *, new: bool) -> None:
    """Write those fields; a source that is not the newest version's becomes a version."""
    if new:
        script = await rows.add_script(by, name, str(fields.get("description", "")))
    else:
        script = await rows.script_named(name)
        if "description" in fields:
            await Script.filter(id=script.id).update(description=fields["description"])
    leading = await rows.leading(script)
    number = leading.number if leading else None
    if "source" in fields:
        newest = next(iter(await rows.versions_of(script)), None)
        same = newest is not None and newest.source == fields["source"]
        number = newest.number if newest and same else await rows.add_version(by, script, str(fields["source"]), "")
    if "active" in fields and (number if fields["active"] else None) != script.active:
        await rows.make_active(by, script, number if fields["active"] else None)


async def wrong_scripts(stored: Picture, wanted: Picture, after: Picture, sandbox: Sandbox) -> dict[str, str]:
    """The scripts whose source cannot be activated, each with the first reason; judged by the desk as it will be."""
    found: dict[str, str] = {}
    for name, values in wanted["script"].items():
        old = stored["script"].get(name)
        if not values.get("active", True) or "active" not in script_fields(old, values, ""):
            continue
        source = str(after["script"][name]["source"])
        sources = {other: str(one["source"]) for other, one in after["script"].items() if one["active"]}
        problem = await _first_error(Program(name, {**sources, name: source}), after, sandbox)
        if problem is not None:
            found[name] = f"line {problem.line}: {problem.message}"
    return found


async def _first_error(program: Program, after: Picture, sandbox: Sandbox) -> Problem | None:
    users = [_settings(account) for account in after["account"].values() if account["script"] == program.entry]
    for settings in users or [{}]:
        for problem in await sandbox.check(program, _names(after, settings)):
            if problem.severity is Severity.ERROR and (users or not lacks_route(problem)):
                return problem
    return None


def _settings(account: Values) -> Mapping[str, object]:
    return dict(json.loads(str(account["settings"])))


def _names(after: Picture, settings: Mapping[str, object]) -> DeskNames:
    return DeskNames(
        queues=frozenset(after["queue"]),
        classes=frozenset(after["class"]),
        templates=frozenset(after["template"]),
        users=frozenset(after["user"]),
        calendars=frozenset(after["calendar"]),
        variables={name: json.loads(str(values["value"])) for name, values in after["variable"].items()},
        settings=settings,  # type: ignore[arg-type]
    )
