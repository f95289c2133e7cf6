"""STOP and START as people write them, and the sentences that only look like it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sms import ConsentWord, consent_word

STOPS = """
stop
Stop.
STOP
STOP please
stop!!
 s t o p
s.t.o.p
S-T-O-P.
st op
"STOP"
‘Stop’
STOPP
STOOOOP!!!
stpo
Stop?
STOP🙏
🛑 STOP 🛑
ＳＴＯＰ
stop stop stop
stop.stop
STOP ALL
stopall
STOP 60777
STOP SMS
please stop
ok stop now thank you
Please stop texting me
stop sending me messages
Stop this
can you stop texting me please?
UNSUBSCRIBE
unsubscribe me please
unsuscribe
I want to unsubscribe
OPT OUT
opt-out
Opt me out.
Remove me from your list
take me off your list please
Don't text me again
Do not contact me
no more texts please
END
QUIT
quit texting me
CANCEL
cancel all messages
Revoke
Arrêt
ARRET
arrêter svp
me désabonner
Stop s'il vous plaît
PARAR
BAJA
Dar de baja
por favor parar
ABMELDEN
stop bitte
Bitte keine SMS mehr
Afmelden
uitschrijven
Avsluta
Rezygnuję
Lopeta
Diwedd
Стоп
отписаться
στοπ
停止
退订
수신거부
توقف
إيقاف
הסר
""".strip("\n").split("\n")
STOPS += ["STOP\nSent from my iPhone", "STOP\n\nI never signed up for this", "\n\n stop \r\n"]

STARTS = [
    "start",
    "START",
    "Start.",
    "Start please",
    "UNSTOP",
    "un-stop",
    "opt in",
    "OPTIN",
    "subscribe",
    "Resubscribe",
    "Alta",
    "starten",
    "S T A R T",
    "старт",
    "开始",
    "start again",
]

NEITHER = """
please don't stop sending
the bus stop is closed
can you cancel my appointment on Friday?
yes
YES
no
ok
Y
When does it end?
Stop by at 5
Stop at the shop please
stop it
don't stop
I can't stop laughing
I want to stop
full stop
next stop
my stop is next
the stop
bus stop
nonstop
Non-stop
stopwatch
Will you stop at the shop?
Please stop the direct debit
Stop the delivery, I am away
which stop do I get off?
Where is the stop
I never said stop
Do I need to text STOP?
Reply STOP to unsubscribe
How do I unsubscribe from the paper but keep the texts
Please cancel my order
cancel please
cancel?
Cancel my order please
cancel my subscription to the gym
the end
weekend
end of month is fine
at the end
quit smoking help
I quit my job
start?
When do we start
Can you start on Monday
Do you want to start
start over
stop start
stop and start
Subscribe to what?
alto adige
baja california
pare com isso
fin de semana
arrêt de bus
Ende gut, alles gut
all messages
please
thank you
to
123
?
🛑🛑
""".strip("\n").split("\n")
NEITHER += [
    "",
    "   ",
    "\n\n",
    "Cancel\nmy order please",
    "My order\nSTOP",
    "x" * 5000,
    "stop " * 500,
    "Hi,\nplease do not stop\nStop",
]


@pytest.mark.parametrize("text", STOPS)
def test_this_withdraws_consent(text: str) -> None:
    found = consent_word(text)
    assert found is not None
    assert found.kind == "stop"
    assert found.word


@pytest.mark.parametrize("text", STARTS)
def test_this_gives_consent(text: str) -> None:
    found = consent_word(text)
    assert found is not None
    assert found.kind == "start"


@pytest.mark.parametrize("text", NEITHER)
def test_this_is_a_message_for_an_agent(text: str) -> None:
    assert consent_word(text) is None


def test_the_word_it_was_taken_for_is_named() -> None:
    assert consent_word("Stopp!!") == ConsentWord("stop", "stop")
    assert consent_word("please unsubscribe") == ConsentWord("stop", "unsubscribe")
    assert consent_word("Cancel") == ConsentWord("stop", "cancel")
    assert consent_word("un-stop") == ConsentWord("start", "unstop")


@pytest.mark.parametrize(
    "word", ["stop", "unsubscribe", "arrêt", "abmelden", "baja", "end", "cancel", "start", "unstop"]
)
def test_case_blanks_and_punctuation_change_nothing(word: str) -> None:
    expected = consent_word(word)
    assert expected
    for before in ("", " ", "\n", "...", '"', "👍 "):
        for after in ("", "  ", "\r\n", ".", "!!!", "'", " 🙂", "\u200b"):
            for shaped in (word, word.upper(), word.title()):
                assert consent_word(before + shaped + after) == expected


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    found = consent_word(text)
    assert found is None or found.kind in ("stop", "start")


def test_a_long_text_costs_no_more_than_a_short_one() -> None:
    def seconds(text: str) -> float:
        best = 10.0
        for _ in range(5):
            began = time.thread_time()
            consent_word(text)
            best = min(best, time.thread_time() - began)
        return best

    assert seconds("s t o p " * 100_000) < 50 * max(seconds("hello there, how are you today?"), 1e-4)
