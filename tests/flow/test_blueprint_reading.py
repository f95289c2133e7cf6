"""Mistakes in a desk.toml: every one at once, each on a line that names file, table and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.blueprint import Blueprint, WrongBlueprint, parse_blueprint, read_blueprint
from core.blueprint.document import PASSWORD_KEYS, Document, ImapTable, Table, WithLogin, WithPassword
from core.errors import Wrong
from tests.flow.desk_files import DESK, SECRETS, minimal_account


def parse(text: str, folder: Path = Path("/nowhere")) -> Blueprint:
    return parse_blueprint(text, source="desk.toml", folder=folder)


def mistakes(text: str, folder: Path = Path("/nowhere")) -> list[str]:
    with pytest.raises(WrongBlueprint) as raised:
        parse(text, folder)
    assert str(raised.value) == "\n".join(raised.value.lines)
    return [line.removeprefix("desk.toml: ") for line in raised.value.lines]


def test_a_good_file_has_no_mistakes_and_shows_no_secret() -> None:
    blueprint = parse(DESK)
    assert len(blueprint.document.account) == 2
    assert not any(secret in repr(blueprint) for secret in SECRETS)


def test_an_empty_file_is_a_blueprint_of_nothing() -> None:
    assert parse("").document.desk is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[desk]\nnmae = 1", '[desk]: nmae is not known; did you mean "name"?'),
        ("[desk]\nname = 1", "[desk]: name must be a text in quotes"),
        ('[desk]\nname = "a\\u001b[2J"', "[desk]: name must be one line without control characters"),
        ('[desk]\nregion = "UK"', "[desk]: region must be a country's two capital letters, such as GB"),
        (
            '[desk]\ntimezone = "europe/london"',
            '[desk]: timezone must be a time zone such as Europe/London; did you mean "Europe/London"?',
        ),
        ("[[desk]]", "[[desk]] must be written [desk], once"),
        ("[queue]\nname = 'a'", "[queue] must be written [[queue]], once for each"),
        ("queue = 'a'", "queue must be written [[queue]], once for each"),
        (
            "[[skript]]\nname = 'a'",
            (
                "[[skript]] is not known here; known are [desk], [outgoing_server], [[gateway]], [[class]], [[group]], "
                "[[queue]], [[user]], [[outcome]], [[reason]], [[canned]], [[calendar]], [[variable]], "
                "[[template]], [[script]], [[account]], [[campaign]], [[list]]"
            ),
        ),
        ("[[queue]]", "[[queue]] number 1: name is missing"),
        ("[[queue]]\nname = ''", "[[queue]] number 1: name must not be empty"),
        (
            "[[queue]]\nname = ' a'",
            "[[queue]] number 1 (a): name must be a name that neither begins nor ends with a space",
        ),
        ("[[queue]]\nname = 'a'\n[[queue]]\nname = 'a'", "[[queue]] a: stands in the file 2 times; say it once"),
        (
            "[[queue]]\nname = 'a'\nservice_level = { precent = 5 }",
            '[[queue]] number 1 (a): service_level.precent is not known; did you mean "percent"?',
        ),
        (
            "[[queue]]\nname = 'a'\nservice_level = { percent = 101 }",
            "[[queue]] number 1 (a): service_level.percent must be at most 100",
        ),
        ("[[queue]]\nname = 'a'\ngroups = ['b', 3]", "[[queue]] number 1 (a): groups.2 must be a text in quotes"),
        ("[[queue]]\nname = 'a'\ngroups = 'b'", "[[queue]] number 1 (a): groups must be a list"),
        (
            "[[user]]\nlogin = 'a b'",
            "[[user]] number 1 (a b): login must be letters, digits and . _ @ + -, and begin with a letter or a digit",
        ),
        (
            "[[user]]\nlogin = 'Command'",
            "[[user]] number 1 (Command): login is what the journal calls a part of this program: take another login",
        ),
        (
            "[[user]]\nlogin = 'ann'\nrole = 'boss'",
            "[[user]] number 1 (ann): role must be 'agent', 'supervisor' or 'administrator'",
        ),
        (
            "[[user]]\nlogin = 'ann'\nssh_keys = []",
            (
                "[[user]] number 1 (ann): ssh_keys is not known; known are auto_accept, capacity, groups, login, name,"
                " password, password_env, password_file, role, skills"
            ),
        ),
        (
            "[[gateway]]\nname = 'a'\nrecipiant = 'x'",
            '[[gateway]] a: recipiant is not known; did you mean "recipient"?',
        ),
        (
            minimal_account("a@b.example", imap='{ host = "h", prot = 1, security = "none" }'),
            (
                "[[account]] number 1 (a@b.example): imap.port is missing\n"
                '[[account]] number 1 (a@b.example): imap.prot is not known; did you mean "port"?'
            ),
        ),
        (
            minimal_account("a@b.example", imap='{ host = "h", port = "993", security = "ssl" }'),
            (
                "[[account]] number 1 (a@b.example): imap.port must be a whole number\n"
                "[[account]] number 1 (a@b.example): imap.security must be 'none', 'starttls' or 'tls'"
            ),
        ),
        (
            minimal_account("a@b.example", imap='{ host = "h", port = 1, security = "tls", after_fetch = "move:" }'),
            '[[account]] number 1 (a@b.example): imap.after_fetch must be "keep", "seen", "delete" or "move:FOLDER"',
        ),
        (
            minimal_account("a@b.example", enabled='"no"'),
            "[[account]] number 1 (a@b.example): enabled must be true or false",
        ),
        (
            minimal_account("nobody"),
            "[[account]] number 1 (nobody): address must be an e-mail address such as texts@desk.example",
        ),
        (
            minimal_account("a@b.example", password='"x"', password_env='"Y"'),
            "[[account]] number 1 (a@b.example): password and password_env are all given; say one of them",
        ),
        (
            minimal_account("a@b.example", password_command='"pass \'x"'),
            "[[account]] number 1 (a@b.example): password_command must be a command whose quotes are closed",
        ),
        (
            minimal_account("a@b.example") + minimal_account("A@B.example"),
            "[[account]] a@b.example: stands in the file 2 times; say it once",
        ),
        (
            minimal_account("a@b.example", receipt_reply='"a\\u0000"'),
            "[[account]] number 1 (a@b.example): receipt_reply must be text without control characters",
        ),
        (
            "[[gateway]]\nname = 'a'\nbody = \"{text}\\u0000\"",
            "[gateway]: holds a NUL character; take it out",
        ),
        ("[desk\nname = 1", None),
    ],
)
def test_a_mistake_is_named_with_table_and_key(text: str, line: str | None) -> None:
    if line is None:
        with pytest.raises(Wrong, match=r"^desk\.toml"):
            parse(text)
    else:
        assert mistakes(text) == line.split("\n")


def test_all_mistakes_are_told_at_once() -> None:
    wrong = DESK.replace("port = 587", "port = 0").replace('name = "front"\ng', "g").replace("role", "roll")
    assert mistakes(wrong) == [
        "[outgoing_server]: port must be at least 1",
        "[[queue]] number 1: name is missing",
        '[[user]] number 2 (sue): roll is not known; did you mean "role"?',
    ]


def test_the_name_of_a_table_cannot_steer_a_terminal() -> None:
    (line,) = mistakes('["a\\u001b[2J"]\nx = 1')
    assert "\x1b" not in line


def test_no_mistake_shows_a_password() -> None:
    wrong = DESK.replace('"geheim 1"', '"geheim\\n1"').replace('password = "geheim 3"', 'password = ["geheim 3"]')
    wrong = wrong.replace('password = "geheim 2"', "password = 77777")
    assert "geheim" not in "".join(mistakes(wrong))
    assert "77777" not in "".join(mistakes(wrong))


def test_a_password_may_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = minimal_account("a@b.example", password_env='"DESK_PW"')
    assert mistakes(text) == [
        "[[account]] a@b.example: password_env: the environment variable DESK_PW is not set; set it and apply again"
    ]
    monkeypatch.setenv("DESK_PW", "geheim")
    assert parse(text).logins["a@b.example"].password == "geheim"
    text = minimal_account("a@b.example", password_file='"secret.txt"')
    assert mistakes(text, tmp_path) == [
        f"[[account]] a@b.example: password_file: {tmp_path}/secret.txt cannot be read (No such file or directory)"
    ]
    (tmp_path / "secret.txt").write_bytes(b" geheim \r\n")
    assert parse(text, tmp_path).logins["a@b.example"].password == " geheim "
    for content, words in ((b"\n", "is empty"), (b"a\nb\n", "more than one line")):
        (tmp_path / "secret.txt").write_bytes(content)
        assert words in mistakes(text, tmp_path)[0]


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(Wrong, match=r"cannot be read \(No such file or directory\)"):
        read_blueprint(tmp_path / "desk.toml")
    (tmp_path / "desk.toml").write_bytes(b'[desk]\nname = "\xff"')
    with pytest.raises(Wrong, match="is not text in UTF-8"):
        read_blueprint(tmp_path / "desk.toml")
    (tmp_path / "desk.toml").write_bytes(b'\xef\xbb\xbf[desk]\r\nname = "B\xc3\xb6"\r\n')
    desk = read_blueprint(tmp_path / "desk.toml").document.desk
    assert desk is not None
    assert desk.name == "Bö"


values = st.recursive(
    st.sampled_from(
        ["1", "-1", "true", '""', '"a"', '"a@b.example"', '"tls"', "1.5", "2020-01-01", "[]", "{}", '"\\u0000"']
    ),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda each: f"[{', '.join(each)}]")
        | st.dictionaries(st.sampled_from(["host", "port", "percent", "name"]), inner, max_size=2).map(
            lambda each: "{ " + ", ".join(f"{key} = {value}" for key, value in each.items()) + " }"
        )
    ),
    max_leaves=4,
)
keys = st.sampled_from(
    ["name", "login", "address", "imap", "groups", "kind", "queue", "service_level", "secrets", "body", "x"]
)
tables = st.builds(
    lambda head, body: "\n".join([head, *(f"{key} = {value}" for key, value in body.items()), ""]),
    st.sampled_from(
        [f"[[{t}]]" for t in ("account", "queue", "user", "gateway", "class", "x")] + ["[desk]", "[class]"]
    ),
    st.dictionaries(keys, values, max_size=4),
)


@given(st.lists(tables, max_size=3).map("".join))
@example("account = [3]")
@example("account = [[]]")
@example('desk = "x"')
@example("[[gateway]]\nname = 'a'\nsecrets = 'x'")
@example("class_ = []")
def test_whatever_the_file_holds_it_is_read_or_refused_in_single_lines(text: str) -> None:
    try:
        parse(text)
    except WrongBlueprint as err:
        assert err.lines
        assert all(line.startswith("desk.toml: ") and "\n" not in line for line in err.lines)
    except Wrong as err:
        assert str(err).startswith("desk.toml is not TOML: ")


def test_the_documentation_has_every_table_and_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "desk-toml.md").read_text("utf-8")
    sections = {part.partition("\n")[0]: part for part in re.split(r"^## ", text, flags=re.MULTILINE)}

    def documented(model: type[Table], section: str) -> None:
        for name, info in model.model_fields.items():
            shown = sections["Passwords"] if name in PASSWORD_KEYS else section
            assert re.search(rf"^\| [^|]*`{info.alias or name}`", shown, re.MULTILINE), f"{model.__name__}.{name}"

    for name, info in Document.model_fields.items():
        (section,) = (each for title, each in sections.items() if re.search(rf"\[{info.alias or name}\]", title))
        families = (Table, WithPassword, WithLogin)
        model = {m.__name__: m for family in families for m in family.__subclasses__()}
        documented(model[re.findall(r"\w+Table", str(info.annotation))[0]], section)
    documented(ImapTable, sections["`[[account]]`"])


def test_the_first_desk_of_the_readme_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    for name in re.findall(r'password_env = "(\w+)"', text):
        monkeypatch.setenv(name, "geheim")
    assert parse(text).document.account
