"""Less output, the same screen; and what came into a list."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, InlineUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from tests.tui.screenful import Screenful
from tui.sparing import Sparing
from tui.widgets.arrived import arrived

WIDTH, HEIGHT, CUT = 24, 3, 9
SIZE = Size(WIDTH, HEIGHT)
CONSOLE = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)
STYLES = [Style(), Style(bold=True), Style(color="#ff0000", bgcolor="#000010"), Style(bgcolor="#000010"), None]
words = st.tuples(st.sampled_from(["", "a", "ab ●─", "é  b", "漢", "a👍b"]), st.sampled_from(STYLES))
lines = st.tuples(st.lists(words, max_size=4), st.lists(words, max_size=4))


def chops(line: Any) -> dict[int, Strip]:
    """Two widgets side by side, cut where compositors cut."""
    return {
        x: Strip([Segment(text, style) for text, style in part]).adjust_cell_length(size, None)
        for x, size, part in ((0, CUT, line[0]), (CUT, WIDTH - CUT, line[1]))
    }


def some(shown: list[Any], spans: list[tuple[int, int, int]]) -> ChopsUpdate:
    return ChopsUpdate([chops(line) for line in shown], spans, [[CUT, WIDTH]] * HEIGHT)


def whole(shown: list[Any]) -> LayoutUpdate:
    return LayoutUpdate([list(chops(line).values()) for line in shown], Region(0, 0, WIDTH, HEIGHT))


frames = st.lists(
    st.tuples(
        st.lists(st.one_of(st.none(), lines), min_size=HEIGHT, max_size=HEIGHT),
        st.sampled_from([(0, WIDTH), (0, CUT), (CUT, WIDTH), (0, 4), (2, 15)]),
        st.sampled_from(["some", "some", "some", "whole", "forgotten"]),
    ),
    max_size=8,
)


@given(frames)
def test_what_is_spared_is_not_missed(frames: list[Any]) -> None:
    usual, ours, sparing = Screenful(WIDTH, HEIGHT), Screenful(WIDTH, HEIGHT), Sparing()
    shown: list[Any] = [([], [])] * HEIGHT
    sparing.least(whole(shown), SIZE, CONSOLE)
    for changed, (first, last), kind in frames:
        shown = [after or before for before, after in zip(shown, changed, strict=True)]
        update: Any = whole(shown)
        if kind != "whole":
            spans = [(y, first, last) for y, line in enumerate(changed) if line]
            if not spans:
                continue
            update = some(shown, spans)
        if kind == "forgotten":
            sparing.forget()
            ours.feed(b"\x1b[2;1HWhat the shell has said.")
            usual.feed(b"\x1b[2;1HWhat the shell has said.")
        usual.feed(update.render_segments(CONSOLE).encode())
        less = sparing.least(update, SIZE, CONSOLE)
        ours.feed(less.render_segments(CONSOLE).encode() if less else b"")
        assert ours.cells == usual.cells
    assert ours.octets <= usual.octets + 8 * len(frames)


def test_one_changed_digit_costs_one_digit() -> None:
    def line(number: int) -> Any:
        return ([("front", STYLES[1])], [(f"{number:>7}", STYLES[2])])

    sparing = Sparing()
    sparing.least(whole([line(128)] * HEIGHT), SIZE, CONSOLE)
    spans = [(1, 0, WIDTH)]
    less = sparing.least(some([line(129)] * HEIGHT, spans), SIZE, CONSOLE)
    assert less is not None
    assert less.render_segments(CONSOLE) == "\x1b[2;16H\x1b[38;2;255;0;0;48;2;0;0;16m9\x1b[0m"
    assert sparing.least(some([line(129)] * HEIGHT, spans), SIZE, CONSOLE) is None


def test_another_style_of_the_same_words_is_written() -> None:
    sparing = Sparing()
    sparing.least(whole([([("one", None), (" two", None)], [])] * HEIGHT), SIZE, CONSOLE)
    bold = some([([("one", STYLES[1]), (" two", None)], [])] * HEIGHT, [(0, 0, WIDTH)])
    less = sparing.least(bold, SIZE, CONSOLE)
    assert less is not None and less.render_segments(CONSOLE) == "\x1b[1;1H\x1b[1mone\x1b[0m"


def test_another_size_and_what_is_written_past_it_make_it_forget() -> None:
    plain = [([("a", None)], [("b", None)])] * HEIGHT
    spans = [(0, 0, WIDTH)]
    sparing = Sparing()
    sparing.least(whole(plain), SIZE, CONSOLE)
    assert sparing.least(some(plain, spans), SIZE, CONSOLE) is None
    assert sparing.least(some(plain, spans), Size(WIDTH + 1, HEIGHT), CONSOLE) is not None
    for inline in (False, True):
        sparing.least(whole(plain), SIZE, CONSOLE)
        assert sparing.least(some(plain, spans), SIZE, CONSOLE) is None
        if inline:
            sparing.least(InlineUpdate([]), SIZE, CONSOLE)
        else:
            sparing.forget()
        assert sparing.least(some(plain, spans), SIZE, CONSOLE) is not None


def test_a_line_whose_width_terminals_disagree_on_is_written_whole() -> None:
    before, after = ([("👍", None)], [("x1", None)]), ([("👍", None)], [("x2", None)])
    sparing = Sparing()
    sparing.least(whole([before] * HEIGHT), SIZE, CONSOLE)
    less = sparing.least(some([after] * HEIGHT, [(0, 0, WIDTH)]), SIZE, CONSOLE)
    assert less is not None and cell_len("👍") == 2
    assert "👍" in less.render_segments(CONSOLE)


keys = st.lists(st.integers(0, 60), unique=True, max_size=40)


@given(keys, keys)
def test_what_arrived_is_what_was_not_there(before: list[int], now: list[int]) -> None:
    assert arrived(before, now) == [place for place, key in enumerate(now) if key not in before]


@given(st.sets(st.integers(0, 2_999), max_size=80), st.dictionaries(st.integers(0, 2_999), st.integers(), max_size=80))
def test_few_arrivals_among_many_are_found(left: set[int], came: dict[int, int]) -> None:
    before = list(range(3_000))
    now = [key for key in before if key not in left]
    for number, place in enumerate(sorted(came)):
        now.insert(place, 10_000 + number)
    assert arrived(before, now) == [place for place, key in enumerate(now) if key >= 10_000]
