"""The HTML of an e-mail template at the screen: typed, taken from a file, judged, read as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.models import CustomerList, Template, TemplateVersion
from tests.tui.campaign_seeding import a_spring
from tests.tui.conftest import LARGE, SMALL
from tui.dialogs.plain_form import PlainForm
from tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office
    from tests.tui.conftest import Sitting

HTML = '<h1>Dear {{ customer.name }}</h1>\n<p>Your <a href="https://acme.example">boiler</a> &amp; more.</p>'


async def at_html(person: Sitting) -> None:
    """The form of the e-mail template, on its page of HTML."""
    await person.press("5")
    await person.sees("reminder by ma")
    await person.press("tab", "down", "enter")
    await person.until(lambda: isinstance(person.app.screen, PlainForm), "the form")
    await person.sees("Template", "HTML", "Your boiler")
    await person.press("f6")
    await person.sees("Or file")


async def stored() -> Template:
    """The template for e-mails."""
    return await Template.get(name="reminder by mail")


async def test_html_is_typed_beside_the_text_judged_and_taken_back(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await at_html(person)
        await person.press(*"<p class=", "{", "{", *"customer.name", "}", "}", ">")
        await person.sees("stands within", "quotes")
        await person.press(*["backspace"] * 27, *"<p>Hi")
        await person.press("f6")
        await person.sees("Instead")
        await person.press("f6", "ctrl+s")
        await person.sees("template reminder by mail is set", "email + html")
        assert (await stored()).html == "<p>Hi"
        assert [row.html for row in await TemplateVersion.all().order_by("number")] == ["", "<p>Hi"]
        await person.press("f9")
        await person.sees("taken back")
        assert (await stored()).html == ""


async def test_html_comes_from_a_file(sit: Any, office: Office, tmp_path: Path) -> None:
    await a_spring(office)
    (tmp_path / "spring.html").write_text(HTML, "utf-8")
    (tmp_path / "bad.html").write_text("<p>\n<script>", "utf-8")
    async with sit() as person:
        await at_html(person)
        await person.press("tab", *str(tmp_path / "bad.html"))
        await person.sees("html line 2: an e-mail holds no", "<script>: mail programs")
        await person.press("ctrl+s")
        assert isinstance(person.app.screen, PlainForm), "what is wrong is not saved"
        await person.press(*["backspace"] * 8, *"oops.html")
        await person.sees("there is no such file")
        form = person.app.screen
        form.set_text("html_file", str(office.settings.key_file))
        await person.sees("belongs to Postroom itself")
        form.set_text("html_file", "/proc/self/environ")
        await person.sees("no file on a disk")
        form.set_text("html_file", str(tmp_path / "spring.html"))
        await person.press("ctrl+s")
        await person.sees("template reminder by mail is set")
        assert (await stored()).html == HTML


async def test_a_text_message_may_have_none(sit: Any, office: Office) -> None:
    await a_spring(office)
    async with sit() as person:
        await person.press("5")
        await person.sees("reminder by ma")
        await person.press("tab", "home", "enter")
        await person.sees("customer.due")
        await person.press("f6", *"<p>")
        await person.sees("is a text message, which has no HTML")


async def test_a_preview_has_the_html_as_text_and_says_so(sit: Any, office: Office) -> None:
    await a_spring(office)
    await Template.filter(name="reminder by mail").update(html=HTML)
    async with sit() as person:
        await person.press("5")
        await person.sees("reminder by ma")
        await person.press("tab", "down", "p")
        await person.sees("Who reads it?")
        await person.press(*"campaign spring", "enter")
        await person.sees("its HTML, as text", "Your boiler & more.", "e-mails")


async def test_the_form_looks_as_accepted(sit: Any, office: Office, looks: Any) -> None:
    await a_spring(office)
    await Template.filter(name="reminder by mail").update(html=HTML)
    for size, themes in ((SMALL, (DARK.name, LIGHT.name)), (LARGE, (DARK.name,))):
        async with sit(size=size) as person:
            await at_html(person)
            await looks(person, "template-html", themes)


async def test_a_field_that_nobody_can_have_is_warned_of_in_the_words_of_the_command(
    sit: Any, office: Office, looks: Any
) -> None:
    await a_spring(office)
    await CustomerList.filter(name="south").update(own_fields='["parcel no", "due"]')
    async with sit() as person:
        await at_html(person)
        assert "no list has" not in person.text(), "the field parcel no may be written so"
        await person.press("f6")
        form = person.app.screen
        form.query_one("#field-body").text = "Hi {{ customer.frist_name }} of {{ campaign.title }}, {{ order }}"
        await person.sees("▲ no list has campaign.title, customer.frist_name, did you mean", "gets no such letter")
        await looks(person, "template-warned", [DARK.name])
        form.query_one("#field-body").text = "Hi {{ customer.parcel_no }"
        await person.until(lambda: "no list has" not in person.text(), "the warning to go")
        form.query_one("#field-body").text = "Hi {{ customer.parcel_no }} {{ customer.frist_name }}"
        await person.sees("▲ no list has customer.frist_name, did you mean customer.first_name: as")
        await person.press("ctrl+s")
        await person.sees("template reminder by mail is set")
        assert "frist_name" in (await stored()).body, "a warning keeps nobody from saving"
