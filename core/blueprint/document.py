"""desk.toml as pydantic models: every table, every key, what each may hold; in words in docs/desk-toml.md."""

# Annotations are read at run time here (pydantic), so this file does not postpone them.

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from core.blueprint.rules import (
    Address,
    AfterFetch,
    CannedWord,
    Closed,
    Command,
    Folder,
    Host,
    Hours,
    Line,
    Lines,
    Login,
    MailUser,
    Name,
    OtherAddress,
    OtherName,
    Path,
    Port,
    QuietHours,
    Region,
    RegionOrNone,
    ScriptName,
    Security,
    Skill,
    Timezone,
    TimezoneOrNone,
    Value,
    Values,
    Word,
)

PASSWORD_KEYS = ("password", "password_env", "password_file", "password_command", "token_command")
"""At most one of these says how a login is proved."""


class Table(BaseModel):
    """One table of the file. Values are taken as they are written: "993" is no port."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class WithPassword(Table):
    """A table with a password that is given in one way."""

    password: SecretStr | None = None
    password_env: Name | None = None
    password_file: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [key for key in PASSWORD_KEYS if getattr(self, key, None)]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are all given; say one of them")
        if self.password and any(mark in self.password.get_secret_value() for mark in "\r\n"):
            raise ValueError("password holds a line break")
        return self


class WithLogin(WithPassword):
    """A table with a user and one way to prove who that is."""

    user: MailUser = ""
    password_command: Command | None = None
    token_command: Command | None = None


def _at_most_one(entry: Table, *keys: str) -> None:
    given = [key for key in keys if getattr(entry, key) is not None]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} are both given; say one of them")


class DeskTable(Table):
    """The desk itself."""

    name: Line = ""
    region: Region = "GB"
    timezone: Timezone = "Europe/London"
    grace_seconds: Annotated[int, Field(ge=0, le=86_400)] = 120
    missed_offers: Annotated[int, Field(ge=1, le=99)] = 3


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
    """A call class, a group or a reason, which are a name."""

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
    wrap_up_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    sharing: Literal["longest idle", "fewest open", "best skill"] = "longest idle"
    last_agent_seconds: Annotated[int, Field(ge=0, le=31_622_400)] = 86_400


class CapacityTable(Table):
    """How many contacts of a kind a user has room for at once."""

    sms: Annotated[int, Field(ge=0, le=99)] = 3
    email: Annotated[int, Field(ge=0, le=99)] = 5


class UserTable(WithPassword):
    """Somebody who works at the desk."""

    login: Login
    name: Line = ""
    role: Literal["agent", "supervisor", "administrator"] = "agent"
    groups: list[Name] = []
    skills: dict[Skill, Annotated[int, Field(ge=1, le=9)]] = {}
    capacity: CapacityTable = CapacityTable()
    auto_accept: bool = False


class OutcomeTable(Table):
    """How a contact or an attempt may end."""

    name: Name
    contact: bool = True


class CannedTable(Table):
    """A reply that agents write by its word."""

    word: CannedWord
    channel: Literal["", "sms", "email"] = ""
    text: Annotated[Lines, Field(min_length=1, max_length=10_000)]


class ImapTable(Table):
    """The mailbox of an account."""

    host: Host
    port: Port
    security: Security
    ca_file: Path = ""
    folder: Folder = "INBOX"
    after_fetch: AfterFetch = "seen"
    poll_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    size_limit: Annotated[int, Field(ge=10_000, le=2**30)] = 25 * 2**20


class CalendarTable(Table):
    """Opening hours."""

    name: Word
    timezone: TimezoneOrNone = ""
    open: list[Hours] = []
    closed: list[Closed] = []


class VariableTable(Table):
    """A value that every script reads."""

    name: Word
    value: Value


class TemplateTable(Table):
    """A text or e-mail with fields."""

    name: Name
    channel: Literal["sms", "email"]
    subject: Line = ""
    body: Annotated[Lines, Field(max_length=100_000)] | None = None
    file: Path | None = None
    html: Annotated[Lines, Field(max_length=100_000)] | None = None
    html_file: Path | None = None
    when_missing: Annotated[Line, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        _at_most_one(self, "body", "file")
        _at_most_one(self, "html", "html_file")
        return self


class ScriptTable(Table):
    """A routing script."""

    name: ScriptName
    description: Line = ""
    source: str | None = None
    file: Path | None = None
    active: bool = True

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        _at_most_one(self, "source", "file")
        return self


class AccountTable(WithLogin):
    """A mailbox we poll and an address we send as."""

    kind: Literal["sms", "email"]
    address: Address
    description: Line = ""
    enabled: bool = True
    gateway: OtherName = ""
    queue: Name
    script: OtherName = ""
    settings: Values = {}
    inbound_class: OtherName = ""
    outbound_class: OtherName = ""
    campaigns: list[Name] | None = None
    """The other way to say the account of a campaign (`core.blueprint.campaigns`); None = not said here."""
    receipt_reply: Annotated[Lines, Field(max_length=10_000)] = ""
    debug: bool = False
    imap: ImapTable


class EventTable(Table):
    """What a customer gets on an event of the dialler: names of templates."""

    sms: OtherName = ""
    email: OtherName = ""


class CampaignTable(Table):
    """Lists of customers, as whom they are written to, and what they get."""

    name: Name
    sms_account: OtherAddress = ""
    email_account: OtherAddress = ""
    on_first_try: EventTable = EventTable()
    on_no_contact: EventTable = EventTable()
    quiet_hours: QuietHours = ""
    region: RegionOrNone = ""
    most_messages: Annotated[int, Field(ge=0, le=1000)] = 0
    per_days: Annotated[int, Field(ge=1, le=366)] = 7
    words: Annotated[Lines, Field(max_length=10_000)] = ""
    results_folder: Path = ""


class ListTable(Table):
    """A list of customers; who stands on it is no part of the file."""

    name: Name
    campaign: OtherName = ""


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
    reason: list[NamedTable] = []
    canned: list[CannedTable] = []
    calendar: list[CalendarTable] = []
    variable: list[VariableTable] = []
    template: list[TemplateTable] = []
    script: list[ScriptTable] = []
    account: list[AccountTable] = []
    campaign: list[CampaignTable] = []
    list_: Annotated[list[ListTable], Field(alias="list")] = []
