"""The HTML of e-mail templates on its way: stored, frozen, sent beside the text, and never what the desk keeps."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.broadcasts import Channel, LeftOut
from core.errors import Refused, Wrong
from core.models import Contact, EventLetter, Letter, Message, Outbox, Template, TemplateVersion
from core.roles import COMMAND
from core.scripts import Wording, previewed_for, surveyed
from core.views.template_history import template_history
from tests.flow.broadcasting import add, numbered, planned, sent_to, set_up
from tests.flow.delivering import delivery_to, running, until_states
from tests.flow.dialling import attempt
from tests.flow.dialling import set_up as set_up_dialling
from tests.flow.routed import ScriptedDesk, route
from tests.servers.smtp_recorder import Recorder

if TYPE_CHECKING:
    from email.message import EmailMessage

    from core.broadcasts import Plan
    from core.office import Office

TEXT = "Hello {{ customer.first_name }}, your parcel {{ customer.parcel }} comes on Friday."
HTML = "<p>Hello <b>{{ customer.name }}</b>, your parcel {{ customer.parcel }} comes on Friday – we promise.</p>"
EVIL = '<script>alert("1")</script>'
SHOWN = "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;"
BY_MAIL = {"channel": Channel.EMAIL, "account": "help@acme.example", "template": "letter"}


async def with_html(office: Office, html: str = HTML, how_many: int = 2) -> Plan:
    """A campaign whose e-mail has HTML, customers whose names are tags, and the plan of its broadcast."""
    await set_up(office)
    await Template.filter(name="letter").update(html=html)
    await add(office, *numbered(how_many, name=f"Ann {EVIL}"))
    return await planned(office, **BY_MAIL)


def read(content: bytes) -> EmailMessage:
    """A letter as a mail program reads it."""
    return email.message_from_bytes(content, policy=email.policy.default)


def parts_of(letter: EmailMessage) -> list[tuple[str, str | None, str]]:
    """Type, charset and words of each part."""
    return [
        (part.get_content_type(), part.get_content_charset(), part.get_content().strip())
        for part in letter.iter_parts()
    ]  # fmt: skip


async def letter_of(message_id: int) -> EmailMessage:
    """The letter of a message, as it will leave."""
    row = await Outbox.get(message_id=message_id)
    return read((await Letter.get(outbox_id=row.id)).content)


# -- broadcasts ------------------------------------------------------------------------------------------------------


async def test_a_broadcast_with_html_arrives_as_text_and_html(office: Office) -> None:
    plan = await with_html(office)
    await office.broadcasts.confirm(plan, count=2, actor=COMMAND)
    await Template.filter(name="letter").update(html="<p>Changed since</p>", body="Changed since")
    await office.broadcasts.feed()
    async with Recorder() as server, running(delivery_to(office, server)):
        await until_states(office, {"sent": 2})
    letters = [read(letter.raw) for letter in server.letters]
    for letter in letters:
        assert letter.get_content_type() == "multipart/alternative"
        assert letter["MIME-Version"] == "1.0" and letter["Auto-Submitted"] == "auto-generated"
        assert letter["Subject"] == f"For Ann {EVIL}"
        assert parts_of(letter) == [
            ("text/plain", "utf-8", "Hello Ann, your parcel 4711 comes on Friday."),
            ("text/html", "utf-8", f"<p>Hello <b>Ann {SHOWN}</b>, your parcel 4711 comes on Friday – we promise.</p>"),
        ]
        assert not letter.defects and not any(part.defects for part in letter.iter_parts())
    rows = await Message.all().values("text", "channel", "parts")
    assert rows == [{"text": "Hello Ann, your parcel 4711 comes on Friday.", "channel": Channel.EMAIL, "parts": 0}] * 2


async def test_a_template_of_text_alone_leaves_as_text_alone(office: Office) -> None:
    plan = await with_html(office, html="")
    await office.broadcasts.confirm(plan, count=2, actor=COMMAND)
    await office.broadcasts.feed()
    for message in await Message.all():
        letter = await letter_of(message.id)
        assert (letter.get_content_type(), letter.is_multipart()) == ("text/plain", False)


async def test_html_that_says_nothing_for_a_customer_is_left_out_of_the_letter(office: Office) -> None:
    plan = await with_html(office, html='{% if customer.name == "Ben" %}<p>For you</p>{% endif %}', how_many=1)
    await add(office, *numbered(1, first=7, name="Ben"))
    plan = await planned(office, **BY_MAIL)
    await office.broadcasts.confirm(plan, count=2, actor=COMMAND)
    await office.broadcasts.feed()
    letters = [await letter_of(message.id) for message in await Message.all().order_by("id")]
    assert [letter.get_content_type() for letter in letters] == ["text/plain", "multipart/alternative"]


async def test_a_preview_and_a_test_to_oneself_have_the_html_too(office: Office) -> None:
    plan = await with_html(office)
    shown = await office.broadcasts.preview(plan, 1)
    assert SHOWN in shown.html and EVIL in shown.subject
    message_id = await office.broadcasts.test(plan, 1, "Sue@acme.example", actor="sue")
    assert parts_of(await letter_of(message_id))[1][2] == shown.html
    assert (await Message.get(id=message_id)).text == shown.text


async def test_other_html_is_another_plan(office: Office) -> None:
    plan = await with_html(office)
    assert (await planned(office, **BY_MAIL)).digest == plan.digest
    await Template.filter(name="letter").update(html=HTML + " ")
    assert (await planned(office, **BY_MAIL)).digest != plan.digest
    with pytest.raises(Refused, match="the template has changed since the plan"):
        await office.broadcasts.confirm(plan, count=2, actor=COMMAND)
    assert await office.database.rows("SELECT id FROM broadcast") == []


async def test_who_has_no_link_where_one_is_to_stand_is_left_out_and_named(office: Office) -> None:
    await set_up(office)
    await Template.filter(name="letter").update(html='<a href="{{ customer.site }}">yours</a>')
    sites = ["https://ann.example", "javascript:alert(1)", ""]
    for number, site in enumerate(sites):
        own = json.dumps({"parcel": "1", "site": site})
        await add(office, *numbered(1, first=number, own_fields=own))
    plan = await planned(office, **BY_MAIL)
    assert (plan.recipients, plan.left_out) == (1, {LeftOut.TEMPLATE: 2})
    assert [one.detail for one in plan.examples[LeftOut.TEMPLATE]] == [
        (
            "template letter, html line 1: the field customer.site is no link for this customer"
            " ('javascript:alert(1)'): one begins with http://, https://, mailto:, tel: or sms:"
        ),
        "template letter, html line 1: the field customer.site is empty for this customer",
    ]
    found = await surveyed(office.database, "letter", list_name="A")
    assert (found.written, found.left_out_count) == (1, 2)


async def test_html_that_this_program_refuses_pauses_what_runs(office: Office) -> None:
    plan = await with_html(office)
    broadcast_id = await office.broadcasts.confirm(plan, count=2, actor=COMMAND)
    await office.database.rows("UPDATE broadcast SET html = ?", "<p class={{ customer.name }}>")
    await office.broadcasts.feed()
    (row,) = await office.database.rows("SELECT state, reason FROM broadcast WHERE id = ?", broadcast_id)
    assert row["state"] == "paused" and "html line 1: a value that holds a field" in row["reason"]


async def test_texts_have_no_html_whatever_their_template_holds(office: Office) -> None:
    await set_up(office)
    await Template.filter(name="parcel").update(html=HTML)
    await add(office, *numbered(1))
    await sent_to(office)
    await office.broadcasts.feed()
    (message,) = await Message.all()
    assert (await letter_of(message.id)).get_content_type() == "text/plain"


# -- events and scripts ----------------------------------------------------------------------------------------------


async def test_a_letter_on_an_event_has_the_html(office: Office) -> None:
    letter = await Template.create(
        name="missed", channel=Channel.EMAIL, subject="We rang", body="We rang, {{ customer.name }}.",
        html="<p title='{{ customer.name }}'>We rang.</p>",
    )  # fmt: skip
    await set_up_dialling(email_account_id=2, first_try_email_id=letter.id)
    await attempt(office, "R1")
    (mail,) = await EventLetter.filter(channel=Channel.EMAIL)
    assert mail.message_id is not None
    async with Recorder() as server, running(delivery_to(office, server)):
        await until_states(office, {"sent": 2})
    (found,) = [read(one.raw) for one in server.letters if one.recipients[0] == "ann@home.example"]
    assert [part[::2] for part in parts_of(found)] == [
        ("text/plain", "We rang, Ann Lee."), ("text/html", "<p title='Ann Lee'>We rang.</p>"),
    ]  # fmt: skip
    assert (await Message.get(id=mail.message_id)).text == "We rang, Ann Lee."


async def test_a_letter_on_an_event_whose_link_is_none_says_why(office: Office) -> None:
    letter = await Template.create(
        name="missed", channel=Channel.EMAIL, body="We rang.", html='<a href="{{ customer.name }}">x</a>'
    )
    await set_up_dialling(email_account_id=2, first_try_email_id=letter.id)
    await attempt(office, "R1")
    (mail,) = await EventLetter.filter(channel=Channel.EMAIL)
    assert mail.message_id is None and "customer.name is no link for this customer ('Ann Lee')" in mail.reason


async def test_a_script_answers_an_email_with_both_and_a_text_with_the_text(office: Office) -> None:
    html = "<p>Hello {{ contact.name }}, about {{ order }}</p>"
    async with ScriptedDesk(office) as desk:
        await Template.filter(name="away").update(html=html)
        await desk.script(route('return [reply("away", order = "<4711>"), queue("front")]'))
        mail = await desk.mail("cat@mail.example")
        await Contact.filter(id=mail).update(name="Cat")
        text = await desk.text()
        await desk.ask(mail)
        await desk.ask(text)
        answers = {message.contact_id: message for message in await Message.filter(direction="out")}
        assert parts_of(await letter_of(answers[mail].id))[1] == (
            "text/html", "utf-8", "<p>Hello Cat, about &lt;4711&gt;</p>",
        )  # fmt: skip
        assert "<4711>" in answers[mail].text and "<p>" not in answers[mail].text
        assert (await letter_of(answers[text].id)).get_content_type() == "text/plain"


# -- what is stored --------------------------------------------------------------------------------------------------


async def test_a_text_message_has_no_html(office: Office) -> None:
    verbs = office.routing.templates
    with pytest.raises(Wrong, match="template hello is a text message, which has no HTML: leave it out"):
        await verbs.set("hello", Wording("sms", "Hello", html="<p>Hello</p>"), actor="sue")
    assert await Template.filter(name="hello").count() == 0


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (" \n", "says nothing"),
        ("<p>\x1b[31m", "holds control characters"),
        ("<p>\u202e", "holds control characters"),
        ("<p>\n<p {{ name }}>", "html line 2: a field may not stand in a tag"),
        ("<p>{{ name", "html line 1: it cannot be read"),
    ],
)
async def test_html_that_is_wrong_is_refused_as_it_is_set(office: Office, html: str, words: str) -> None:
    with pytest.raises(Wrong, match=words):
        await office.routing.templates.set("hello", Wording("email", "Hello", html=html), actor="sue")


async def test_html_is_kept_with_each_version_and_comes_back_with_it(office: Office) -> None:
    verbs = office.routing.templates
    first = Wording("email", "Hello", "Hi", None, "<p>One</p>")
    await verbs.set("hello", first, actor="sue")
    assert await verbs.set("hello", replace(first, html="<p>Two</p>"), actor="sue") == first
    assert await verbs.set("hello", replace(first, html="<p>Two</p>"), actor="sue") == replace(first, html="<p>Two</p>")
    assert await verbs.set("hello", replace(first, html=""), actor="sue") == replace(first, html="<p>Two</p>")
    assert [row.html for row in await TemplateVersion.all().order_by("number")] == ["<p>One</p>", "<p>Two</p>", ""]
    history = await template_history(office.database, "hello")
    assert [one.text for one in history] == [
        "Subject: Hi\n\nHello",
        "Subject: Hi\n\nHello\n\nHTML:\n<p>Two</p>",
        "Subject: Hi\n\nHello\n\nHTML:\n<p>One</p>",
    ]
    await verbs.restore("hello", 1, actor="sue")
    assert (await Template.get(name="hello")).html == "<p>One</p>"
    assert await verbs.delete("hello", actor="sue") == first


async def test_html_is_previewed_for_a_customer(office: Office) -> None:
    await with_html(office, how_many=1)
    found = await previewed_for(office.database, "letter", "R+447700900000c0@x.example")
    assert SHOWN in found.html and "<b>" in found.html
    assert "<b>" not in found.text
