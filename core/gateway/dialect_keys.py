"""The keys a dialect may have, what each may hold, and the sentence a person reads who got one wrong."""

# Annotations are read at run time here (pydantic), so this file does not postpone them.

import string
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from core.errors import Wrong
from core.gateway import patterns

Place = Literal[
    "body", "subject", "header", "from_address", "from_local_part", "from_display_name", "reply_to_local_part"
]
NumberFormat = Literal["e164", "digits", "00", "national"]

FIELDS = ("number", "text", "account", "reference")
"""What a template may name besides the dialect's own `values` and `secrets`."""

_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _usable(expression: str) -> None:
    """Compile it, so that a bad pattern is met when the dialect is read and not at three in the morning."""
    try:
        patterns.pattern(expression)
    except Wrong as err:
        raise ValueError(str(err)) from err


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Find:
    """Where something stands in a mail. Written as a table, or as the bare name of the place."""

    place: Place
    header: str = ""
    """Which header, where the place is `header`."""
    regex: str = ""
    """RE2; its first group is what is found, the whole match where it has none."""
    after: str = ""
    """Body only: what follows the first line that begins so."""
    before: str = ""
    """Body only: what stands before the first line that begins so."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.place == "header") != bool(self.header):
            raise ValueError('`header` names a header exactly where the place is "header"')
        if (self.after or self.before) and self.place != "body":
            raise ValueError('`after` and `before` go with the place "body"')
        for literal in (self.after, self.before):
            if literal and not literal.strip():
                raise ValueError("`after` and `before` must hold something that can be seen")
        _usable(self.regex)
        return self


def _named(value: object) -> object:
    return {"place": value} if isinstance(value, str) else value


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str | Mapping | Find) else value


_Finds = Annotated[tuple[Annotated[Find, BeforeValidator(_named)], ...], BeforeValidator(_listed)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class ReceiptRules:
    """How this provider's delivery receipts are told from texts, and what they say."""

    when: Annotated[_Finds, Field(min_length=1)]
    """All of these must be found, or the mail is a text: enough that no customer writes it by chance."""
    status: _Finds = (Find(place="subject"), Find(place="body"))
    reason: _Finds = ()
    """The provider's own words; the status line where nothing is found."""
    reference: _Finds = ()
    """Our reference or Message-ID. In-Reply-To and References are always read."""
    number: _Finds = ()
    """Whom the text was for; the dialect's own `number` rules come after these."""
    delivered: tuple[str, ...] = ("delivered", "delivrd", "delivery successful")
    failed: tuple[str, ...] = (
        "failed", "failure", "undelivered", "undeliv", "undeliverable", "not delivered",
        "could not be delivered", "unable to deliver", "rejected", "rejectd", "expired", "deleted", "blocked",
    )  # fmt: skip
    delayed: tuple[str, ...] = (
        "delayed", "queued", "buffered", "pending", "accepted", "acceptd", "enroute", "not yet delivered",
    )  # fmt: skip
    """Words are looked for whole, whatever their case; a receipt with none of them is `delayed`."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Dialect:
    """How one provider wants texts as mails and sends texts as mails (docs/gateways.md, key by key)."""

    description: str = ""

    recipient: str = ""
    """A template, or a destination: the number is put before one without `@` or one that begins with it."""
    number_format: NumberFormat = "digits"
    subject: str = ""
    body: str = "{text}"
    line_breaks: Literal["keep", "repeat", "space"] = "keep"
    """In the body: as they are; the template's line again for each line of the text; or a space."""
    encoding: str = "utf-8"
    encoding_out: Literal["none", "ucs2-hex"] = "none"
    parts_allowed: Annotated[int, Field(ge=1, le=255)] = 10
    sender_name: str = ""
    headers: Mapping[str, str] = Field(default_factory=dict)
    values: Mapping[str, str] = Field(default_factory=dict)
    """Further names for the templates: an api id, a sender id."""
    secrets: Mapping[str, str] = Field(default_factory=dict, repr=False)
    """The same for what nobody may see: a password, a PIN. Kept encrypted, never shown or exported."""
    price_per_part: Annotated[Decimal, Field(ge=0)] | None = None
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""

    number: _Finds = (Find(place="from_local_part"),)
    number_format_in: NumberFormat | None = None
    """How inbound numbers are spelled; as `number_format` where it is not given."""
    text: _Finds = (Find(place="body"),)
    ignore_subject: bool = True
    """False: a subject that the text does not begin with is its first line."""
    footer: tuple[str, ...] = ()
    """Whole lines, or blocks of them, from which on everything is the provider's."""
    footer_regex: tuple[str, ...] = ()
    encoding_in: Literal[
        "none", "ucs2-hex", "ucs2-hex-mixed", "quoted-printable", "base64", "html-entities", "percent"
    ] = "none"
    receipt: ReceiptRules | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        self._templates_can_be_filled()
        for name, value in (*self.values.items(), *self.secrets.items()):
            if name in FIELDS or not name.isidentifier() or len(value.splitlines()) > 1:
                raise ValueError(f"the value {name!r} must be one line under a plain name of its own")
        if (self.price_per_part is None) != (not self.currency):
            raise ValueError("`price_per_part` and `currency` go together")
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError(f"{self.encoding!r} is not a character set that is known here") from None
        for expression in self.footer_regex:
            _usable(expression)
        if not all(block.strip() for block in self.footer):
            raise ValueError("a footer must hold something that can be seen")
        return self

    def _templates_can_be_filled(self) -> None:
        known = {*FIELDS, *self.values, *self.secrets}
        templates = {key: str(getattr(self, key)) for key in ("recipient", "subject", "body", "sender_name")}
        for name, value in self.headers.items():
            templates[f"headers.{name}"] = value
            if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
                raise ValueError(f"{name!r} is not a header's name")
        used = {key: _fields(key, template, known) for key, template in templates.items()}
        if "text" not in used["body"] | used["subject"]:
            raise ValueError("{text} must stand in `body` or `subject`, or nothing would be sent")
        if self.recipient.find("@") > 0 and "number" not in set().union(*used.values()):
            places = "`subject`, `body` or `headers`"
            raise ValueError(f"the recipient is a fixed address, so {{number}} must stand in {places}")


def _fields(key: str, template: str, known: set[str]) -> set[str]:
    """The names in a template's braces. ValueError for what is not known, and for all but plain names."""
    try:
        found = [piece[1:] for piece in string.Formatter().parse(template) if piece[1] is not None]
    except ValueError as err:
        raise ValueError(f"`{key}` has a brace that does not close; a brace itself is written twice") from err
    for name, spec, turn in found:
        if name not in known or spec or turn:
            shown = ", ".join(f"{{{each}}}" for each in sorted(known))
            raise ValueError(f"`{key}` asks for {{{name}}}; what it may hold is {shown}")
    return {str(name) for name, _, _ in found}


_reader = TypeAdapter(Dialect)
KEYS = tuple(field.name for field in fields(Dialect))
"""Every key, in the order of the class."""


def dialect_from(table: Mapping[str, Any], where: str) -> Dialect:
    """A dialect from plain data. Raises Wrong that names `where` (file and table), key and trouble."""
    try:
        return _reader.validate_python(dict(table))
    except ValidationError as err:
        raise Wrong(_sentence(err.errors()[0], where)) from err


def _sentence(error: ErrorDetails, where: str) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] != "unexpected_keyword_argument":
        trouble = error["msg"].removeprefix("Value error, ").rstrip(".")
        return f"{where}: {key + ': ' if key else ''}{trouble}."
    known = KEYS
    if key.startswith("receipt.") and key.count(".") == 1:
        known = tuple(field.name for field in fields(ReceiptRules))
    elif "." in key:
        known = tuple(field.name for field in fields(Find))
    near = get_close_matches(str(error["loc"][-1]), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the keys here are {', '.join(known)}."
    return f"{where}: the key {key!r} is not known; {hint}"
