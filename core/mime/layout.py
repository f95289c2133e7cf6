"""HTML to the text an agent reads: inscriptis lays it out, after all that could make that long is taken away.

Left to itself lxml takes quadratic time for the attributes of one tag (9 s at 450 KB), stops at 256 open elements and
drops the rest, and inscriptis obeys `padding-left: 100000em` and pads every table row to the widest. So the tags are
read here first (HTML Standard, 13.2.5, roughly), in one pass; only bare block tags reach the libraries.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from core.text import harmless

if TYPE_CHECKING:
    from inscriptis.model.config import ParserConfig

LONGEST_HTML = 512 * 1024
MOST_TAGS = 6000
"""Block tags that are laid out; the tags of all kinds that are read are four times as many."""
_DEEPEST = 60

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]*)((?>[^>=]+|=\s*(?:\"[^\"]*\"|'[^']*'|(?![\"'])))*+)>")
_TAG_START = re.compile(r"</?[a-zA-Z]")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|\shidden(?=[\s=]|$)", re.IGNORECASE)
_RAW_TEXT = frozenset(("script", "style", "title", "template", "select", "textarea", "object", "svg"))
_BLOCKS = frozenset(
    "p div br hr ul ol li h1 h2 h3 h4 h5 h6 pre blockquote table tr td th address article aside footer header main nav"
    " section center dl dt dd form fieldset figure figcaption".split()
)
_VOID = frozenset(
    ("br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "wbr", "source", "param")
)
# Newsletters fill their preview line with these; they carry nothing.
_PADDING = dict.fromkeys(map(ord, "\u00ad\u034f\u200b\u200c\u200d\u2007\u2060\ufeff"), None)
_QUOTE_OPENS, _QUOTE_CLOSES = "\ufdd0", "\ufdd1"
_CRUDE = re.compile(r"<[^<>]*>")
_NOT_TEXT = str.maketrans({0: " ", ord(_QUOTE_OPENS): None, ord(_QUOTE_CLOSES): None})


def text_of_html(html: str, marks: list[str]) -> str:
    """Plain text of an HTML body: blocks on lines of their own, `blockquote` as `> ` lines. Never raises.

    Not yet harmless. What had to be simplified is said in `marks`.
    """
    if len(html) > LONGEST_HTML:
        marks.append(f"only the first {LONGEST_HTML // 1024} KB of the HTML are read")
        html = html[:LONGEST_HTML]
    html = html.translate(_NOT_TEXT)
    bare = _Bare(html)
    if bare.empty:
        bare = _Bare(html, show_hidden=True)
        if bare.empty:
            return ""
    if bare.tags <= MOST_TAGS:
        text = _laid_out("".join(bare.pieces))
        if text.strip():
            return _tidy(text)
    marks.append("the HTML could not be laid out, only its words are shown")
    return _tidy(unescape(_CRUDE.sub("\n", "".join(bare.pieces))))


def with_html(text: str, html: str) -> str:
    """A letter's text and, where it has HTML, below it what that says: harmless, and marked as such."""
    if not html:
        return harmless(text)
    said = harmless(text_of_html(html, []))
    head = "its HTML says the same" if said.split() == text.split() else "its HTML, as text"
    return harmless(text) + f"\n\n── {head} ──" + (f"\n\n{said}" if said.split() != text.split() else "")


class _Bare:
    """The HTML with nothing left but text and bare block tags; made in one pass whose time is linear."""

    def __init__(self, html: str, *, show_hidden: bool = False) -> None:
        self.pieces: list[str] = []
        self.tags = 0
        self._html = html
        self._show_hidden = show_hidden
        self._open: list[str] = []
        self._endless: set[str] = set()
        self._hidden: tuple[str, int] | None = None
        position = seen = 0
        while seen < 4 * MOST_TAGS and (at := html.find("<", position)) >= 0:
            self._text(html[position:at])
            position = self._tag(at)
            seen += 1
        self._text(_CRUDE.sub("\n", html[position:]).replace("<", "&lt;"))

    @property
    def empty(self) -> bool:
        """Whether no text is left at all: everything was hidden, or the HTML is too broken."""
        return not any(piece.strip() for piece in self.pieces if not piece.startswith("<"))

    def _text(self, text: str) -> None:
        if text and self._hidden is None:
            self.pieces.append(text)

    def _tag(self, at: int) -> int:
        """Take what begins with `<` at this place; where to go on."""
        html = self._html
        if not _TAG_START.match(html, at):
            if html.startswith("<!--", at):
                end = html.find("-->", at + 4)
                return len(html) if end < 0 else end + 3
            if html.startswith(("<!", "<?"), at):
                end = html.find(">", at)
                return len(html) if end < 0 else end + 1
            self._text("&lt;")
            return at + 1
        match = _TAG.match(html, at)
        if match is None:  # never closed: a browser drops the rest, we would rather show it
            self._text(html[at:].replace("<", "&lt;"))
            return len(html)
        closing, name, attributes = bool(match[1]), match[2].lower(), match[3]
        if name in _RAW_TEXT and not closing and not attributes.endswith("/"):
            return self._past(name, match.end())
        if self._is_hidden(closing, name, attributes):
            return match.end()
        if name in _BLOCKS:
            self._block(closing, name)
        return match.end()

    def _past(self, name: str, position: int) -> int:
        """Behind the end of an element that holds no text for people; where it never ends, only its tag is skipped."""
        if name in self._endless:
            return position
        end = re.compile(f"</{name}\\b", re.IGNORECASE).search(self._html, position)
        at = self._html.find(">", end.end()) if end else -1
        if at < 0:
            self._endless.add(name)
        return at + 1 or position

    def _is_hidden(self, closing: bool, name: str, attributes: str) -> bool:
        """Whether this tag belongs to an element that is not shown; counts its namesakes to find its end."""
        if self._hidden is not None:
            hidden, depth = self._hidden
            if name == hidden:
                depth += -1 if closing else 1
                self._hidden = (hidden, depth) if depth else None
            return True
        if self._show_hidden or closing or name in _VOID or not attributes:
            return False
        if _HIDDEN.search(attributes):
            self._hidden = (name, 1)
            return True
        return False

    def _block(self, closing: bool, name: str) -> None:
        self.tags += 1
        if name == "blockquote":
            self.pieces.append(f"<p>{_QUOTE_CLOSES if closing else _QUOTE_OPENS}</p>")
        elif name in ("br", "hr"):
            self.pieces.append("<br>")
        elif not closing and len(self._open) < _DEEPEST:
            self._open.append(name)
            self.pieces.append(f"<{name}>")
        elif closing and name in self._open:
            while self._open.pop() != name:
                pass
            self.pieces.append(f"</{name}>")
        else:
            self.pieces.append("<br>" if name not in ("td", "th") else " ")


def _laid_out(bare: str) -> str:
    """What inscriptis makes of bare tags; "" when lxml or it will not."""
    # Loaded on the first HTML mail: lxml and inscriptis cost a command line 50 ms that it seldom needs.
    from inscriptis.html_engine import Inscriptis
    from lxml.etree import LxmlError
    from lxml.html import HTMLParser, document_fromstring

    # Bytes with the charset said: a str with an encoding declaration in it would be refused.
    data = b"<html><body>" + bare.encode("utf-8", "replace") + b"</body></html>"
    try:
        root = document_fromstring(data, parser=HTMLParser(encoding="utf-8"))
        return str(Inscriptis(root, _configuration()).get_text())
    except (LxmlError, ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return ""


def _configuration() -> ParserConfig:
    """Firefox's layout, but for tables: their columns are not aligned, for one wide cell would pad every row.

    A new one for each mail: inscriptis hangs the text it writes on the `body` of its configuration, and two threads
    that share one mix their customers' words.
    """
    from inscriptis.css_profiles import STRICT_CSS_PROFILE
    from inscriptis.html_properties import Display, WhiteSpace
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_element import HtmlElement
    from inscriptis.model.tag import CustomHtmlTagHandlerMapping

    def space_after(state: Any) -> None:
        element = state.tags[-1]
        if not element.canvas.current_block.is_empty():
            element.canvas.write(element, "  ", WhiteSpace.pre)

    css = {**STRICT_CSS_PROFILE, "body": HtmlElement()}
    for name in ("table", "tr", "section", "center", "form", "fieldset", "dl", "dt", "dd"):
        css[name] = HtmlElement(display=Display.block)
    css |= {name: HtmlElement(display=Display.block, padding_inline=2) for name in ("ul", "ol")}
    return ParserConfig(css=css, custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
        start_tag_mapping=dict.fromkeys(("table", "tr", "td", "th")),
        end_tag_mapping={"table": None, "td": space_after, "th": space_after},
    ))  # fmt: skip


def _tidy(text: str) -> str:
    """No padding characters, no blanks at line ends, at most one empty line in a row, quotes as `> ` lines."""
    lines: list[str] = []
    depth = 0
    for line in text.translate(_PADDING).split("\n"):
        line = line.rstrip()
        if line.endswith((_QUOTE_OPENS, _QUOTE_CLOSES)):
            depth = max(0, depth + line.count(_QUOTE_OPENS) - line.count(_QUOTE_CLOSES))
            line = line.rstrip(_QUOTE_OPENS + _QUOTE_CLOSES)
        if line:
            lines.append(">" * min(depth, 5) + " " + line if depth else line)
        elif lines and lines[-1].strip(">"):
            lines.append(">" * min(depth, 5))
        elif lines and len(lines[-1]) > depth:
            lines[-1] = ">" * depth
    while lines and not lines[-1].strip(">"):
        lines.pop()
    return "\n".join(lines)
