"""The pure part of IMAP: cutting, reading, quoting. No socket is opened."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gateway.imap_grammar import (
    MAX_SET_LENGTH,
    Reply,
    ReplyReader,
    TooMuch,
    decode_mailbox,
    encode_mailbox,
    fetched,
    listed_mailbox,
    quote,
    read_date,
    read_status,
    searched,
    uid_sets,
)

ROOM = 10**9


def replies(*chunks: bytes, allowance: int = ROOM) -> list[Reply]:
    reader = ReplyReader(allowance)
    return [reply for chunk in chunks for reply in reader.feed(chunk)]


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


# -- cutting a stream into replies ---------------------------------------------------------------------------------

texts = st.binary(max_size=30).map(lambda b: b.translate(None, b"\r\n{}"))
literals = st.binary(max_size=80)


@given(
    st.lists(st.tuples(texts, st.lists(st.tuples(literals, texts), max_size=3)), max_size=5), st.lists(st.integers(0))
)
def test_what_was_sent_comes_out_whole_wherever_the_stream_is_cut(
    sent: list[tuple[bytes, list[tuple[bytes, bytes]]]], cuts: list[int]
) -> None:
    stream, expected = b"", []
    for text, more in sent:
        reply, wire = [b"* 1 " + text], b"* 1 " + text
        for literal, after in more:
            reply[-1] += b"{%d}" % len(literal)
            reply += [literal, after]
            wire += b"{%d}\r\n" % len(literal) + literal + after
        expected.append(reply)
        stream += wire + b"\r\n"
    assert replies(*pieces(stream, cuts)) == expected


@given(st.binary(), st.lists(st.integers(0)))
def test_no_stream_makes_the_reader_raise_and_cuts_change_nothing(data: bytes, cuts: list[int]) -> None:
    assert replies(data) == replies(*pieces(data, cuts))


@given(st.binary())
def test_no_reply_makes_the_fetch_reading_raise(data: bytes) -> None:
    for reply in replies(b"* 1 FETCH (" + data):
        fetched(reply)


def test_a_person_may_write_braces_in_a_status() -> None:
    assert replies(b"* OK see you in room {5}\r\na1 NO not {7}\r\n") == [
        [b"* OK see you in room {5}"],
        [b"a1 NO not {7}"],
    ]


def test_a_literal_larger_than_allowed_is_refused_before_it_arrives() -> None:
    with pytest.raises(TooMuch):
        replies(b"* 1 FETCH (BODY[] {99999999999}\r\n", allowance=1000)


@given(st.integers(1, 40))
def test_a_line_that_never_ends_is_refused_at_the_allowance(chunk: int) -> None:
    reader = ReplyReader(200)
    with pytest.raises(TooMuch):
        for _ in range(201):
            list(reader.feed(b"a" * chunk))
    assert reader.allowance > -chunk - 1


def test_cutting_a_long_line_out_of_single_octets_is_linear() -> None:
    def seconds(size: int) -> float:
        reader, octet, began = ReplyReader(ROOM), b"a", time.thread_time()
        for _ in range(size):
            list(reader.feed(octet))
        return time.thread_time() - began

    assert min(seconds(160_000) for _ in range(3)) < 10 * min(seconds(40_000) for _ in range(3))


# -- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "items"),
    [
        ([b"* 1 FETCH (UID 7 RFC822.SIZE 44)"], {b"UID": b"7", b"RFC822.SIZE": b"44"}),
        ([b"* 1 FETCH (BODY[] {3}", b"abc", b" UID 7)"], {b"UID": b"7", b"BODY[]": b"abc"}),
        ([b"* 1 FETCH (UID 7 BODY[] NIL)"], {b"UID": b"7"}),
        ([b'* 1 FETCH (UID 7 BODY[] "")'], {b"UID": b"7", b"BODY[]": b""}),
        ([rb'* 1 FETCH (UID 7 BODY[] "a\"b\\c ( * d")'], {b"UID": b"7", b"BODY[]": rb'a"b\c ( * d'}),
        ([rb'* 1 FETCH (FLAGS (\Seen $x) X ((1) "(") UID 7)'], {b"UID": b"7"}),
        ([b"* 1 fetch (uid 7 Body[Header]<0> {1}", b"h", b")"], {b"UID": b"7", b"BODY[HEADER]<0>": b"h"}),
        ([b'* 1 FETCH (UID 7 ENVELOPE ("unbalanced ( x" NIL))'], {b"UID": b"7"}),
        ([b'* 1 FETCH (UID 7 X "never closed)'], {b"UID": b"7"}),
        ([b"* 1 FETCH (BODY[HEADER.FIELDS (FROM TO)] {2}", b"xy", b")"], {b"BODY[HEADER.FIELDS (FROM TO)]": b"xy"}),
    ],
)
def test_the_items_of_a_fetch_are_found(reply: Reply, items: dict[bytes, bytes]) -> None:
    assert fetched(reply) == items


def test_a_mails_own_words_are_never_taken_for_the_servers() -> None:
    mail = b") UID 99 BODY[] {0}\r\n* 5 FETCH (UID 1)\r\na1 OK done\r\n"
    stream = b"* 1 FETCH (UID 7 BODY[] {%d}\r\n%s)\r\n" % (len(mail), mail)
    assert [fetched(reply) for reply in replies(stream)] == [{b"UID": b"7", b"BODY[]": mail}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"17-Jul-1996 02:44:25 -0700", datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)),
        (b" 1-jan-2026 00:00:00 +0530", datetime(2025, 12, 31, 18, 30, tzinfo=UTC)),
        (b"31-Feb-2026 00:00:00 +0000", None),
        (b"01-Foo-2026 00:00:00 +0000", None),
        (b"01-Jan-0001 00:00:00 +1400", None),
        (b"01-Jan-2026 00:00:00 +9999", None),
        (b"", None),
        (b"\xff\x00", None),
    ],
)
def test_an_arrival_is_read_or_is_none(text: bytes, expected: datetime | None) -> None:
    assert read_date(text) == expected


def test_a_status_falls_into_its_parts() -> None:
    assert read_status(b"NO [TRYCREATE] no such box") == ("NO", "TRYCREATE", "", "no such box")
    assert read_status(b"ok [UIDVALIDITY 12] fine [sic]") == ("OK", "UIDVALIDITY", "12", "fine [sic]")
    assert read_status(b"OK") == ("OK", "", "", "")
    assert read_status(b"220 smtp ready").word == ""


def test_only_numbers_that_can_be_uids_are_searched() -> None:
    assert searched([[b"* SEARCH 3 1 x 4294967295 " + b"9" * 5000], [b"* SEARCH"]]) == {1, 3, 4294967295}


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ([rb'* LIST (\HasNoChildren) "." INBOX'], "INBOX"),
        ([rb'* LIST () "/" "Entw&APw-rfe 2026"'], "Entwürfe 2026"),
        ([rb'* LIST (\Marked) NIL "say \"hi\""'], 'say "hi"'),
        ([rb'* LIST () "\\" {6}', b"a & b", b""], "a & b"),
        ([rb'* LIST (\Noselect) "/" foo'], None),
        ([b"* LIST nonsense"], None),
    ],
)
def test_a_folders_name_is_read_out_of_a_list(reply: Reply, name: str | None) -> None:
    assert listed_mailbox(reply) == name


# -- writing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", "INBOX"),
        ("Entwürfe", "Entw&APw-rfe"),
        ("A & B", "A &- B"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501 section 5.1.3
        ("🙂", "&2D3eQg-"),
    ],
)
def test_folder_names_are_written_in_modified_utf_7(name: str, wire: str) -> None:
    assert encode_mailbox(name) == wire
    assert decode_mailbox(wire.encode()) == name


@given(st.text())
def test_every_folder_name_survives_the_wire(name: str) -> None:
    wire = encode_mailbox(name)
    assert decode_mailbox(wire.encode()) == name
    assert wire.isascii()
    assert wire.isprintable()


def test_a_name_that_is_no_modified_utf_7_is_read_as_it_stands() -> None:
    assert decode_mailbox("Entwürfe & &x- &Jw-".encode()) == "Entwürfe & &x- &Jw-"


@given(st.text())
def test_what_is_quoted_can_be_read_back(text: str) -> None:
    if not set(text) & set("\r\n\0"):
        wire = b"* 1 FETCH (X %s)" % quote(text).encode()
        assert fetched([wire]) == {b"X": text.encode()}


@given(st.lists(st.integers(1, 2**32 - 1) | st.integers(1, 60)), st.integers(1, 50))
def test_uid_sets_name_each_uid_once_and_no_other_within_their_limits(uids: list[int], per_set: int) -> None:
    named: list[int] = []
    for part in uid_sets(uids, per_set):
        assert len(part) <= MAX_SET_LENGTH
        mine: list[int] = []
        for piece in part.split(","):
            first, _, last = piece.partition(":")
            mine += range(int(first), int(last or first) + 1)
        assert len(mine) <= per_set
        named += mine
    assert named == sorted(set(uids))


def test_scattered_uids_do_not_make_an_overlong_line() -> None:
    parts = list(uid_sets(range(10**9, 10**9 + 20_000, 2), 10**6))
    assert len(parts) > 1
    assert max(map(len, parts)) <= MAX_SET_LENGTH
