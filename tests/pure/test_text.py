"""Text from outside, made harmless."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text import clip, harmless, one_line

# What the cleaning promises never to let through, said another way than the code says it.
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
SMUGGLERS = [
    chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x2028, 0x2060, 0xFEFF, 0xFFFE, 0xE0041, 0xD800)
]
ANYTHING = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from([*SMUGGLERS, *BIDI, "\u200d", "\ufe0f", "👩", "م", "\u0301"]))
)


@pytest.mark.parametrize(
    "text",
    [
        "Hello, where is my parcel?",
        "two\nlines\tand a tab",
        "Grüße aus Köln, ¿qué tal? Ελληνικά, עברית, العربية, 日本語, हिन्दी, ไทย",
        "👍🏽 ❤️ 👩‍👩‍👧 🏳️‍🌈 👩🏽‍💻 🙂‍↔️ ©️ 1️⃣ #️⃣",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿 🇬🇧",
        "می‌خواهم",
        "क्‍ष ක්‍ර",
        "葛\U000e0100城",
        "price\u00a05\u202f€",
    ],
)
def test_ordinary_text_of_every_script_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred", "a␛[31mred"),
        ("nul\0 bell\a del\x7f", "nul␀ bell␇ del␡"),
        ("c1\x9b31m", "c1⟨U+009B⟩31m"),
        ("evil\u202egnp.exe", "evil⟨U+202E⟩gnp.exe"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("pay\u200dpal", "pay⟨U+200D⟩pal"),
        ("a\ufe0f", "a⟨U+FE0F⟩"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("🏴\U000e0068\U000e0069\U000e007f", "🏴⟨U+E0068⟩⟨U+E0069⟩⟨U+E007F⟩"),
        ("lone\ud800", "lone⟨U+D800⟩"),
        ("non\ufdd0\U0001ffff", "non⟨U+FDD0⟩⟨U+1FFFF⟩"),
        ("\u200b" * 500, "⟨U+200B⟩×500"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("\ufeffbom", "bom"),
        ("1\u20e3", "1\u20e3"),
        ("z" + "\u0301" * 30 + "o", "z" + "\u0301" * 30 + "o"),
        ("z" + "\u0301" * 1230 + "a\u0300", "z" + "\u0301" * 30 + "⟨+1,200 marks⟩a\u0300"),
        ("a\u20d2\u0489" * 2 + "\u0ec8" * 40, "a\u20d2\u0489" * 2 + "\u0ec8" * 28 + "⟨+12 marks⟩"),
    ],
)
def test_what_steers_or_hides_is_made_visible(text: str, shown: str) -> None:
    assert harmless(text) == shown


@pytest.mark.parametrize("char", sorted(BIDI | {c for c in SMUGGLERS if c not in "\n\t\r\x85\u2028\ufeff"}), ids=ascii)
def test_each_one_of_them_is_made_visible(char: str) -> None:
    for text in (f"a{char}b", char, f"é{char}", f"👩{char}👩", f"م{char}م"):
        assert char not in harmless(text)
    assert harmless(char * 3) == harmless(char) * 3
    assert harmless(char * 4) == harmless(char) + "×4"


def test_lines_and_tabs_fold_to_one_space_when_asked() -> None:
    assert harmless("a\r\n\r\nb\tc", lines=False) == "a b c"
    assert harmless("a\n\tb\u2029c", lines=False) == "a b c"


@given(ANYTHING)
@example("👩\u200d\u200d👩")
@example("a\ufe0f\u200d👩")
@example("👩\u200d\ufe0f👩")
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once
    flat = harmless(text, lines=False)
    assert harmless(flat, lines=False) == flat


@given(ANYTHING)
def test_nothing_that_steers_a_terminal_survives(text: str) -> None:
    for shown in (harmless(text), harmless(text, lines=False), one_line(text, 50), clip(harmless(text), 100)):
        assert not set(shown) & BIDI
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u2028\u2029]", shown)
        shown.encode()


@given(ANYTHING, st.integers(1, 80))
def test_one_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert "\t" not in line
    assert line == line.strip()


@given(st.text(max_size=400), st.integers(1, 300))
def test_a_clipped_text_is_within_its_limit_and_says_so(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert len(clipped) <= limit
    if len(text) <= limit:
        assert clipped == text
    else:
        assert "…" in clipped


def test_a_clip_says_how_much_is_missing() -> None:
    assert clip("x" * 5000, 1000).endswith("\n[… 4,040 more characters]")
    assert one_line("x" * 50, 10) == "x" * 9 + "…"


def test_a_cut_leaves_no_half_emoji_behind() -> None:
    assert one_line("👩‍👩‍👧" * 5, 3) == "👩…"


@pytest.mark.parametrize(
    "unit", ["a", "é", "\u200b", "\u0301", "\r\n", "👩\u200d", "\u200b\u200c", "م\u200c", " \t", "🏴\U000e0067"]
)
def test_cleaning_takes_time_in_proportion_to_the_text(unit: str) -> None:
    def seconds(times: int) -> float:
        best = 10.0
        for _ in range(3):
            text = unit * times
            began = time.thread_time()
            harmless(text, lines=False)
            best = min(best, time.thread_time() - began)
        return best

    # Quadratic work would be 256 times as long; a busy machine is not.
    assert seconds(64_000) < 100 * max(seconds(4_000), 1e-4)
