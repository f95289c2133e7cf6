"""A picture: what a desk is made of, as plain values under the keys of desk.toml.

One is taken of the database and one of a file; `apply` writes the difference, `export` writes the first one down.
A picture is table -> name -> key -> value, with keys of an inline table as `imap.host`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.blueprint.campaigns import TABLES as CAMPAIGNS
from core.blueprint.campaigns import say_of_campaigns, stored_campaigns
from core.blueprint.document import PASSWORD_KEYS, Table
from core.blueprint.reading import overrides_of
from core.blueprint.routing import TABLES as ROUTING
from core.blueprint.routing import Json, stored_routing, wanted_routing
from core.models import (
    Account,
    AgentGroup,
    CallClass,
    CannedReply,
    Desk,
    Gateway,
    NotReadyReason,
    Outcome,
    OutgoingServer,
    Person,
    PersonSkill,
    Queue,
)
from core.routing.values import dumped
from core.secrets import opened_overrides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.blueprint.document import AccountTable, GatewayTable, OutgoingServerTable
    from core.blueprint.reading import Blueprint
    from core.secrets import Vault

Values = dict[str, object]
Picture = dict[str, dict[str, Values]]

TABLES = (
    "desk", "outgoing_server", "class", "group", "outcome", "reason", "canned", "gateway", "queue", "user", *ROUTING,
    "account", *CAMPAIGNS,
)  # fmt: skip
"""In an order in which each one's references come before it."""
_NAMES = frozenset({"name", "login", "address", "word"})


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that may be compared and sealed, and shown to nobody."""

    text: str = field(repr=False)

    def __str__(self) -> str:
        return "(secret)" if self.text else ""


# -- of the database -----------------------------------------------------------------------------------------------


async def picture_of_database(vault: Vault | None) -> Picture:
    """The desk as it is stored. Without a vault its secrets are left out, their names with an empty value.

    Reads in the caller's transaction if there is one. Raises WrongKey.
    """
    picture: Picture = {table: {} for table in TABLES}
    for desk in await Desk.filter(id=1):
        picture["desk"][""] = {
            "name": desk.name,
            "region": desk.region,
            "timezone": desk.timezone,
            "grace_seconds": desk.grace_seconds,
            "missed_offers": desk.missed_offers,
        }
    for server in await OutgoingServer.filter(id=1):
        picture["outgoing_server"][""] = _server(server, vault)
    for call_class in await CallClass.all().order_by("id"):
        picture["class"][call_class.name] = {}
    for group in await AgentGroup.all().order_by("id"):
        picture["group"][group.name] = {}
    await _lists(picture)
    for gateway in await Gateway.all().order_by("id"):
        picture["gateway"][gateway.name] = _gateway(gateway, vault)
    for queue in await Queue.all().order_by("id").prefetch_related("groups"):
        picture["queue"][queue.name] = {
            "groups": _sorted(group.name for group in queue.groups),
            "service_level.percent": queue.service_percent,
            "service_level.seconds": queue.service_seconds,
            "offer_seconds": queue.offer_seconds,
            "wrap_up_seconds": queue.wrap_up_seconds,
            "sharing": queue.sharing.value,
            "last_agent_seconds": queue.last_agent_seconds,
        }
    for person in await Person.all().order_by("id").prefetch_related("groups", "skills"):
        picture["user"][person.login] = _user(person, vault)
    picture |= await stored_routing()
    related = ("gateway", "queue", "script", "inbound_class", "outbound_class")
    for account in await Account.all().order_by("id").select_related(*related):
        picture["account"][account.address] = _account(account, vault)
    return picture | await stored_campaigns()


async def _lists(picture: Picture) -> None:
    """What people choose from."""
    for outcome in await Outcome.all().order_by("id"):
        picture["outcome"][outcome.name] = {"contact": outcome.contact}
    for reason in await NotReadyReason.all().order_by("id"):
        picture["reason"][reason.name] = {}
    for canned in await CannedReply.all().order_by("id"):
        picture["canned"][canned.word] = {"channel": canned.channel, "text": canned.text}


def _user(person: Person, vault: Vault | None) -> Values:
    values: Values = {
        "name": person.name,
        "role": person.role.value,
        "groups": _sorted(group.name for group in person.groups),
        "skills": {one.skill: one.level for one in sorted(person.skills, key=_skill)},  # type: ignore[attr-defined]
        "capacity.sms": person.capacity_sms,
        "capacity.email": person.capacity_email,
        "auto_accept": person.auto_accept,
    }
    return values if vault is None else values | {"password": Secret(person.password)}


def _skill(one: PersonSkill) -> str:
    return one.skill


def _sorted(names: object) -> tuple[str, ...]:
    return tuple(sorted(set(names)))  # type: ignore[call-overload]


def _login(row: Account | OutgoingServer, vault: Vault | None) -> Values:
    values: Values = {"user": row.user}
    if vault is not None:
        values["password"] = Secret(vault.unseal(row.secret))
    return values | {"password_command": row.password_command, "token_command": row.token_command}


def _server(row: OutgoingServer, vault: Vault | None) -> Values:
    return {
        "host": row.host,
        "port": row.port,
        "security": row.security.value,
        **_login(row, vault),
        "ca_file": row.ca_file,
        "connections": row.connections,
        "rate_per_minute": row.rate_per_minute,
    }


def _gateway(row: Gateway, vault: Vault | None) -> Values:
    if vault is not None:
        return {"dialect": row.dialect, **_flat_overrides(opened_overrides(row.overrides, vault))}
    values = {"dialect": row.dialect, **_flat_overrides(row.overrides)}
    return {key: Secret("") if isinstance(value, Secret) else value for key, value in values.items()}


def _account(row: Account, vault: Vault | None) -> Values:
    return {
        "kind": row.kind.value,
        "description": row.description,
        "enabled": row.enabled,
        **_login(row, vault),
        "gateway": row.gateway.name if row.gateway else "",
        "queue": row.queue.name,
        "script": row.script.name if row.script else "",
        "settings": Json(row.script_settings),
        "inbound_class": row.inbound_class.name if row.inbound_class else "",
        "outbound_class": row.outbound_class.name if row.outbound_class else "",
        "receipt_reply": row.receipt_reply,
        "debug": row.debug,
        "imap.host": row.imap_host,
        "imap.port": row.imap_port,
        "imap.security": row.imap_security.value,
        "imap.ca_file": row.imap_ca_file,
        "imap.folder": row.imap_folder,
        "imap.after_fetch": row.after_fetch,
        "imap.poll_seconds": row.poll_seconds,
        "imap.size_limit": row.size_limit,
    }


# -- of a file -----------------------------------------------------------------------------------------------------


def picture_of_file(blueprint: Blueprint, stored: Picture, hashes: Mapping[str, str] | None = None) -> Picture:
    """What the file wants: all values of a thing that is not stored yet, else only those that the file names.

    `hashes`: what is kept of the passwords of users, by login (`core.blueprint.people`).
    """
    document = blueprint.document
    picture: Picture = {table: {} for table in TABLES}
    for table in TABLES:
        found = getattr(document, f"{table}_" if table in ("class", "list") else table)
        for entry in found if isinstance(found, list) else [found] if found else []:
            name = "" if table in ("desk", "outgoing_server") else _name_of(entry)
            new = name not in stored[table]
            values = _flat(entry, everything=new, keep_name=table in ("desk", "user"))
            if table == "gateway":
                values = _wanted_gateway(entry, stored["gateway"].get(name, {}))
            elif table in ROUTING:
                values = wanted_routing(table, name, values, blueprint)
            elif table == "user":
                _complete_user(values, name, hashes or {}, new)
            elif table in ("account", "outgoing_server"):
                _complete_login(values, entry, name, new, blueprint)
                values.pop("campaigns", None)
                if "settings" in values:
                    values["settings"] = Json(dumped(values["settings"]))
            picture[table][name] = values
    say_of_campaigns(document, stored, picture)
    return picture


def _name_of(entry: Table) -> str:
    for key in ("address", "login", "word", "name"):
        if key in type(entry).model_fields:
            return str(getattr(entry, key))
    raise TypeError(f"{type(entry).__name__} has no name")


def _flat(entry: Table, *, everything: bool, keep_name: bool, prefix: str = "") -> Values:
    """The entry's values by flat key: all of them, or those that stand in the file."""
    values: Values = {}
    for name, info in type(entry).model_fields.items():
        key, value = prefix + (info.alias or name), getattr(entry, name)
        if (not everything and name not in entry.model_fields_set) or name in PASSWORD_KEYS:
            continue
        if not prefix and name in _NAMES and not (keep_name and name == "name"):
            continue
        if isinstance(value, Table):
            values |= _flat(value, everything=everything, keep_name=True, prefix=f"{key}.")
        else:
            values[key] = _ordered(key, value) if isinstance(value, list) else value
    return values


def _ordered(key: str, value: list[str]) -> tuple[str, ...]:
    return _sorted(value) if key == "groups" else tuple(value)


def _complete_user(values: Values, login: str, hashes: Mapping[str, str], new: bool) -> None:
    if login in hashes or new:
        values["password"] = Secret(hashes.get(login, ""))
    if "skills" in values:
        values["skills"] = dict(sorted(values["skills"].items()))  # type: ignore[attr-defined]


def _complete_login(
    values: Values, entry: AccountTable | OutgoingServerTable, name: str, new: bool, blueprint: Blueprint
) -> None:
    given = blueprint.logins.get(name)
    if given is not None:
        values["password"] = Secret(given.password)
        values["password_command"] = given.password_command
        values["token_command"] = given.token_command
    elif new:
        values |= {"password": Secret(""), "password_command": "", "token_command": ""}
    if name and not values.get("user", name):
        values["user"] = name  # most providers take the address for the user
    for key in ("ca_file", "imap.ca_file"):
        if key in values:
            values[key] = blueprint.path(str(values[key]))


def _wanted_gateway(entry: GatewayTable, stored: Values) -> Values:
    """A gateway is taken whole, since a key left out means the dialect's own; only secrets may be left unsaid."""
    values = {"dialect": entry.dialect, **_flat_overrides(overrides_of(entry))}
    for key, value in stored.items():
        if isinstance(value, Secret) and not _said(values.get(key)):
            values[key] = value
        elif key not in values:
            values[key] = None
    return values


def _said(value: object) -> bool:
    return isinstance(value, Secret) and bool(value.text)


def _flat_overrides(overrides: Mapping[str, object]) -> Values:
    """A gateway's overrides with each of its secrets under a key of its own."""
    values = dict(overrides)
    table = values.get("secrets")
    if isinstance(table, dict) and all(isinstance(text, str) for text in table.values()):
        del values["secrets"]
        values |= {f"secrets.{name}": Secret(text) for name, text in table.items()}
    return values


def whole_overrides(values: Mapping[str, object]) -> dict[str, object]:
    """The overrides of a gateway's values as the dialect wants them; the inverse of taking the picture."""
    overrides: dict[str, object] = {}
    secrets: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, Secret):
            secrets[key.removeprefix("secrets.")] = value.text
        elif key != "dialect" and value is not None:
            overrides[key] = value
    return overrides | ({"secrets": secrets} if secrets else {})
