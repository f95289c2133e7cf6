"""Rows from values: the one place that knows which key of desk.toml stands in which column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import consent
from core.blueprint.campaigns import TABLES as CAMPAIGNS
from core.blueprint.campaigns import write_campaign
from core.blueprint.picture import Secret, whole_overrides
from core.blueprint.routing import columns_of, write_script
from core.models import (
    Account,
    AgentGroup,
    Calendar,
    CallClass,
    Campaign,
    CannedReply,
    Desk,
    Gateway,
    Mailbox,
    NotReadyReason,
    Outcome,
    OutgoingServer,
    Person,
    PersonSkill,
    Queue,
    Script,
    Template,
    Variable,
)
from core.secrets import sealed_overrides

if TYPE_CHECKING:
    from tortoise.models import Model

    from core.blueprint.picture import Values
    from core.scripts.turns import By
    from core.secrets import Vault
    from core.store import Database

_MODELS: dict[str, tuple[type[Model], str]] = {
    "class": (CallClass, "name"),
    "group": (AgentGroup, "name"),
    "outcome": (Outcome, "name"),
    "reason": (NotReadyReason, "name"),
    "canned": (CannedReply, "word"),
    "gateway": (Gateway, "name"),
    "queue": (Queue, "name"),
    "user": (Person, "login"),
    "calendar": (Calendar, "name"),
    "variable": (Variable, "name"),
    "template": (Template, "name"),
    "account": (Account, "address"),
}
_ALONE: dict[str, type[Model]] = {"desk": Desk, "outgoing_server": OutgoingServer}
_COLUMNS = {
    "service_level.percent": "service_percent",
    "service_level.seconds": "service_seconds",
    "imap.host": "imap_host",
    "imap.port": "imap_port",
    "imap.security": "imap_security",
    "imap.ca_file": "imap_ca_file",
    "imap.folder": "imap_folder",
    "imap.after_fetch": "after_fetch",
    "imap.poll_seconds": "poll_seconds",
    "imap.size_limit": "size_limit",
    "capacity.sms": "capacity_sms",
    "capacity.email": "capacity_email",
    "password": "secret",
    "settings": "script_settings",
}
_REFERENCES: dict[str, tuple[str, type[Model]]] = {
    "gateway": ("gateway_id", Gateway),
    "queue": ("queue_id", Queue),
    "script": ("script_id", Script),
    "inbound_class": ("inbound_class_id", CallClass),
    "outbound_class": ("outbound_class_id", CallClass),
}
_APART = frozenset({"groups", "skills"})
"""Keys that stand in tables of their own."""
_ANOTHER_MAILBOX = frozenset({"imap.host", "imap.folder", "user"})


class Writer:
    """Writes things in the caller's transaction; references must have been written before."""

    def __init__(self, database: Database, vault: Vault, by: By) -> None:
        self._by = by
        self._database = database
        self._vault = vault

    async def write(self, table: str, name: str, values: Values, *, new: bool) -> None:
        """Add a thing with all its values, or change some values of one."""
        if await self._written_apart(table, name, values, new=new):
            return
        columns: dict[str, Any] = {}
        values = columns_of(table, values)
        for key, value in values.items():
            if isinstance(value, Secret) and table == "user":
                columns[key] = value.text  # a hash: there is nothing left to seal
            elif table == "account" and key in _REFERENCES:
                column, model = _REFERENCES[key]
                columns[column] = (await model.get(name=value)).pk if value else None
            elif key not in _APART:
                columns[_COLUMNS.get(key, key)] = self._vault.seal(value.text) if isinstance(value, Secret) else value
        await _put(table, name, columns, new=new)
        if "groups" in values:
            await _join(table, name, values["groups"])
        if "skills" in values:
            await _skilled(name, values["skills"])
        if table == "account":
            await self._settle_mailbox(name, values, new=new)

    async def _written_apart(self, table: str, name: str, values: Values, *, new: bool) -> bool:
        """Write what has its own ways; False for what has not."""
        if table == "gateway":
            overrides = sealed_overrides(whole_overrides(values), self._vault)
            await _put(table, name, {"dialect": values["dialect"], "overrides": overrides}, new=new)
        elif table == "script":
            await write_script(self._by, name, values, new=new)
        elif table in CAMPAIGNS:
            await write_campaign(table, name, values, new=new)
            if not new and "quiet_hours" in values:
                campaign = await Campaign.get(name=name)
                await consent.hours_changed(self._database, campaign.id, self._by.at)
        else:
            return False
        return True

    async def _settle_mailbox(self, address: str, values: Values, *, new: bool) -> None:
        account = await Account.get(address=address)
        if new:
            await Mailbox.create(account_id=account.id)
        elif _ANOTHER_MAILBOX & values.keys():
            # Another server may give its mails the UIDVALIDITY and UIDs that the old one gave (1, and 1, 2, 3 are
            # common): the ledger's lines move aside, below zero where no server's are, so that nothing there is
            # taken for fetched.
            await self._database.rows(
                "UPDATE mail SET uidvalidity = -id, gone = TRUE WHERE account_id = ? AND uidvalidity >= 0", account.id
            )
            await Mailbox.filter(account_id=account.id).update(uidvalidity=0)


async def _put(table: str, name: str, columns: dict[str, Any], *, new: bool) -> None:
    identity: dict[str, Any] = {"id": 1}
    if table in _ALONE:
        model = _ALONE[table]
    else:
        model, key = _MODELS[table]
        identity = {key: name}
    if new:
        await model.create(**identity, **columns)
    elif columns:
        await model.filter(**identity).update(**columns)


async def _join(table: str, name: str, names: object) -> None:
    model, key = _MODELS[table]
    identity: dict[str, Any] = {key: name}
    row = await model.get(**identity)
    groups = await AgentGroup.filter(name__in=list(names))  # type: ignore[call-overload]
    await row.groups.clear()  # type: ignore[attr-defined]
    await row.groups.add(*groups)  # type: ignore[attr-defined]


async def _skilled(login: str, skills: object) -> None:
    person = await Person.get(login=login)
    await PersonSkill.filter(person_id=person.id).delete()
    await PersonSkill.bulk_create(
        [PersonSkill(person_id=person.id, skill=skill, level=level) for skill, level in skills.items()]  # type: ignore[attr-defined]
    )
