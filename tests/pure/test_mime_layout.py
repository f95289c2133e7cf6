"""HTML to the text an agent reads."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.mime.layout import text_of_html, with_html


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Hello &amp; <b>wel</b>come</p><p>again</p>", "Hello & welcome\n\nagain"),
        ("one<br>two<div>three</div>four", "one\ntwo\nthree\nfour"),
        ("<html><head><title>T</title><style>p{}</style></head><body>text<script>x()</script></body></html>", "text"),
        ("<ul><li>one<li>two</ul><ol><li>first<li>second</ol>", "* one\n* two\n1. first\n2. second"),
        ("<table><tr><th>Item<th>Price<tr><td>Tea<td>3</table>", "Item  Price\nTea  3"),
        ('<span style="display: none">preview</span>text<p hidden>not this</p>', "text"),
        ('<div style="display:none"><div>nested</div></div>text', "text"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("say <blockquote>old<blockquote>older</blockquote></blockquote>new", "say\n\n> old\n>\n>> older\n\nnew"),
        ("a < b and c > d", "a < b and c > d"),
        ("5 &lt;3 &euro;&nbsp;&#x41;", "5 <3 € A"),
        ("<p title=\"a > b\" x='>'>text</p>", "text"),
        ("text <p never closed", "text <p never closed"),
        ("preview\u200c\u200c \u00ad\u200c text", "preview  text"),
        ("a\0b", "a b"),
        ("<!-- x --><!DOCTYPE html><?php y ?>text", "text"),
        ('<?xml version="1.0" encoding="utf-16"?><p>text</p>', "text"),
        ("<style>never closed text", "never closed text"),
        ("<STYLE>x</style >text", "text"),
        ("", ""),
        ("<p> </p>", ""),
        ('<img src="x.png">', ""),
    ],
)
def test_html_becomes_the_text_a_person_would_see(html: str, shown: str) -> None:
    marks: list[str] = []
    assert text_of_html(html, marks) == shown
    assert marks == []


def test_text_that_is_hidden_altogether_is_shown_rather_than_lost() -> None:
    assert text_of_html('<div style="display:none">all of it</div>', []) == "all of it"


@pytest.mark.parametrize("depth", [10, 100, 300, 3000])
def test_no_depth_loses_the_text_inside(depth: int) -> None:
    marks: list[str] = []
    text = text_of_html("<div>" * depth + "inside" + "</div>" * depth + "after", marks)
    assert text.split() == ["inside", "after"]
    assert marks == []


def test_html_beyond_the_limits_says_so_and_keeps_its_words() -> None:
    marks: list[str] = []
    text = text_of_html("<p>word" * 30_000, marks)
    assert text.count("word") == 30_000
    assert marks == ["the HTML could not be laid out, only its words are shown"]
    marks.clear()
    assert len(text_of_html("x" * 600_000, marks)) == 512 * 1024
    assert marks == ["only the first 512 KB of the HTML are read"]


@pytest.mark.parametrize(
    "unit",
    [
        "<p>",
        "<p>a",
        "<a>",
        "<",
        "<!--",
        "<script>",
        "<i hidden>",
        "<a x=\"'",
        "<style>x</style ",
        "<td>a",
        "<blockquote>",
        "<p style='padding-left:9999em'>a",
        "&",
        "<ul><li>a",
        "<b ",
        "a='",
        "<p a",
        "</p>",
    ],
)
def test_it_takes_time_and_room_in_proportion_to_the_html(unit: str) -> None:
    def seconds(times: int) -> float:
        best = 10.0
        for _ in range(3):
            html = f"<p {unit}" + unit * times
            began = time.thread_time()
            text = text_of_html(html, [])
            best = min(best, time.thread_time() - began)
            assert len(text) < 60 * len(html) + 1000
        return best

    text_of_html("<p>warm up", [])
    # Quadratic work would be 256 times as long.
    assert seconds(16_000) < 80 * max(seconds(1_000), 1e-3)


def test_two_threads_never_mix_two_customers_words() -> None:
    def read_often(word: str) -> set[str]:
        return {text_of_html(f"{word}<p>{word}<br>{word}<div>{word}</div>" * 20, []) for _ in range(60)}

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = dict(zip("abcd", pool.map(read_often, "abcd"), strict=True))
    finally:
        sys.setswitchinterval(before)
    for word, texts in found.items():
        assert len(texts) == 1
        assert set("".join(texts)) == {word, "\n"}


def test_a_letter_with_html_is_shown_as_two_texts_or_one() -> None:
    assert with_html("Hello\x1b Ann", "") == "Hello␛ Ann"
    assert with_html("Hello Ann", "<p>Hello\n<b>Ann</b></p>") == "Hello Ann\n\n── its HTML says the same ──"
    other = with_html("Hello Ann", "<p>Dear Ann</p><script>x</script>")
    assert other == "Hello Ann\n\n── its HTML, as text ──\n\nDear Ann"


def test_no_library_that_is_slow_to_load_is_loaded_before_it_is_needed() -> None:
    slow = "{'lxml', 'inscriptis', 'mailparser_reply', 'phonenumbers'}"
    code = (
        f"import sys, core.mime, core.sms; core.mime.read(b'Subject: x\\n\\nhello'); print({slow} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
