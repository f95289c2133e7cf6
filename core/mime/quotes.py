"""What the customer wrote now, and what is only quoted history.

mail-parser-reply knows how the mail clients of a dozen languages introduce a quote, but its expressions take quadratic
time (9 s at 80 KB), and it calls everything below the first introduction history, also an answer written there. So
lines are looked at here, cheaply, and only a few short windows are shown to the library's expression. When in doubt
nothing is cut: an agent can skip a quote and cannot guess a lost answer.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MOST_LINES = 5000
_MOST_WINDOWS = 6
_WIDEST = 200

_LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "da", "sv", "cs", "pl", "ja", "ko", "zh"]
_VERBS = (
    "wrote", "schrieb", "geschrieben", "écrit", "escribió", "ha scritto", "schreef", "geschreven", "skrev", "napsal",
    "napisał", "escreveu", "kirjoitti", "написал", "пише", "写道", "寫道", "작성", "yazdı", "έγραψε", ">:",
)  # fmt: skip
_MOMENT = re.compile(r"@|\b\d{1,2}[:.hH]\d{2}\b|\b(?:19|20)\d\d\b")
_SEPARATOR = re.compile(
    r"[-_*]{3,} ?(?:original message|forwarded message|original-nachricht|ursprüngliche nachricht"
    r"|weitergeleitete nachricht|message d'origine|message original|mensaje original|messaggio originale"
    r"|oorspronkelijk bericht|oprindelig meddelelse|ursprungligt meddelande|original meddelande"
    r"|oryginalna wiadomość|původní zpráva|mensagem original) ?[-_*]{3,}|_{20,}|-{20,}",
    re.IGNORECASE,
)
# The head of a mail as Outlook and its kin put it above a quote; two such lines must stand together.
_HEAD_LINE = re.compile(
    r"[* ]{0,3}(?:from|sent|to|subject|date|cc|von|gesendet|an|betreff|datum|de|envoyé|à|objet|enviado(?: el)?|para"
    r"|asunto|fecha|da|inviato|a|oggetto|data|van|verzonden|aan|onderwerp|fra|sendt|til|emne|från|skickat|till|ämne|od|odesláno"
    r"|komu|předmět|wysłano|do|temat|发件人|发送时间|收件人|主题)[* ]{0,3}[ \xa0]?[:：]",
    re.IGNORECASE,
)
_FIRST_HEAD_LINE = re.compile(
    r"[* ]{0,3}(?:from|von|de|da|van|fra|från|od|发件人)[* ]{0,3}[ \xa0]?[:：]", re.IGNORECASE
)
_HINTS = (
    "\n>",
    ":\n",
    ": \n",
    "：\n",
    "---",
    "___",
    "From:",
    "Von:",
    "De",
    "Da",
    "Van:",
    "Fra:",
    "Från:",
    "Od:",
    "发件人",
)


def cut_quote(text: str) -> tuple[str, str]:
    """The new text, and the quoted history that was cut off it ("" when nothing was). Linear, never raises."""
    if not (text.startswith(">") or any(hint in text for hint in _HINTS)):
        return text.strip("\n"), ""
    lines = text.split("\n")
    start, body = _introduction(lines[:_MOST_LINES])
    if start < 0:
        return text.strip("\n"), ""
    before, history = "\n".join(lines[:start]).strip(), "\n".join(lines[start:]).strip("\n")
    after = _answer_below(lines, body)
    if after < 0 and before:
        return before, history
    if after > 0 and not before and not any(map(_is_quoted, lines[after:])):
        return "\n".join(lines[after:]).strip(), "\n".join(lines[start:after]).strip("\n")
    return text.strip("\n"), ""


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _introduction(lines: list[str]) -> tuple[int, int]:
    """Where the history begins, with its introduction and without; (-1, -1) when there is none."""
    windows = 0
    for at, line in enumerate(lines):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped[0] == ">":
            return at, at
        if stripped[-1] in ":：" and windows < _MOST_WINDOWS and any(verb in stripped for verb in _VERBS):
            windows += 1
            if (first := _attribution(lines, at)) >= 0:
                return first, at + 1
        elif stripped[0] in "-_*" and _SEPARATOR.fullmatch(stripped[:_WIDEST]):
            # A bare rule is a signature's or a decoration unless a mail's head follows it.
            if stripped.strip("-_*") or _head_lines(lines, at + 1) >= 2:
                return at, at + 1
        elif _FIRST_HEAD_LINE.match(stripped) and _head_lines(lines, at) >= 3:
            return at, at + 1
    return -1, -1


def _head_lines(lines: list[str], at: int) -> int:
    """How many lines of a mail's head stand from here on, within six lines that are not empty."""
    near = [line.strip()[:_WIDEST] for line in lines[at : at + 10] if line.strip()]
    return sum(1 for line in near[:6] if _HEAD_LINE.match(line))


def _attribution(lines: list[str], at: int) -> int:
    """The first line of "On ..., ... wrote:" that ends at this line (it may be folded over three); -1 for none."""
    line = lines[at].strip()
    first = at
    while first > max(at - 2, 0) and lines[first - 1].strip():
        first -= 1
    for begin in range(at, first - 1, -1):
        window = "\n".join(each.strip()[:_WIDEST] for each in lines[begin : at + 1])
        if len(window) <= 2 * _WIDEST and (found := _library_expression().search(window)) and found.start() == 0:
            return begin
    # What the library does not know: a sender and a moment before the colon, best with a marked quote right below.
    followed = next((_is_quoted(each) for each in lines[at + 1 : at + 4] if each.strip()), False)
    if not (followed or "@" in line[:_WIDEST]):
        return -1
    folded = line.startswith(("<", *_VERBS)) and first < at
    window = "\n".join(each[:_WIDEST] for each in lines[at - folded : at + 1])
    return at - folded if _MOMENT.search(window) else -1


@lru_cache(maxsize=1)
def _library_expression() -> re.Pattern[str]:
    # Compiled on the first mail that has a quote: it takes 60 ms, which a command line seldom needs.
    from mailparser_reply.parser import EmailMessage

    expression: re.Pattern[str] = EmailMessage(text="", languages=list(_LANGUAGES)).HEADER_REGEX
    return expression


def _answer_below(lines: list[str], body: int) -> int:
    """Where unmarked text begins below a quote marked with `>`; -1 when the quote goes to the end or has no marks."""
    marked = False
    for at in range(body, min(len(lines), body + _MOST_LINES)):
        if not lines[at].strip():
            continue
        if _is_quoted(lines[at]):
            marked = True
        elif not marked:
            return -1
        else:
            return at
    return -1
