"""The demo's people: what makes them write, ask again, and give up."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime

from core.gateway.dialects import Receipt, TextIn, dialect, read_text
from core.mail import Automatic
from core.mime import attachment_bytes, read
from demo.letters import FromDesk, away, bounce, email, photo
from demo.log import LiveLog
from demo.pace import Pace
from demo.people import NAGGING, Person
from demo.talks import Line, Talk
from demo.town import FORMTEXT, HELP, TEXTLINE, Town

NUMBER = "+447700900123"
LETTER = FromDesk(
    "<1@desk.example>", "", (), "Re: Cups", "They are\non the way", False, datetime(2026, 7, 1, tzinfo=UTC)
)
MACHINE = FromDesk("<2@desk.example>", "", (), "", "Thank you", True, datetime(2026, 7, 1, tzinfo=UTC))


class Village:
    """Keeps what is said."""

    def __init__(self, speed: float) -> None:
        self.pace = Pace(speed)
        self.said: list[str] = []

    async def send(self, person: Person, text: str) -> str:
        self.said.append(text)
        return f"<{len(self.said)}@person.example>"


def talk(*lines: Line) -> Talk:
    return Talk("test", "orders", "Priya Nair", NUMBER, lines)


async def test_somebody_nobody_answers_asks_once_and_then_gives_up() -> None:
    village = Village(speed=20_000)
    await Person(talk(Line("Hello"), Line("Thanks")), village).live()
    assert village.said == ["Hello", NAGGING]


async def test_an_automatic_letter_is_no_answer() -> None:
    village = Village(speed=1_000)
    person = Person(talk(Line("Hello"), Line("Thanks")), village)
    person.get(MACHINE)
    person.get(LETTER)
    await person.live()
    assert village.said == ["Hello", "Thanks"]
    assert person.last is LETTER


async def test_a_line_may_come_after_any_letter_or_after_a_while() -> None:
    village = Village(speed=1_000)
    person = Person(talk(Line("STOP"), Line("Hm", wait="letter"), Line("START", wait=20)), village)
    person.get(MACHINE)
    began = asyncio.get_running_loop().time()
    await person.live()
    assert village.said == ["STOP", "Hm", "START"]
    assert asyncio.get_running_loop().time() - began >= 20 / 1_000


def test_what_the_providers_send_is_what_their_dialects_read() -> None:
    plain, form = dialect("plain-receipts"), dialect("form-reply")
    text = "Où est-ce ? 😡\nMerci"
    assert read_text(plain, read(TEXTLINE.mail(NUMBER, text, None).as_bytes()), "GB") == TextIn(NUMBER, text)
    assert read_text(form, read(FORMTEXT.mail(NUMBER, text, LETTER).as_bytes()), "GB") == TextIn(NUMBER, text)
    receipt = read_text(plain, read(TEXTLINE.receipt(NUMBER, LETTER, "delivered", "Delivered").as_bytes()), "GB")
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.message_ids, receipt.number) == ("delivered", (LETTER.message_id,), NUMBER)


def test_a_provider_knows_the_numbers_that_it_carries() -> None:
    assert TEXTLINE.number("447700900123@textline.example") == NUMBER
    assert FORMTEXT.number("+447700900123@formtext.example") == NUMBER
    assert TEXTLINE.number("447700900123@formtext.example") == ""
    assert TEXTLINE.number("ann@textline.example") == ""


def test_a_bounce_names_the_letter_and_the_reason() -> None:
    mail = read(bounce("textline.example", "orders@fernhill.example", "4@textline.example", LETTER, "550 5.1.1 gone"))
    assert mail.automatic is Automatic.BOUNCE
    assert mail.report is not None
    assert (mail.report.original_message_id, mail.report.action) == (LETTER.message_id, "failed")
    assert (mail.report.status, mail.report.recipient) == ("5.1.1", "4@textline.example")


def test_an_answer_by_mail_is_threaded_and_quotes_what_it_answers() -> None:
    letter = Talk("t", "help", "Yuki", "yuki@hoshi.example", (), subject="Cups")
    mail = read(email(letter, "Yuki <yuki@hoshi.example>", HELP, "Thank you", LETTER).as_bytes())
    assert (mail.text, mail.subject, mail.in_reply_to) == ("Thank you", "Re: Cups", LETTER.message_id)
    assert "> They are" in mail.quoted


def test_a_first_letter_brings_its_file() -> None:
    letter = Talk("t", "help", "Marco", "marco@ricci.example", (), subject="Broken", file="pot.png")
    raw = email(letter, "marco@ricci.example", HELP, "Look", None).as_bytes()
    (file,) = read(raw).attachments
    assert attachment_bytes(raw, file.part) == photo()
    assert photo().startswith(b"\x89PNG")


def test_an_out_of_office_notice_is_known_as_one() -> None:
    letter = Talk("t", "help", "Henrik", "h@nordhaus.example", (), subject="Invoice", away="I am away")
    assert read(away(letter, "h@nordhaus.example", HELP, LETTER).as_bytes()).automatic is Automatic.AUTO_REPLY


async def test_a_letter_may_be_for_the_desk_itself_or_for_somebody_out_of_town() -> None:
    arrived: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def deliver(user: str, raw: bytes) -> bool:
        arrived.put_nowait((user, raw))
        return True

    stream = io.StringIO()
    log = LiveLog(stream)
    town = Town(Pace(1_000, once=True), log, deliver)
    running = asyncio.create_task(town.run())
    await arrived.get()  # somebody has written: the town is awake
    letter = b"From: help@fernhill.example\r\nSubject: Check\r\n\r\nIs it there?\r\n"
    town.receive("Clinic@Fernhill.example", letter)
    town.receive("boss@head-office.example", letter)
    while await arrived.get() != ("clinic", letter):
        pass
    running.cancel()
    await asyncio.wait([running])
    log.flush()
    assert "elsewhere boss@head-office.example: Is it there?" in stream.getvalue()
