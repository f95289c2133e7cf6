"""Setting accounts up and down, beside what desk.toml says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import journal, roles
from core.errors import NotFound, Refused
from core.models import Account, Gateway
from core.models.fields import to_moment
from core.secrets import WrongKey, forget_secrets, open_vault
from core.store import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.settings import Settings
    from core.store import Database


@dataclass(frozen=True, slots=True)
class Ties:
    """What hangs on an account and goes with it."""

    mails: int
    contacts: int
    unclosed: int
    """Of those contacts."""
    messages: int
    unsent: int
    """Messages that have not left."""

    @property
    def words(self) -> str:
        """`12 contacts (3 not closed), 40 messages (1 not sent yet) and the record of 29 mails`."""
        return (
            f"{self.contacts:,} contacts ({self.unclosed:,} not closed), {self.messages:,} messages"
            f" ({self.unsent:,} not sent yet) and the record of {self.mails:,} mails"
        )


@dataclass(frozen=True, slots=True)
class Preset:
    """A dialect that comes with Postroom."""

    name: str
    description: str
    secrets: tuple[str, ...]
    """Names of what it needs that nobody may see."""
    values: tuple[str, ...]
    """Names of what else it needs."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The mail that a gateway would be sent for one text."""

    number: str
    """As a person writes it."""
    text: str
    recipient: str
    sender_name: str
    subject: str
    headers: tuple[tuple[str, str], ...]
    body: str


SAMPLE_TEXT = "Your parcel comes on Friday."
_HIDDEN = "(secret)"


async def set_enabled(database: Database, address: str, enabled: bool, *, actor: str) -> bool:
    """Take an account's mailbox up or leave it alone; False when it was so already. Raises NotFound, Refused.

    What waits in the outbox leaves all the same, and contacts can still be answered.
    """
    async with database.transaction():
        await roles.supervisor_only(database, actor, roles.SET_UP)
        account = await _account(address)
        changed = await Account.filter(id=account.id, enabled=not enabled).update(enabled=enabled)
        if changed:
            verb = "enable" if enabled else "disable"
            await journal.append(actor=actor, verb=verb, kind="account", thing_id=account.id, text=account.address)
    return bool(changed)


async def set_debug(database: Database, address: str, debug: bool, *, actor: str) -> bool:
    """Write a line of each mail of an account into the journal, or no longer; False when it was so already.

    Raises NotFound, Refused.
    """
    async with database.transaction():
        await roles.supervisor_only(database, actor, roles.SET_UP)
        account = await _account(address)
        changed = await Account.filter(id=account.id, debug=not debug).update(debug=debug)
        if changed:
            words = f"debug {'on' if debug else 'off'}"
            await journal.append(actor=actor, verb=words, kind="account", thing_id=account.id, text=account.address)
    return bool(changed)


async def give_up_key(settings: Settings, *, actor: str) -> None:
    """For a desk whose key is lost: forget every password, so that it takes the key that is there, or a new one.

    Raises Refused when the key is there and right.
    """
    async with opened(settings) as database:
        try:
            await open_vault(database, settings)
        except WrongKey:
            async with database.transaction():
                await forget_secrets(database)
                text = "every stored password was forgotten, since the key to them is lost"
                await journal.append(actor=actor, verb="forget", kind="desk", thing_id=1, text=text)
            return
    raise Refused("the key to this desk's passwords is there and right: leave --new-key out")


async def ties_of(database: Database, address: str) -> Ties:
    """What would be deleted with an account. Raises NotFound."""
    account = await _account(address)
    rows = await database.read(
        "SELECT (SELECT count(*) FROM mail WHERE account_id = a.id) AS mails,"
        " (SELECT count(*) FROM contact WHERE account_id = a.id) AS contacts,"
        " (SELECT count(*) FROM contact WHERE account_id = a.id AND state <> 'closed') AS unclosed,"
        " (SELECT count(*) FROM message WHERE account_id = a.id) AS messages,"
        " (SELECT count(*) FROM outbox WHERE account_id = a.id AND state IN ('queued', 'sending', 'unknown')) AS unsent"
        " FROM account a WHERE a.id = ?",
        account.id,
    )
    return Ties(**rows[0])


async def delete_account(database: Database, address: str, now: datetime, *, actor: str) -> None:
    """Delete an account that is disabled, with all that hangs on it; its mails on the server stay.

    Raises NotFound; Refused while it is enabled, while an engine holds its mailbox, while a message is leaving, where
    campaigns send as it or broadcasts were sent, and to an agent.
    """
    async with database.transaction():
        await roles.supervisor_only(database, actor, roles.SET_UP)
        account = await _account(address)
        if account.enabled:
            raise Refused(f"account {address} is enabled: disable it first")
        await _no_sender(database, account)
        await _let_go(database, account, now)
        ties = await ties_of(database, address)
        contacts = "SELECT id FROM contact WHERE account_id = ?"
        messages = f"SELECT id FROM message WHERE account_id = ? OR contact_id IN ({contacts})"
        await database.rows(f"DELETE FROM outbox WHERE message_id IN ({messages})", account.id, account.id)
        await database.rows(f"DELETE FROM message WHERE account_id = ? OR contact_id IN ({contacts})",
                            account.id, account.id)  # fmt: skip
        for table in ("contact", "mail"):
            await database.rows(f"DELETE FROM {table} WHERE account_id = ?", account.id)
        await Account.filter(id=account.id).delete()
        text = f"{account.address}, with {ties.words}"
        await journal.append(actor=actor, verb="delete", kind="account", thing_id=account.id, text=text, at=now)


async def _no_sender(database: Database, account: Account) -> None:
    """No campaign may lose whom it writes as, and no broadcast's ledger the account that it was sent as."""
    campaigns = await database.rows(
        "SELECT name FROM campaign WHERE sms_account_id = ? OR email_account_id = ? ORDER BY name LIMIT 5",
        account.id, account.id,
    )  # fmt: skip
    if campaigns:
        named = ", ".join(row["name"] for row in campaigns)
        raise Refused(f"the campaigns {named} send as {account.address}: give those another account first")
    broadcasts = await database.rows(
        "SELECT name FROM broadcast WHERE account_id = ? ORDER BY id DESC LIMIT 5", account.id
    )
    if broadcasts:
        named = ", ".join(row["name"] for row in broadcasts)
        raise Refused(f"broadcasts were sent as {account.address} ({named}), and say so still: leave it disabled")


async def _let_go(database: Database, account: Account, now: datetime) -> None:
    """Nobody may be at work with it: an engine would find its rows gone in the middle of its work."""
    held = await database.rows(
        "SELECT 1 FROM lease WHERE name = ? AND until >= ?", f"mailbox:{account.id}", to_moment(now)
    )
    leaving = await database.rows(
        "SELECT 1 FROM outbox WHERE account_id = ? AND state = 'sending' LIMIT 1", account.id
    )  # fmt: skip
    if held or leaving:
        raise Refused(f"the engine is still at work with {account.address}: try again in a few seconds")


async def delete_gateway(database: Database, name: str, *, actor: str) -> None:
    """Delete a gateway. Raises NotFound; Refused with the accounts that use it, and to an agent."""
    async with database.transaction():
        await roles.supervisor_only(database, actor, roles.SET_UP)
        gateway = await Gateway.get_or_none(name=name)
        if gateway is None:
            raise NotFound(f"there is no gateway {name}")
        users = [account.address for account in await Account.filter(gateway_id=gateway.id).order_by("address")]
        if users:
            raise Refused(f"gateway {name} is used by {', '.join(users[:5])}: give those another one first")
        await gateway.delete()
        await journal.append(actor=actor, verb="delete", kind="gateway", thing_id=gateway.id, text=name)


def gateway_presets() -> list[Preset]:
    """Every dialect that comes with Postroom."""
    from core.gateway.dialects import presets

    return [Preset(name, d.description, tuple(d.secrets), tuple(d.values)) for name, d in presets().items()]


def gateway_sample(
    dialect_name: str, overrides: Mapping[str, object], *, secrets: Mapping[str, bool], region: str
) -> Sample:
    """The mail that would be sent for one text; no secret is in it, only whether it is set (name -> set).

    Raises Wrong for what the dialect cannot do, in the words that sending it would say.
    """
    from core.gateway.dialects import dialect, write_text

    hidden = {name: _HIDDEN if known else "" for name, known in secrets.items()}
    found = dialect(dialect_name, {**overrides, **({"secrets": hidden} if hidden else {})}, where="gateway")
    shown, number = _sample_number(region)
    text = write_text(
        found,
        number=number,
        text=SAMPLE_TEXT,
        account="texts@desk.example",
        reference="the-message-id",
        region=region,
    )
    return Sample(shown, SAMPLE_TEXT, text.recipient, text.sender_name, text.subject, text.headers, text.body)


def _sample_number(region: str) -> tuple[str, str]:
    """A number that nobody has where we know one, as people there write it and as E.164."""
    import phonenumbers as pn

    if region == "GB":  # Ofcom keeps 07700 900000 to 900999 for drama
        return "07700 900123", "+447700900123"
    example = pn.example_number_for_type(region, pn.PhoneNumberType.MOBILE) or pn.example_number_for_type(
        "GB", pn.PhoneNumberType.MOBILE
    )
    assert example is not None
    return (
        pn.format_number(example, pn.PhoneNumberFormat.NATIONAL),
        pn.format_number(example, pn.PhoneNumberFormat.E164),
    )


async def _account(address: str) -> Account:
    account = await Account.get_or_none(address=address.lower())
    if account is None:
        raise NotFound(f"there is no account {address}: `postroom account list` names them")
    return account
