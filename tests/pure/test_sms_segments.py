"""Segments: what a text takes on the air, against a model that packs one character after another."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.sms import count_parts, plain_twin, split_parts

# 3GPP TS 23.038, 6.2.1, written out by hand: not the codec's own table.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"


def model(text: str) -> tuple[str, int, list[int]]:
    """Encoding, units, and the units of each part; the dullest way there is."""
    if all(char in BASIC + EXTENDED for char in text):
        encoding, alone, each = "GSM-7", 160, 153
        costs = [2 if char in EXTENDED else 1 for char in text]
    else:
        encoding, alone, each = "UCS-2", 70, 67
        costs = [len(char.encode("utf-16-be", "surrogatepass")) // 2 for char in text]
    if sum(costs) <= alone:
        return encoding, sum(costs), [sum(costs)]
    parts = [0]
    for cost in costs:
        if parts[-1] + cost > each:
            parts.append(0)
        parts[-1] += cost
    return encoding, sum(costs), parts


_gsm = st.text(st.sampled_from(BASIC + EXTENDED), max_size=700)
_any = st.text(st.one_of(st.sampled_from(BASIC + EXTENDED + "😀🏳ç“"), st.characters()), max_size=300)


@given(st.one_of(_gsm, _any))
@example("a" * 152 + "€" * 5)
@example("€" * 80)
@example("a" * 159 + "€")
@example("a" * 152 + "€" + "b" * 152 + "€")
@example("b" * 66 + "😀" + "c" * 66 + "😀")
@example("😀" * 35)
@example("a" * 306)
@example("ç" * 134)
@example("\x1b")
def test_parts_are_what_the_model_packs(text: str) -> None:
    encoding, units, parts = model(text)
    count = count_parts(text)
    assert (count.encoding, count.units, count.parts) == (encoding, units, len(parts))
    assert count.left == count.per_part - parts[-1]
    pieces = split_parts(text)
    assert "".join(pieces) == text
    assert [model(piece)[1] for piece in pieces] == parts if encoding == "GSM-7" else len(pieces) == len(parts)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "left"),
    [
        ("", "GSM-7", 0, 1, 160),
        ("a" * 160, "GSM-7", 160, 1, 0),
        ("a" * 161, "GSM-7", 161, 2, 145),
        ("a" * 306, "GSM-7", 306, 2, 0),
        ("a" * 307, "GSM-7", 307, 3, 152),
        ("€" * 80, "GSM-7", 160, 1, 0),
        ("€" * 81, "GSM-7", 162, 2, 143),
        ("ç", "UCS-2", 1, 1, 69),
        ("☃" * 70, "UCS-2", 70, 1, 0),
        ("☃" * 71, "UCS-2", 71, 2, 63),
        ("😀" * 35, "UCS-2", 70, 1, 0),
        ("😀" * 36, "UCS-2", 72, 2, 61),
    ],
)
def test_the_known_edges(text: str, encoding: str, units: int, parts: int, left: int) -> None:
    count = count_parts(text)
    assert (count.encoding, count.units, count.parts, count.left) == (encoding, units, parts, left)


def test_the_characters_that_force_ucs2_are_named_with_their_twins() -> None:
    count = count_parts("It’s “so” good… 😀 ’")
    assert count.forcing == (("’", "'"), ("“", '"'), ("”", '"'), ("…", "..."), ("😀", ""))
    assert count_parts("plain [€]").forcing == ()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“It’s” – fine…", '"It\'s" - fine...'),
        ("naïve façade, Łódź, œuvre", "naive facade, Lodz, oeuvre"),
        ("non\u00a0breaking\u202fand\u2009thin", "non breaking and thin"),
        ("½ ﬁne № 5²", "1/2 fine No 52"),
        ("ÅÄÖ é ñ stay", "ÅÄÖ é ñ stay"),
        ("cafe\u0301", "café"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("ΑΒΕ Δ", "ABE Δ"),
        ("☃ 😀 日本", "☃ 😀 日本"),
    ],
)
def test_the_plain_twin_reads_the_same(text: str, plain: str) -> None:
    assert plain_twin(text) == plain


@given(st.text(max_size=200))
def test_a_plain_twin_is_its_own_twin_and_never_dearer(text: str) -> None:
    plain = plain_twin(text)
    assert plain_twin(plain) == plain
    assert len(count_parts(plain).forcing) <= len(count_parts(text).forcing)


@pytest.mark.parametrize("unit", ["a", "€", "ç", "😀a", "abc“"])
def test_counting_takes_time_in_proportion_to_the_text(unit: str) -> None:
    def seconds(times: int) -> float:
        best = 10.0
        for _ in range(3):
            text = unit * times
            began = time.thread_time()
            count_parts(text)
            best = min(best, time.thread_time() - began)
        return best

    assert seconds(80_000) < 100 * max(seconds(5_000), 1e-4)


def test_counting_a_text_of_nothing_but_different_characters_is_no_slower() -> None:
    text = "".join(map(chr, range(0x4E00, 0x9FFF))) + "".join(map(chr, range(0x20000, 0x28000)))
    began = time.process_time()
    assert len(count_parts(text).forcing) == len(text)
    assert time.process_time() - began < 3
