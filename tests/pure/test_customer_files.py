"""Files of customers: encodings, separators, workbooks, mapping of columns, cells."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.campaigns.cells import callback_of, email_of, named_zone, number_of, status_of
from core.campaigns.mapping import mapped
from core.campaigns.numbers import Numbers
from core.campaigns.reading import Reader, Surroundings
from core.campaigns.tables import opened
from core.errors import Wrong
from core.text import harmless

if TYPE_CHECKING:
    from core.campaigns.reading import Batch

AROUND = Surroundings("GB", "Europe/London", {"ann": 7})


def read_all(path: Path, said: dict[str, str] | None = None) -> Batch:
    with opened(path) as table:
        reader = Reader(table, mapped(table.columns, {}, said or {}), AROUND)
        try:
            return reader.batch(100_000)
        finally:
            reader.close()


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_encoding_and_separator_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    lines = ["Ref,Name,Mobile", 'A1,"Zoë Müller",07700 900123', "A2,Bo,07700900124", ""]
    path = write(tmp_path / "c.csv", "\r\n".join(lines).replace(",", separator), encoding)
    batch = read_all(path)
    assert [(one.reference, one.name, one.number) for one in batch.entries] == [
        ("A1", "Zoë Müller", "+447700900123"), ("A2", "Bo", "+447700900124"),
    ]  # fmt: skip
    assert batch.is_last


def test_a_latin_letter_late_in_a_long_file_still_tells_the_encoding(tmp_path: Path) -> None:
    rows = "".join(f"R{n},Ann,0770090{n:04d}\n" for n in range(5000))
    path = tmp_path / "c.csv"
    path.write_bytes(("ref,name,number\n" + rows).encode() + "Z,Zoë,\n".encode("cp1252"))
    assert read_all(path).entries[-1].name == "Zoë"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_letters_without_a_mark_are_read_too(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "c.csv", "Ref,Name\nA1,Zoë\n", encoding)
    assert [(one.reference, one.name) for one in read_all(path).entries] == [("A1", "Zoë")]


def test_zeros_in_the_names_of_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Wrong, match="zeros in its first line"):
        read_all(write(tmp_path / "c.csv", "ref,na\0me\nA1,b\n"))


@pytest.mark.parametrize(
    ("rows", "line"),
    [('A1,"open\nA2,b\n', 2), ('A1,"a\nb"\nA2,"open\nA3,c\n', 4), ('A1,"a"\nA2,"open', 3), ('A1,a\nA2,"', 3)],
)
def test_a_quote_that_is_open_at_the_end_hides_no_row_behind_it(tmp_path: Path, rows: str, line: int) -> None:
    with pytest.raises(Wrong, match=f"line {line} cannot be read as CSV: a quote is not closed"):
        read_all(write(tmp_path / "c.csv", "ref,name\n" + rows))


def test_a_cell_that_is_too_long_is_a_bad_row_and_the_others_are_read(tmp_path: Path) -> None:
    batch = read_all(write(tmp_path / "c.csv", f"ref,name\nA1,{'x' * 200_000}\nA2,b\n"))
    assert [entry.reference for entry in batch.entries] == ["A2"]
    ((line, reason),) = ((problem.line, problem.reason) for problem in batch.problems)
    assert line == 2 and "a cell has more than 131,072 characters" in reason


def test_every_bad_row_is_named_with_line_column_and_reason(tmp_path: Path) -> None:
    text = (
        "Ref;Mobile;E-mail;Zone;Owner;Status;Callback\n"
        "A1;07700900123;a@home.example;Europe/Paris;Ann;unused;\n"
        '"A\n2";call me;b@home.example;;;;\n'
        "A3;;nobody;;;;\n"
        "A4;;;Mars;;;\n"
        "A5;;;;zoe;;\n"
        "A6;;;;;finished;\n"
        "A7;;;;;callback;\n"
        "A8;;;;;;tomorrow\n"
        "A9;;;;;contacted;2026-03-02 10:00\n"
        ";;;;;;\n"
        ";;;Europe/Paris;;;\n"
        "A1;;;;;;\n"
        "B1;1;2;3;4;5;6;7\n"
        "B2;07700900123;;;;;2026-03-02 10:00\n"
    )
    batch = read_all(write(tmp_path / "c.csv", text))
    assert [(one.line, one.column, one.left_out) for one in batch.problems] == [
        (3, "Mobile", False), (5, "E-mail", False), (6, "Zone", True), (7, "Owner", True), (8, "Status", True),
        (9, "Callback", True), (10, "Callback", True), (11, "Callback", True), (13, "Ref", True), (14, "Ref", True),
        (15, "", True), (16, "Mobile", False),
    ]  # fmt: skip
    assert "same customer as line 2" in batch.problems[-3].reason
    assert "same number as line 2" in batch.problems[-1].reason
    first, second, _, last = batch.entries
    assert (first.zone, first.owner_id, first.status) == ("Europe/Paris", 7, "unused")
    assert (second.reference, second.number, second.number_as_written) == ("A 2", "", "call me")
    assert (last.status, last.callback_at) == ("callback", 1772445600000000)


def test_a_call_back_is_by_the_customers_clock(tmp_path: Path) -> None:
    text = (
        "ref,number,zone,callback\nA,07700900123,Asia/Tokyo,2026-07-01 12:00\nB,+33612345678,,2026-07-01 12:00\n"
        "C,07700900124,,2026-07-01 12:00\nD,,,2026-07-01T12:00Z\n"
    )
    found = [one.callback_at for one in read_all(write(tmp_path / "c.csv", text)).entries]
    hours = [datetime.fromtimestamp((at or 0) / 1e6, UTC).hour for at in found]
    assert hours == [3, 10, 11, 12]


def test_without_references_the_number_or_the_address_stands_for_the_customer(tmp_path: Path) -> None:
    batch = read_all(write(tmp_path / "c.csv", "phone,email\n07700900123,\n,Bo@Home.Example\n07700 900123,\n"))
    assert [one.reference for one in batch.entries] == ["+447700900123", "bo@home.example"]
    assert [one.line for one in batch.problems] == [4]


def test_own_fields_are_every_other_column_and_hostile_cells_are_made_harmless(tmp_path: Path) -> None:
    batch = read_all(write(tmp_path / "c.csv", "id,Tariff,,Tariff\n1,go\x1b[2Jld,x,'=1+1\n"))
    (one,) = batch.entries
    assert one.own == {"Tariff": "go␛[2Jld", "Column 3": "x", "Tariff (2)": "=1+1"}


def test_a_workbook_is_read_numbers_and_dates_as_they_are_meant(tmp_path: Path) -> None:
    path = tmp_path / "c.xlsx"
    sheet: list[list[object]] = [
        ["Ref", "Mobile", "Callback", "Paid"],
        [17.0, 447700900123.0, None, 2.5],
        ["A", "07700900124", None, True],
    ]
    path.write_bytes(workbook(sheet))
    batch = read_all(path)
    assert [(one.line, one.reference, one.number, one.own) for one in batch.entries] == [
        (2, "17", "+447700900123", {"Paid": "2.5"}), (3, "A", "+447700900124", {"Paid": "True"}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"colour,size\nred,2\n", "no column with a reference"),
        (b"PK\x03\x04 no workbook at all", "no workbook"),
        (b"\xd0\xcf\x11\xe0 no workbook at all", "no workbook"),
        (b"id,name\n" + b"x" * 1_000_001, "no line of a table"),
        (b'id,name\n1,"' + b"x\n" * 100_000, "quote is not closed"),
        (b",".join(b"c%d" % n for n in range(300)), "300 columns"),
    ],
)
def test_what_is_no_file_of_customers_is_refused_in_words(tmp_path: Path, octets: bytes, words: str) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(octets)
    with pytest.raises(Wrong, match=words):
        read_all(path)


def test_a_workbook_that_swells_when_it_is_unpacked_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.campaigns.workbooks.LARGEST_UNPACKED", 10_000)
    path = tmp_path / "c.xlsx"
    path.write_bytes(workbook([["Ref", "Name"], ["1", "x" * 20_000]]))
    with pytest.raises(Wrong, match="too large for a workbook"):
        read_all(path)


@pytest.mark.parametrize("far", ["XFD1048576", "ZZ1048576", "A99999999999"])
def test_a_workbook_with_a_cell_far_away_is_refused_and_ends_nothing(tmp_path: Path, far: str) -> None:
    path = tmp_path / "c.xlsx"
    path.write_bytes(workbook([["Ref", "Name"], ["1", "x"]], f'<row><c r="{far}"><v>1</v></c></row>'))
    with pytest.raises(Wrong, match=r"c\.xlsx .*: save it as CSV"):
        read_all(path)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Wrong, match="there is no such file"):
        read_all(tmp_path / "none.csv")
    for path in (tmp_path, Path("/dev/zero")):
        with pytest.raises(Wrong, match=r"that is a folder|that is no file on a disk"):
            read_all(path)


def test_columns_are_guessed_then_remembered_then_said() -> None:
    columns = ("Customer No.", "Mobile phone", "First name", "Surname", "Tariff", "Notes")
    guessed = mapped(columns, {}, {})
    assert guessed.columns == {
        "reference": "Customer No.", "number": "Mobile phone", "name": "First name + Surname",
        "First name": "First name", "Surname": "Surname", "Tariff": "Tariff", "Notes": "Notes",
    }  # fmt: skip
    assert guessed.places["name"] == (2, 3)
    kept = mapped(columns, {"plan": "Tariff", "old": "Gone"}, {})
    assert kept.columns["plan"] == "Tariff"
    assert "Tariff" not in kept.columns
    assert "old" not in kept.columns
    said = mapped(columns, {"plan": "Tariff"}, {"plan": "notes", "name": "surname", "Tariff": ""})
    assert said.places["plan"] == (5,)
    assert said.places["name"] == (3,)
    assert "Tariff" not in said.columns
    with pytest.raises(Wrong, match="no column Colour"):
        mapped(columns, {}, {"plan": "Colour"})


def test_cells_take_their_usual_spellings_and_refuse_others() -> None:
    assert status_of(" In_Progress ") == "in progress"
    assert named_zone("europe/LONDON") == "Europe/London"
    assert email_of(" Ann@Home.Example ") == "ann@home.example"
    assert callback_of("2026-07-01 12:00", "Europe/London") == datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert callback_of("2026-07-01T12:00+02:00", "Europe/London") == datetime(2026, 7, 1, 10, tzinfo=UTC)
    for text in ("a@b", "a b@c.example", "a@c.example, d@e.example", "a@c.example\nBcc: d@e.example", "@", "x" * 400):
        with pytest.raises(Wrong):
            email_of(text)


@settings(max_examples=60, deadline=None)
@example("SG", "", "01468", ["33432", "17611", "30550"])  # the code of the country may reach into the last digits
@given(
    st.sampled_from(["GB", "US", "DE", "FR", "IT", "AR", "MX", "BR", "IN", "CN", "RU", "ZA", "NO", "SG"]),
    st.sampled_from(["", "0", "00", "+", "+44", "+49", "+1", "+39", "+54", "+54 9", "+52", "+55", "0044", "011"]),
    st.from_regex(r"[1-9][0-9]{4,9}", fullmatch=True),
    st.lists(st.from_regex(r"[0-9]{5}", fullmatch=True), min_size=2, max_size=4),
)
def test_numbers_of_one_shape_are_read_as_each_would_be_alone(
    region: str, head: str, middle: str, tails: list[str]
) -> None:
    numbers = Numbers(region)
    for tail in tails:
        assert numbers.read(head + middle + tail) == number_of(head + middle + tail, region)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_octets_are_read_or_refused_and_no_cell_can_steer_a_terminal(
    tmp_path_factory: pytest.TempPathFactory, octets: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"id,name\n" + octets)
    try:
        batch = read_all(path)
    except Wrong:
        return
    assert batch.rows == len(batch.entries) + sum(one.left_out for one in batch.problems)
    for one in batch.entries:
        words = one.reference + one.name
        assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in words)
        assert harmless(words, lines=False) == words, "an unassigned character is no mark of steering"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=6))
def test_what_csv_writes_is_read_back_line_by_line(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "back.csv"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Ref", "Note"])
    for number, row in enumerate(rows):
        writer.writerow([f"R{number}", "".join(char for char in row[0] if char.isalnum() or char in ' ,;"\n')])
    path.write_text(text.getvalue(), encoding="utf-8", newline="", errors="replace")
    batch = read_all(path)
    assert [one.reference for one in batch.entries] == [f"R{number}" for number in range(len(rows))]


def workbook(sheet: list[list[object]], more: str = "") -> bytes:
    """The least workbook that Excel writes, with one sheet."""
    cells = []
    for row in sheet:
        inner = "".join(
            f'<c t="inlineStr"><is><t>{value}</t></is></c>' if isinstance(value, str)
            else "<c/>" if value is None
            else f'<c t="b"><v>{int(value)}</v></c>' if isinstance(value, bool)
            else f"<c><v>{value}</v></c>"
            for value in row
        )  # fmt: skip
        cells.append(f"<row>{inner}</row>")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    table = f"<sheetData>{''.join(cells)}{more}</sheetData>"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1"'
        f' Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{table}</worksheet>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()
