"""Where in a piece of HTML we are (HTML Standard, 13.2.5), so that a field stands only where escaping keeps it a text.

Escaped, a field stays what it is between tags and within a quoted value, and nowhere else: so it may stand nowhere
else. Where it begins a link it must be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape

LINKS = "http://, https://, mailto:, tel: or sms:"
NEVER = frozenset(
    "script iframe frame frameset object embed applet noscript noembed noframes plaintext xmp svg math template".split()
)
"""Elements that mail programs drop, or within which HTML is read by other rules."""

_SPACE = "\t\n\f\r "
_TAG = re.compile(r"/?[a-zA-Z][^\t\n\f\r />]*")
_ATTRIBUTE = re.compile(rf"([^{_SPACE}/>=]+)(?P<space>[{_SPACE}]*)(?P<is>=[{_SPACE}]*)?")
_BARE = re.compile(rf"[^{_SPACE}>]+")
_BETWEEN = re.compile(rf"[{_SPACE}/]*")
_COMMENT_END = re.compile(r"--!?>")
_TAIL = re.compile(r"</?[a-zA-Z]*\Z")
_LINK = re.compile(r"(?:https?://|mailto:|tel:|sms:)", re.IGNORECASE)
_SETTLED = re.compile(r"(?:https?|mailto|tel|sms):|[^:]*[/?#]")
_UNSEEN = re.compile(r"[\x00-\x20]")
_RAW = frozenset(("style", "title", "textarea"))
_LINKED = frozenset("href src action formaction background cite poster longdesc".split())
_PLAIN = frozenset(
    "abbr align alt axis bgcolor border cellpadding cellspacing char class color cols colspan compact datetime dir face"
    " for headers height hspace id label lang name placeholder rowspan scope size span start summary title valign value"
    " vspace width".split()
)
"""Attributes whose value is a text and nothing more; with `aria-...` and `data-...`. Style and events are programs."""
UNSURE = "\0"
"""What a link begins with where that is one thing or another."""


class Misplaced(Exception):
    """HTML that no field may be written into, or that is no e-mail's; `at` is the place in its piece."""

    def __init__(self, problem: str, at: int = 0) -> None:
        super().__init__(problem)
        self.at = at


@dataclass(frozen=True, slots=True)
class Where:
    """Between two pieces of HTML."""

    element: str = ""
    """`title`, `textarea` or `style` whose text we are in."""
    tag: str = ""
    """Within this one; an end tag has its `/`."""
    is_open: bool = False
    """Whether its name, or an attribute's, would go on if letters came next."""
    attribute: str = ""
    """Within its value."""
    quote: str = ""
    link: str | None = None
    """Of a link that a field could still make another: what it begins with; None where nothing can."""


def after(where: Where, html: str) -> Where:
    """Where we are behind this piece. Raises Misplaced where that is no place to stop at, such as a tag's name."""
    at = 0
    while at < len(html):
        if where.attribute:
            where, at = _value(where, html, at)
        elif where.tag:
            where, at = _tag(where, html, at)
        elif where.element:
            where, at = _raw(where, html, at)
        else:
            where, at = _text(html, at)
    return where


def joined(one: Where, other: Where) -> Where:
    """Where two ways lead of which one is taken. Raises Misplaced where they end in different places."""
    if replace(one, link=None, is_open=False) != replace(other, link=None, is_open=False):
        raise Misplaced(f"the branches of this if do not end in the same place: one {_said(one)}, one {_said(other)}")
    return replace(one, link=one.link if one.link == other.link else UNSURE, is_open=one.is_open or other.is_open)


def take_field(where: Where) -> tuple[Where, bool]:
    """Where we are behind a field, and whether it must be a link itself. Raises Misplaced where none may stand."""
    if where.element == "style":
        raise Misplaced("a field may not stand in <style>: it could change more than a word")
    if where.tag and not where.attribute:
        raise Misplaced('a field may not stand in a tag but within quotes: write class="{{ field }}"')
    if where.attribute and not (_is_plain(where.attribute) or _is_linked(where.attribute)):
        raise Misplaced(f"a field may not stand in {where.attribute}: what stands there is more than a text")
    if where.link is None:
        return where, False
    if where.link and unescape(where.link).strip(_SPACE):
        raise Misplaced(f"a field may stand in a link that begins with {LINKS}, or begin it itself")
    return replace(where, link=None), True


def is_link(value: str) -> bool:
    """Whether it may begin a link."""
    return _LINK.match(value) is not None


def end(where: Where) -> None:
    """Raise Misplaced where the HTML may not end."""
    if where != Where():
        raise Misplaced(f"it ends too early: it {_said(where)}")


def _text(html: str, at: int) -> tuple[Where, int]:
    start = html.find("<", at)
    if start < 0:
        return Where(), len(html)
    rest = html[start + 1 : start + 4]
    if rest == "!--":
        return Where(), _past_comment(html, start)
    if rest in ("", "/", "!", "!-"):
        raise Misplaced("a piece of it stops within a tag: for the character itself write &lt;", start)
    found = _TAG.match(html, start + 1)
    if found is None:
        return Where(), _past(html, start) if rest[0] in "!?/" else start + 1
    name = found.group().lower()
    if name.removeprefix("/") in NEVER:
        raise Misplaced(f"an e-mail holds no <{name.removeprefix('/')}>: mail programs drop it, take it out", start)
    return Where(tag=name, is_open=found.end() == len(html)), found.end()


def _past_comment(html: str, start: int) -> int:
    for short in ("<!-->", "<!--->"):
        if html.startswith(short, start):
            return start + len(short)
    found = _COMMENT_END.search(html, start + 4)
    if found is None:
        raise Misplaced(
            "a comment holds no field and no if, and ends with -->: what nobody is to get is {# so #}", start
        )
    return found.end()


def _past(html: str, start: int) -> int:
    found = html.find(">", start)
    if found < 0:
        raise Misplaced("a piece of it stops within a tag", start)
    return found + 1


def _tag(where: Where, html: str, at: int) -> tuple[Where, int]:
    if where.is_open and html[at] not in f"{_SPACE}/>":
        raise Misplaced("nothing but letters may stand in a name within a tag", at)
    where = replace(where, is_open=False)
    at = _BETWEEN.match(html, at).end()  # type: ignore[union-attr]
    if at == len(html):
        return where, at
    if html[at] == ">":
        return Where(element=where.tag if where.tag in _RAW else ""), at + 1
    found = _ATTRIBUTE.match(html, at)
    if found is None:
        raise Misplaced("an = stands in a tag without a name before it", at)
    name, behind = found.group(1).lower(), found.end()
    if not found.group("is"):
        return replace(where, is_open=behind == len(html) and not found.group("space")), behind
    quote = html[behind : behind + 1]
    if quote in ('"', "'"):
        return replace(where, attribute=name, quote=quote, link="" if _is_linked(name) else None), behind + 1
    bare = _BARE.match(html, behind)
    if quote == "" or (bare is not None and bare.end() == len(html)):
        raise Misplaced(f'a value that holds a field or an if stands within quotes: write {name}="{{{{ field }}}}"', at)
    return where, bare.end() if bare is not None else behind


def _is_linked(attribute: str) -> bool:
    return attribute.rpartition(":")[2] in _LINKED


def _is_plain(attribute: str) -> bool:
    return attribute in _PLAIN or attribute.startswith(("aria-", "data-"))


def _value(where: Where, html: str, at: int) -> tuple[Where, int]:
    stop = html.find(where.quote, at)
    if stop >= 0:
        return Where(tag=where.tag), stop + 1
    link = where.link
    if link is not None and link != UNSURE:
        link = (link + html[at:])[:1_000]
        if _SETTLED.match(_UNSEEN.sub("", unescape(link)).lower()):
            link = None
    return replace(where, link=link), len(html)


def _raw(where: Where, html: str, at: int) -> tuple[Where, int]:
    found = re.compile(rf"</{where.element}(?=[{_SPACE}/>])", re.IGNORECASE).search(html, at)
    if found is not None:
        return Where(tag="/" + where.element), found.end()
    if where.element == "style" or _TAIL.search(html, at):
        raise Misplaced(f"<{where.element}> holds no field and no if, and ends with </{where.element}>", at)
    return where, len(html)


def _said(where: Where) -> str:
    if where.attribute:
        return f"is within {where.attribute}={where.quote}"
    if where.tag:
        return f"is within <{where.tag}"
    return f"is within <{where.element}>" if where.element else "is between tags"
