"""desk.toml as pydantic models: every table, every key, what each may hold; in words in docs/desk-toml.md."""

# Annotations are read at run time here (pydantic), so this file does not postpone them.

import re
import shlex
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from core.blueprint.hints import did_you_mean
from core.text import harmless

PASSWORD_KEYS = ("password", "password_env", "password_file", "password_command", "token_command")
"""At most one of these says how a login is proved."""

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""Our own addresses stay in ASCII: beyond it every server on the way must know SMTPUTF8, and many do not."""
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")
_AFTER_FETCH = re.compile(r"keep|seen|delete|move:.+")


def _one_line(text: str) -> str:
    if harmless(text, lines=False) != text or "\u2028" in text or "\u2029" in text:
        raise ValueError("must be one line without control characters")
    return text


def _lines(text: str) -> str:
    if harmless(text) != text:
        raise ValueError("must be text without control characters")
    return text


def _name(text: str) -> str:
    if not text or text != text.strip():
        raise ValueError("must be a name that neither begins nor ends with a space")
    return text


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("must be an e-mail address such as texts@desk.example")
    return text.lower()


def _login(text: str) -> str:
    if not _LOGIN.fullmatch(text):
        raise ValueError("must be letters, digits and . _ @ + -, and begin with a letter or a digit")
    return text


def _region(text: str) -> str:
    from phonenumbers import SUPPORTED_REGIONS  # takes a tenth of a second, and most files are read without it

    if text not in SUPPORTED_REGIONS:
        raise ValueError("must be a country's two capital letters, such as GB")
    return text


def _timezone(text: str) -> str:
    zones = available_timezones()
    if text not in zones:
        raise ValueError(f"must be a time zone such as Europe/London{did_you_mean(text, zones)}")
    return text


def _after_fetch(text: str) -> str:
    if not _AFTER_FETCH.fullmatch(text):
        raise ValueError('must be "keep", "seen", "delete" or "move:FOLDER"')
    return text


def _host(text: str) -> str:
    if not text or any(character.isspace() or character in "/@" for character in text):
        raise ValueError("must be the name or the address of a host, such as mail.example")
    return text


def _command(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("must be a command whose quotes are closed") from None
    if text and not words:
        raise ValueError("must be a command")
    return text


Line = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]
Name = Annotated[str, Field(max_length=100), AfterValidator(_one_line), AfterValidator(_name)]
Path = Annotated[str, Field(max_length=1000), AfterValidator(_one_line)]
Command = Annotated[str, Field(max_length=4000), AfterValidator(_one_line), AfterValidator(_command)]
Host = Annotated[str, Field(max_length=255), AfterValidator(_one_line), AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Security = Literal["none", "starttls", "tls"]


class Table(BaseModel):
    """One table of the file. Values are taken as they are written: "993" is no port."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class WithLogin(Table):
    """A table with a user and one way to prove who that is."""

    user: Annotated[str, Field(max_length=255), AfterValidator(_one_line)] = ""
    password: SecretStr | None = None
    password_env: Name | None = None
    password_file: Path | None = None
    password_command: Command | None = None
    token_command: Command | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [key for key in PASSWORD_KEYS if getattr(self, key)]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are all given; say one of them")
        if self.password and any(mark in self.password.get_secret_value() for mark in "\r\n"):
            raise ValueError("password holds a line break")
        return self


class DeskTable(Table):
    """The desk itself."""

    name: Line = ""
    region: Annotated[str, AfterValidator(_region)] = "GB"
    timezone: Annotated[str, AfterValidator(_timezone)] = "Europe/London"


class OutgoingServerTable(WithLogin):
    """The one SMTP server that all accounts share."""

    host: Host
    port: Port
    security: Security
    ca_file: Path = ""
    connections: Annotated[int, Field(ge=1, le=64)] = 4
    rate_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class GatewayTable(Table):
    """An SMS provider; every other key overrides its dialect's."""

    model_config = ConfigDict(extra="allow")

    name: Name
    dialect: Line = "plain"

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Without what may be secret."""
        return [("name", self.name), ("dialect", self.dialect)]


class NamedTable(Table):
    """A call class or a group, which are a name."""

    name: Name


class ServiceLevelTable(Table):
    """How many percent of the contacts shall be taken within so many seconds."""

    percent: Annotated[int, Field(ge=0, le=100)] = 80
    seconds: Annotated[int, Field(ge=0, le=604_800)] = 120


class QueueTable(Table):
    """Where contacts wait, and the groups that serve it."""

    name: Name
    groups: list[Name] = []
    service_level: ServiceLevelTable = ServiceLevelTable()
    offer_seconds: Annotated[int, Field(ge=1, le=86_400)] = 30


class UserTable(Table):
    """Somebody who works at the desk."""

    login: Annotated[str, Field(max_length=64), AfterValidator(_login)]
    name: Line = ""
    role: Literal["agent", "supervisor", "administrator"] = "agent"
    groups: list[Name] = []


class OutcomeTable(Table):
    """How a contact or an attempt may end."""

    name: Name
    contact: bool = True


class ImapTable(Table):
    """The mailbox of an account."""

    host: Host
    port: Port
    security: Security
    ca_file: Path = ""
    folder: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_one_line)] = "INBOX"
    after_fetch: Annotated[str, Field(max_length=255), AfterValidator(_one_line), AfterValidator(_after_fetch)] = "seen"
    poll_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    size_limit: Annotated[int, Field(ge=10_000, le=2**30)] = 25 * 2**20


class AccountTable(WithLogin):
    """A mailbox we poll and an address we send as."""

    kind: Literal["sms", "email"]
    address: Annotated[str, Field(max_length=255), AfterValidator(_one_line), AfterValidator(_address)]
    description: Line = ""
    enabled: bool = True
    gateway: Annotated[str, Field(max_length=100)] = ""
    queue: Name
    inbound_class: Annotated[str, Field(max_length=100)] = ""
    outbound_class: Annotated[str, Field(max_length=100)] = ""
    receipt_reply: Annotated[str, Field(max_length=10_000), AfterValidator(_lines)] = ""
    debug: bool = False
    imap: ImapTable


class Document(Table):
    """The whole file."""

    desk: DeskTable | None = None
    outgoing_server: OutgoingServerTable | None = None
    gateway: list[GatewayTable] = []
    class_: Annotated[list[NamedTable], Field(alias="class")] = []
    group: list[NamedTable] = []
    queue: list[QueueTable] = []
    user: list[UserTable] = []
    outcome: list[OutcomeTable] = []
    account: list[AccountTable] = []
