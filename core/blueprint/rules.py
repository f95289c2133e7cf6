"""What a value of desk.toml may be: types that pydantic checks, each with the words that say what is wrong."""

# Annotations are read at run time by the tables that use these, so this file does not postpone them.

import re
import shlex
from collections.abc import Callable
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from core.blueprint.hints import did_you_mean
from core.errors import Wrong
from core.roles import RESERVED
from core.scripts.names import is_script_name, is_word
from core.scripts.values import right_value
from core.text import harmless

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""Our own addresses stay in ASCII: beyond it every server on the way must know SMTPUTF8, and many do not."""
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")
_CANNED_WORD = re.compile(r"[^\W_][\w.-]{0,39}")
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
    if not text:
        raise ValueError("must not be empty")
    if text != text.strip():
        raise ValueError("must be a name that neither begins nor ends with a space")
    return text


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("must be an e-mail address such as texts@desk.example")
    return text.lower()


def _login(text: str) -> str:
    if not _LOGIN.fullmatch(text):
        raise ValueError("must be letters, digits and . _ @ + -, and begin with a letter or a digit")
    if text.lower() in RESERVED:
        raise ValueError("is what the journal calls a part of this program: take another login")
    return text


def _canned_word(text: str) -> str:
    if not _CANNED_WORD.fullmatch(text):
        raise ValueError("must be letters, digits and . _ -, 40 at most: agents type it after a slash")
    return text


def _region(text: str) -> str:
    from phonenumbers import SUPPORTED_REGIONS  # takes a tenth of a second, and most files are read without it

    if text not in SUPPORTED_REGIONS:
        raise ValueError("must be a country's two capital letters, such as GB")
    return text


def _region_or_none(text: str) -> str:
    return _region(text) if text else ""


def _quiet_hours(text: str) -> str:
    from core.campaigns.set_up import look_at_quiet_hours

    try:
        look_at_quiet_hours(text)
    except Wrong:
        raise ValueError("must be hours such as 20:00-08:00, in the customer's zone") from None
    return text


def _timezone_or_none(text: str) -> str:
    return _timezone(text) if text else ""


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


def _word(text: str) -> str:
    if not is_word(text):
        raise ValueError("must be letters, digits and _ and no word of the language: scripts say it after a dot")
    return text


def _script_name(text: str) -> str:
    if not is_script_name(text):
        raise ValueError("must be without quotes, backslash and @: other scripts load it by name")
    return text


def _hours(text: str) -> str:
    from core.calendars import parse_hours

    return _without_wrong(parse_hours, text)


def _closed(text: str) -> str:
    from core.calendars import parse_closed

    return _without_wrong(parse_closed, text)


def _without_wrong(rule: Callable[[str], object], text: str) -> str:
    try:
        rule(text)
    except Wrong as err:
        raise ValueError(str(err)) from None
    return text


def _value(given: object) -> object:
    try:
        return right_value(given, "it")
    except Wrong as err:
        raise ValueError(str(err).removeprefix("it ")) from None


def _values(given: dict[str, object]) -> dict[str, object]:
    return {name: _value(given[name]) for name in sorted(given)}


def _command(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("must be a command whose quotes are closed") from None
    if text and not words:
        raise ValueError("must be a command")
    return text


Line = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]
Lines = Annotated[str, AfterValidator(_lines)]
Name = Annotated[str, Field(max_length=100), AfterValidator(_one_line), AfterValidator(_name)]
OtherName = Annotated[str, Field(max_length=100)]
"""The name of another thing, or empty."""
OtherAddress = Annotated[str, Field(max_length=255), AfterValidator(str.lower)]
"""The address of another account, or empty."""
Word = Annotated[Name, AfterValidator(_word)]
ScriptName = Annotated[Name, AfterValidator(_script_name)]
Path = Annotated[str, Field(max_length=1000), AfterValidator(_one_line)]
Command = Annotated[str, Field(max_length=4000), AfterValidator(_one_line), AfterValidator(_command)]
Address = Annotated[str, Field(max_length=255), AfterValidator(_one_line), AfterValidator(_address)]
Skill = Annotated[str, Field(max_length=64), AfterValidator(_one_line), AfterValidator(_name)]
CannedWord = Annotated[str, AfterValidator(_canned_word)]
Login = Annotated[str, Field(max_length=64), AfterValidator(_login)]
MailUser = Annotated[str, Field(max_length=255), AfterValidator(_one_line)]
Folder = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_one_line)]
AfterFetch = Annotated[str, Field(max_length=255), AfterValidator(_one_line), AfterValidator(_after_fetch)]
Host = Annotated[str, Field(max_length=255), AfterValidator(_one_line), AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Security = Literal["none", "starttls", "tls"]
Region = Annotated[str, AfterValidator(_region)]
RegionOrNone = Annotated[str, AfterValidator(_region_or_none)]
QuietHours = Annotated[str, AfterValidator(_quiet_hours)]
Timezone = Annotated[str, AfterValidator(_timezone)]
TimezoneOrNone = Annotated[str, AfterValidator(_timezone_or_none)]
Hours = Annotated[str, Field(max_length=200), AfterValidator(_hours)]
Closed = Annotated[str, Field(max_length=200), AfterValidator(_closed)]
Value = Annotated[Any, AfterValidator(_value)]
Values = Annotated[dict[str, Any], AfterValidator(_values)]
