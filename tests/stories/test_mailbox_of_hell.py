"""A mailbox of hell: whatever lies in it, the good mails are served, nothing is lost, nothing is taken twice."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.flow.mails import text_mail
from tests.stories.hell import huge, small_hell
from tests.stories.running import RunningDesk, account_toml, bare_toml, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("hell")

HELL = small_hell()
HUGE = huge()
USERS = {how: f"hell-{how.partition(':')[0]}" for how in ("keep", "seen", "move:Done", "delete")}
"""What is done after fetching, and the user whose mails are treated so."""
MAILS = "hell-email"
"""The user of an account for e-mails."""


def address(user: str) -> str:
    return f"{user}@desk.example"


def good(user: str, n: int) -> str:
    return f"{user}, good {n}"


@pytest.fixture(scope="module")
def hell(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[RunningDesk]:
    """A desk that has read four mailboxes of hell; in the last two there is a mail of 30 MB as well."""
    numbers = iter(range(1000))
    for how, user in [*USERS.items(), ("keep", MAILS)]:
        dovecot.add_user(user)
        for n, nasty in enumerate(HELL):
            dovecot.deliver(user, nasty.raw, text_mail(f"+4477009{next(numbers):05d}", good(user, n)))
        if how in ("delete", "move:Done"):
            dovecot.deliver(user, HUGE.raw)
        dovecot.deliver(user, text_mail(f"+4477009{next(numbers):05d}", good(user, len(HELL))))
        dovecot.deliver(user, folder="Done")
    with RunningDesk(tmp_path_factory.mktemp("hell")) as desk:
        account = partial(account_toml, password=dovecot.password, imap_port=dovecot.port)
        desk.apply(
            bare_toml(smtp_port=9)
            + "".join(account(address(user), user=user, after_fetch=how) for how, user in USERS.items())
            + account(address(MAILS), user=MAILS, kind="email", after_fetch="keep")
        )
        engine = desk.start()
        boxes = [*USERS.items(), ("keep", MAILS)]
        until("all of hell is read", lambda: all(read_and_told(desk, how, user) for how, user in boxes), 60)
        yield desk
        desk.stop(engine)


def put_in(how: str) -> int:
    return 2 * len(HELL) + 1 + (how in ("delete", "move:Done"))


def read_and_told(desk: RunningDesk, how: str, user: str) -> bool:
    told = desk.count(
        "SELECT count(*) FROM mail l JOIN account a ON a.id = l.account_id"
        f" WHERE a.address = '{address(user)}' AND acknowledged = 1"
    )
    state = desk.mailbox(address(user))
    return told == put_in(how) and state.health == "ok" and state.on_server == state.accounted


def test_every_good_mail_is_served_once_and_every_nasty_one_became_what_it_should(hell: RunningDesk) -> None:
    wanted = Counter(nasty.outcome for nasty in HELL)
    for how, user in USERS.items():
        texts = hell.texts(address(user))
        assert Counter(t for t in texts if "good" in t) == Counter(good(user, n) for n in range(len(HELL) + 1))
        for nasty in HELL:
            if nasty.words and nasty.outcome == "contact":
                assert sum(nasty.words in text for text in texts) == 1, nasty.name
        outcomes = dict(
            hell.query(
                "SELECT l.outcome, count(*) FROM mail l JOIN account a ON a.id = l.account_id"
                f" WHERE a.address = '{address(user)}' GROUP BY l.outcome"
            )
        )
        extra = put_in(how) - len(HELL)  # the good ones, and the mail of 30 MB, are contacts too
        assert outcomes == {"contact": wanted["contact"] + extra, "quarantine": wanted["quarantine"]}
    texts = hell.texts(address(MAILS))
    assert Counter(t for t in texts if "good" in t) == Counter(good(MAILS, n) for n in range(len(HELL) + 1))
    assert not hell.query("SELECT 1 FROM message WHERE text LIKE '%' || char(27) || '%'")


def test_of_a_mail_over_the_size_limit_the_head_is_fetched_and_the_whole_stays(
    hell: RunningDesk, dovecot: Dovecot
) -> None:
    assert dovecot.messages(USERS["delete"]) == [HUGE.raw]
    assert dovecot.flags(USERS["delete"]) == ["S"]
    (contact,) = hell.query("SELECT id FROM contact WHERE preview LIKE '%over the size limit%' AND account_id ="
                            f" (SELECT id FROM account WHERE address = '{address(USERS['delete'])}')")  # fmt: skip
    shown = hell.json("contact", "show", str(contact[0]))
    assert shown["thread"][0]["text"] == (
        "(This mail is 30 MB and over the size limit: only its head was fetched."
        " The whole mail stays on the mail server.)"
    )
    assert shown["queue"] == "front"
    ((octets,),) = hell.query(f"SELECT length(content) FROM raw_mail WHERE mail_id = {shown['thread'][0]['mail_id']}")
    assert octets < 65_536


def test_what_is_done_with_a_mail_after_it_was_fetched_is_seen_on_the_server(
    hell: RunningDesk, dovecot: Dovecot
) -> None:
    ordinary = 2 * len(HELL) + 1
    assert dovecot.flags(USERS["keep"]) == [""] * ordinary
    assert dovecot.flags(USERS["seen"]) == ["S"] * ordinary
    assert len(dovecot.messages(USERS["move:Done"], "Done")) == ordinary
    assert dovecot.messages(USERS["move:Done"]) == [HUGE.raw]
    rows = {row["address"]: row for row in hell.json("account", "list")}
    on_server = [rows[address(user)]["on_server"] for user in USERS.values()]
    assert on_server == [rows[address(user)]["accounted"] for user in USERS.values()] == [ordinary, ordinary, 1, 1]
    quarantined = sum(nasty.outcome == "quarantine" for nasty in HELL)
    assert [rows[address(user)]["quarantined"] for user in USERS.values()] == [quarantined, quarantined, 0, 0]


def test_a_mail_that_was_set_aside_is_listed_and_released_when_it_can_be_read(
    hell: RunningDesk,
) -> None:
    user = USERS["delete"]
    rows = hell.json("mail", "list", "--account", address(user))
    assert len(rows) == sum(nasty.outcome == "quarantine" for nasty in HELL)
    assert all(row["reason"] and "\n" not in row["reason"] for row in rows)
    (mail,) = hell.query(
        "SELECT l.id FROM mail l JOIN account a ON a.id = l.account_id"
        f" WHERE a.address = '{address(user)}' AND letter_id = '<nonumber@gate.example>'"
    )[0]
    good_mail = str(hell.query("SELECT id FROM mail WHERE outcome = 'contact' LIMIT 1")[0][0])
    said = hell.run("mail", "release", str(mail), "--as", "sue", code=1)
    assert said.count("\n") == 1 and "still cannot be read" in said
    toml = (hell.folder / "desk.toml").read_text()
    hell.apply(toml.replace('dialect = "plain"', 'dialect = "header-number"'))
    hell.run("mail", "release", str(mail), "--as", "sue")
    until("it is queued", lambda: hell.query(
        "SELECT 1 FROM contact WHERE address = '+447700800001' AND state = 'queued'"))  # fmt: skip
    assert hell.texts(address(user)).count("who am I") == 1
    assert "was not set aside" in hell.run("mail", "release", good_mail, "--as", "sue", code=1)
