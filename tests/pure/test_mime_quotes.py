"""What the customer wrote now, and what is history."""

from __future__ import annotations

import time

import pytest

from core.mime import read
from core.mime.quotes import cut_quote

INTRODUCTIONS = [
    "On Mon, 2 Nov 2026 at 10:00, Desk <desk@example.org> wrote:",
    "On Mon, 2 Nov 2026 at 10:00, A Desk With A Rather Long Name\n<desk@example.org> wrote:",
    "Am 02.11.2026 um 10:00 schrieb Desk <desk@example.org>:",
    "Le lun. 2 nov. 2026 à 10:00, Desk <desk@example.org> a écrit :",
    "El lun, 2 nov 2026 a las 10:00, Desk (<desk@example.org>) escribió:",
    "Il giorno lun 2 nov 2026 alle ore 10:00 Desk <desk@example.org> ha scritto:",
    "Op ma 2 nov 2026 om 10:00 schreef Desk <desk@example.org>:",
    "Den mån 2 nov. 2026 kl 10:00 skrev Desk <desk@example.org>:",
    "Em seg., 2 de nov. de 2026 às 10:00, Desk <desk@example.org> escreveu:",
    "pon., 2 lis 2026 o 10:00 Desk <desk@example.org> napisał(a):",
    "2026年11月2日(月) 10:00 Desk <desk@example.org>:",
]
UNMARKED = [
    "On Mon, 2 Nov 2026 at 10:00, Desk <desk@example.org> wrote:\n\n",
    "-----Original Message-----\nFrom: Desk\nSent: Monday\nTo: Jane\nSubject: Hi\n\n",
    "-----Ursprüngliche Nachricht-----\nVon: Desk\n\n",
    "________________________________\nFrom: Desk <d@example.org>\nSent: Monday\nTo: Jane\n\n",
    "From: Desk <d@example.org>\nSent: Monday, 2 November 2026\nTo: Jane\nSubject: Hi\n\n",
    "Von: Desk\nGesendet: Montag\nAn: Jane\nBetreff: Hi\n\n",
    "De : Desk\nEnvoyé : lundi\nÀ : Jane\nObjet : Hi\n\n",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_an_answer_above_a_marked_quote_stands_alone(introduction: str) -> None:
    kept, quoted = cut_quote(f"Yes please.\n\nJane\n\n{introduction}\n> Shall we?\n>\n> Desk\n")
    assert kept == "Yes please.\n\nJane"
    assert quoted == f"{introduction}\n> Shall we?\n>\n> Desk"


@pytest.mark.parametrize("introduction", UNMARKED)
def test_an_answer_above_an_unmarked_quote_stands_alone(introduction: str) -> None:
    kept, quoted = cut_quote(f"Yes please.\n\n{introduction}Shall we?\n")
    assert kept == "Yes please."
    assert quoted.endswith("Shall we?")


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_an_answer_below_the_quote_is_not_lost(introduction: str) -> None:
    kept, quoted = cut_quote(f"{introduction}\n> Shall we?\n> Desk\n\nYes please.\nJane\n")
    assert kept == "Yes please.\nJane"
    assert "Shall we?" in quoted


@pytest.mark.parametrize(
    "text",
    [
        "Hello, where is my parcel?",
        "My order:\n- one\n- two",
        "Your colleague wrote:\nyou get a refund",
        "He wrote to me:\nit is late",
        "Meet me at 10:30:\nthe usual place",
        "Hi\nFrom: the bottom of my heart\nTo: you\nthank you",
        "Hi\n--------------------\nJane, Example Ltd",
        "Hi\n-- \nJane",
        "a > b\nand c > d",
        "top\n> first question\nfirst answer\n> second question\nsecond answer",
        "On Mon, 2 Nov 2026 at 10:00, Desk <d@example.org> wrote:\n> one?\n\nyes\n\n> two?\n\nno",
        "> only a quote\n> and no more",
        "From: Desk <d@example.org>\nSent: Monday\nTo: Jane\nSubject: forwarded\n\nsee this",
        "---------- Forwarded message ---------\nFrom: Desk <d@example.org>\nDate: Monday\nSubject: x\n\nsee this",
    ],
)
def test_when_in_doubt_nothing_is_cut(text: str) -> None:
    assert cut_quote(text) == (text, "")


def test_the_quote_of_an_html_mail_is_cut_too() -> None:
    raw = (
        "Content-Type: text/html; charset=utf-8\r\n\r\n<div dir=ltr>Oui, merci</div><br><div class=gmail_quote>"
        "<div class=gmail_attr>Le lun. 2 nov. 2026 à 10:00, Desk &lt;<a href='x'>d@e.org</a>&gt; a écrit :<br></div>"
        "<blockquote class=gmail_quote><div>On y va ?</div></blockquote></div>"
    ).encode()
    mail = read(raw)
    assert mail.text == "Oui, merci"
    assert mail.quoted.startswith("Le lun. 2 nov. 2026")
    assert mail.quoted.endswith("> On y va ?")


@pytest.mark.parametrize(
    "line", ["On On On wrote x>:", "> > wrote:", "Den skrev 1 skrev 10:00:", "From: ", "* * * *", "___"]
)
def test_cutting_takes_time_in_proportion_to_the_text(line: str) -> None:
    def seconds(times: int) -> float:
        best = 10.0
        for _ in range(3):
            began = time.thread_time()
            cut_quote(f"{(line * 20)[:100]}\n" * times)
            best = min(best, time.thread_time() - began)
        return best

    cut_quote("warm\n> up")
    # The library alone needs four times as long for twice the text: here 256 times as long.
    assert seconds(2_400) < 60 * max(seconds(150), 1e-3)
