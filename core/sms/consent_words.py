"""STOP and START as people really write them, in several languages; forgiving, and not fooled by a bus stop.

The rule: a text withdraws consent when all of it is said for that (a stop word, politeness, and what is to be stopped),
or when its first line is. A sentence that merely contains the word is a message for an agent. The tables hold what
CTIA's Messaging Principles (5.1.3), the vendors' manuals and people's own spelling call for.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_LONGEST = 200
_LONGEST_LINE = 60

# Words and phrases that mean it even in a small sentence ("I want to unsubscribe").
_EXPLICIT = """
unsubscribe, unsubscribed, unsub, unsubcribe, unsuscribe, unsubscibe, unsubscrib, unsubscripe, unsubscrbe,
optout, opt out, opt me out, unsubscribe me, remove me, remove my number, take me off, stopall, no more texts,
no more messages, no more sms, do not text, dont text, do not message, dont message, do not contact, dont
contact, do not send, abmelden, abbestellen, austragen, keine sms mehr, keine nachrichten mehr, keine weiteren
nachrichten, desabonner, me desabonner, desabonnez moi, desinscrire, me desinscrire, desinscription,
desabonnement, plus de sms, baja, dar de baja, darme de baja, deme de baja, no mas mensajes, no mas sms, no
enviar mas, descadastrar, remover, disiscrivi, disiscrivimi, disiscrizione, cancellami, afmelden,
uitschrijven, meld me af, schrijf me uit, avregistrera, avmeld, afmeld, framelding, rezygnuje, wypisz, wypisz
mnie, odhlasit, dezabonare, leiratkozas, dad danysgrifio, отписаться, отписка, отпишите меня, отказ, הסר, 退订,
退訂, 配信停止, 수신거부
"""
# Words that mean it alone, with politeness, or with what is to be stopped ("please stop texting me").
_STOP = """
stop, stpo, sotp, sopt, stope, stops, arret, arreter, arretez, parar, pare, alto, detener, ferma, stoppen,
stoppa, lopeta, stopio, peidiwch, стоп, στοπ, توقف, إيقاف, 停止, 중지, रोकें, बंद
"""
# Words that have a life of their own ("cancel my appointment"): alone, or with what is to be stopped.
_WEAK = """
end, quit, cancel, revoke, fin, ende, cancelar, annulla, cancella, basta, sair, avsluta, peru, iptal, ret,
diwedd, rezygnacja, konec, отмена, إلغاء, 取消, 解除, td
"""
_START = """
start, unstop, restart, subscribe, resubscribe, subscribe me, optin, opt in, opt me in, sign me up, starten,
anmelden, reprendre, reabonner, alta, iniciar, reanudar, suscribir, suscribirme, avvia, iscrivimi, aanmelden,
inschrijven, starta, aloita, zapisz, dechrau, старт, подписаться, ابدأ, 开始, 開始, 订阅, 訂閱, 시작
"""
_POLITE = """
please, pls, plz, plse, kindly, thanks, thank you, thankyou, thx, ty, cheers, now, immediately, asap, just,
ok, okay, hi, hello, hey, bitte, danke, sofort, merci, svp, stp, sil vous plait, sil te plait, por favor,
gracias, ahora, obrigado, obrigada, per favore, grazie, alstublieft, aub, dank je, dank u, tack, takk, tak,
prosze, dziekuje, kiitos, diolch, пожалуйста, спасибо, من فضلك, 请, 請
"""
_ABOUT = """
all, sms, smses, text, texts, txt, txts, message, messages, msg, msgs, texting, messaging, sending,
contacting, calling, spamming, spam, marketing, ads, alerts, offers, notifications, subscription,
subscriptions, to, me, us, my, this, these, that, the, any, more, anymore, again, from, your, you, it to me,
list, lists, mailing, number, phone, completely, forever, alle, nachrichten, mir, mich, mehr, les, tous,
messages, de, moi, mensajes, todos, los, mas, messaggi, berichten, meddelanden
"""
_ASKING = """
i, id, we, want, wanna, to, would, like, wish, can, could, you, u, ich, will, mochte, je, veux, quiero, voglio, ik, wil
"""


@dataclass(frozen=True, slots=True)
class ConsentWord:
    """A text that withdraws or gives consent."""

    kind: Literal["stop", "start"]
    word: str
    """The word of our table it was taken for, such as `stop` or `unsubscribe`."""


_Phrases = dict[tuple[str, ...], str]


def consent_word(text: str) -> ConsentWord | None:
    """Whether a text says STOP or START, and with which word; None for everything else. Microseconds."""
    if len(text) <= _LONGEST and (found := _meant(text)):
        return found
    first, _, rest = text[:_LONGEST].strip().partition("\n")
    if rest.strip() and len(first) <= _LONGEST_LINE and (found := _meant(first)) and found.word not in _weak_words():
        return found
    return None


@lru_cache(maxsize=4096)
def _meant(text: str) -> ConsentWord | None:
    tokens = _tokens(text)
    if not tokens or len(tokens) > 14:
        return None
    asked = "?" in text or "？" in text
    whole = (_squeezed("".join(tokens)),)
    if spelt := _TABLES["explicit"].get(whole) or _TABLES["stop"].get(whole):
        return ConsentWord("stop", spelt)
    if (spelt := _TABLES["start"].get(whole)) and not asked:
        return ConsentWord("start", spelt)
    return _sentence(tokens, asked)


def _sentence(tokens: list[str], asked: bool) -> ConsentWord | None:
    """The whole sentence, word by word: anything that is in no table makes it a message for an agent."""
    found: list[tuple[str, str]] = []
    about = polite = asking = False
    at = 0
    while at < len(tokens):
        kinds = ("explicit", "stop", "weak", "start", "polite", "about") if found else (
            "explicit", "stop", "weak", "start", "polite", "asking")  # fmt: skip
        kind, word, length = _longest(tokens, at, kinds)
        if kind in ("explicit", "stop", "weak", "start"):
            found.append((kind, word))
        about, polite, asking = about or kind == "about", polite or kind == "polite", asking or kind == "asking"
        if not length:
            return None
        at += length
    said = {kind for kind, _ in found}
    if said == {"start"} and not asked and not asking:
        return ConsentWord("start", found[0][1])
    if not said or "start" in said:
        return None
    if "explicit" in said or ("stop" in said and (about or not asking)):
        return ConsentWord("stop", next(word for kind, word in found if kind != "weak"))
    if "weak" in said and "stop" not in said and not (polite or asking or asked):
        return ConsentWord("stop", found[0][1])
    return None


def _longest(tokens: list[str], at: int, kinds: tuple[str, ...]) -> tuple[str, str, int]:
    """The longest phrase of these tables that begins here: table, entry, how many words; ("", "", 0) for none."""
    for length in range(min(4, len(tokens) - at), 0, -1):
        words = tuple(tokens[at : at + length])
        for kind in kinds:
            if entry := _TABLES[kind].get(words):
                return kind, entry, length
    if tokens[at].isdigit() and 3 <= len(tokens[at]) <= 8:  # the number one should text it to
        return "polite", tokens[at], 1
    return "", "", 0


def _tokens(text: str) -> list[str]:
    """Words without case, accents, doubled letters and punctuation; letters set apart are one word again."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = unicodedata.normalize("NFC", "".join(char for char in plain if not unicodedata.combining(char)))
    words = re.findall(r"[^\W\d_]+|\d+", re.sub(r"['’`´ʼ]", "", plain))
    tokens: list[str] = []
    letters: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1 and word.isascii() and word.isalpha():
            letters.append(word)
            continue
        tokens += ["".join(letters)] if len(letters) >= 3 else letters
        letters = []
        if word:
            tokens.append(word)
    return [_squeezed(token) for token in tokens]


def _squeezed(word: str) -> str:
    return word if word.isdigit() else re.sub(r"(.)\1+", r"\1", word)


def _table(entries: str) -> _Phrases:
    table: _Phrases = {}
    for entry in entries.split(","):
        table.setdefault(tuple(_tokens(entry)), entry.strip())
    return table


@lru_cache(maxsize=1)
def _weak_words() -> frozenset[str]:
    return frozenset(_TABLES["weak"].values())


_TABLES: dict[str, _Phrases] = {
    "explicit": _table(_EXPLICIT),
    "stop": _table(_STOP),
    "weak": _table(_WEAK),
    "start": _table(_START),
    "polite": _table(_POLITE),
    "about": _table(_ABOUT),
    "asking": _table(_ASKING),
}
