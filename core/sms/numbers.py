"""Telephone numbers: whatever a person or a gateway wrote, to E.164 and back to what a person reads."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.text import one_line

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_SCHEME = re.compile(r"^\s*(?:tel|sms|smsto|callto)\s*:\s*(?://)?", re.IGNORECASE)
_ODD = re.compile(r"[^\d+\s().\-/\u00a0\u2010-\u2015]")
_SHORT_CODE = re.compile(r"\d{3,8}")
_NAMED_SENDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 &._+!'-]{0,15}")


@lru_cache(maxsize=20_000)
def to_e164(raw: str, region: str) -> str:
    """`+447700900123` from what people and gateways write in `region` (ISO 3166, "GB"). Raises Wrong.

    A number counts when its length is possible there: new ranges appear faster than any list of them.
    """
    import phonenumbers as pn

    shown = one_line(raw, 40)
    text = _SCHEME.sub("", raw[:200]).partition(";")[0].strip()
    if not text:
        raise Wrong("There is no telephone number: give one such as +447700900123.")
    text = unicodedata.normalize("NFKC", text)
    if _ODD.search(text):
        raise Wrong(f"{shown!r} is no telephone number: write it with digits only, such as +447700900123.")
    number = _international(text, region) if text.isdigit() and text[0] != "0" else _parsed(text, region)
    if number is None:
        raise Wrong(f"{shown!r} is no telephone number in {region}: write it with its country code, +44 7700 900123.")
    return str(pn.format_number(number, pn.PhoneNumberFormat.E164))


@lru_cache(maxsize=20_000)
def sender_address(raw: str, region: str) -> str:
    """Who a text is from: E.164, a short code (`60777`) or a named sender (`MyBank`), cleaned. Raises Wrong."""
    text = unicodedata.normalize("NFKC", _SCHEME.sub("", raw[:200]).partition(";")[0]).strip()
    digits = re.sub(r"[\s().-]", "", text)
    if _SHORT_CODE.fullmatch(digits) and (len(digits) < 7 or not _is_number(digits, region)):
        return digits
    if any(char.isalpha() for char in text):
        if _NAMED_SENDER.fullmatch(text):
            return text
        raise Wrong(f"{one_line(raw, 40)!r} is neither a telephone number nor a sender's name of at most 16 letters.")
    return to_e164(raw, region)


@lru_cache(maxsize=20_000)
def national(number: str, region: str) -> str:
    """A number as people in `region` read it: `07700 900123` at home, `+49 1511 2345678` from abroad; else as it is."""
    import phonenumbers as pn

    if not number.startswith("+"):
        return one_line(number, 40)
    try:
        parsed = pn.parse(number, None)
    except pn.NumberParseException:
        return one_line(number, 40)
    at_home = parsed.country_code == pn.country_code_for_region(region)
    return str(
        pn.format_number(parsed, pn.PhoneNumberFormat.NATIONAL if at_home else pn.PhoneNumberFormat.INTERNATIONAL)
    )


def _is_number(text: str, region: str) -> bool:
    try:
        return bool(to_e164(text, region))
    except Wrong:
        return False


def _international(digits: str, region: str) -> PhoneNumber | None:
    """Digits without + or trunk 0: gateways leave the + out, so a number that is valid with it in this country is one.

    (`4915112345678` in Germany would otherwise become +49 49 151..., which passes for a landline.)
    """
    import phonenumbers as pn

    abroad, at_home = _parsed("+" + digits, region), _parsed(digits, region)
    if abroad is not None and pn.is_valid_number(abroad) and abroad.country_code == pn.country_code_for_region(region):
        return abroad
    return at_home or abroad


def _parsed(text: str, region: str) -> PhoneNumber | None:
    # Loaded on first use: its tables cost every start of the command a tenth of a second.
    import phonenumbers as pn

    try:
        number = pn.parse(text, region.upper())
    except pn.NumberParseException:
        return None
    possible = pn.is_possible_number_with_reason(number) == pn.ValidationResult.IS_POSSIBLE
    return number if possible and not number.extension else None
