"""Templates over time and over real customers: versions, the word for what is missing, previews."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.blueprint import export
from core.campaigns import Audience
from core.errors import NotFound, Refused, Wrong
from core.models import Template, TemplateVersion
from core.scripts import Wording, previewed_for, previewed_of, surveyed
from core.templates import TemplateWrong
from core.views.calendars import template_versions
from core.views.customers import customer_ids
from tests.flow.conftest import NOW
from tests.flow.desk_files import apply_text
from tests.flow.dialling import customer, set_up

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def versions(office: Office, name: str = "hello") -> list[tuple[int, str, str]]:
    return [(row.number, row.body, row.author) for row in await template_versions(office.database, name)]


async def test_what_a_template_said_is_kept_and_can_be_said_again(office: Office, clock: FrozenClock) -> None:
    verbs = office.routing.templates
    await verbs.set("hello", Wording("sms", "One", when_missing="?"), actor="sue")
    clock.advance(minutes=5)
    await verbs.set("hello", Wording("sms", "Two", when_missing="?"), actor="command")
    await verbs.set("hello", Wording("sms", "Two", when_missing="there"), actor="sue")
    assert await versions(office) == [(2, "Two", "command"), (1, "One", "sue")]
    rows = await template_versions(office.database, "hello")
    assert (rows[1].at, (rows[0].at - NOW).seconds) == (NOW, 300)
    before = await verbs.restore("hello", 1, actor="sue")
    assert before == Wording("sms", "Two", when_missing="there")
    assert await versions(office) == [(3, "One", "sue"), (2, "Two", "command"), (1, "One", "sue")]
    row = await Template.get(name="hello")
    assert (row.body, row.when_missing) == ("One", "there")
    with pytest.raises(NotFound, match="template hello has no version 9"):
        await verbs.restore("hello", 9, actor="sue")
    with pytest.raises(NotFound):
        await verbs.restore("helo", 1, actor="sue")
    with pytest.raises(NotFound):
        await template_versions(office.database, "helo")
    with pytest.raises(Refused, match="ann is an agent"):
        await verbs.restore("hello", 2, actor="ann")
    await verbs.delete("hello", actor="sue")
    assert await TemplateVersion.all().count() == 0


async def test_what_it_said_before_it_had_versions_is_kept_too(office: Office) -> None:
    """desk.toml writes templates without a version."""
    await Template.create(name="hello", channel="sms", body="From the file")
    await office.routing.templates.set("hello", Wording("sms", "By hand"), actor="sue")
    assert await versions(office) == [(2, "By hand", "sue"), (1, "From the file", "")]
    await Template.filter(name="hello").update(body="The file again")
    await office.routing.templates.set("hello", Wording("sms", "Last"), actor="sue")
    assert [row[1] for row in await versions(office)] == ["Last", "The file again", "By hand", "From the file"]


async def test_a_template_that_a_campaign_sends_is_not_deleted(office: Office) -> None:
    await set_up()
    with pytest.raises(Refused, match="template sorry is sent by campaign Spring"):
        await office.routing.templates.delete("sorry", actor="sue")


@pytest.mark.parametrize("when_missing", ["two\nlines", "x" * 201, "\x1b[31m"])
async def test_the_word_for_what_is_missing_is_one_line(office: Office, when_missing: str) -> None:
    with pytest.raises(Wrong, match="for a missing field is one line"):
        await office.routing.templates.set("a", Wording("sms", "x", when_missing=when_missing), actor="sue")


async def test_a_preview_is_what_that_customer_would_read(office: Office) -> None:
    await set_up()
    await customer("R1", "+12125550123", list_id=2, name="Zoë Ray")
    body = "{{ customer.first_name }}: {{ campaign.name }} {{ customer.number }}"
    await office.routing.templates.set("hello", Wording("sms", body), actor="sue")
    found = await previewed_for(office.database, "hello", "R1", list_name="south")
    assert (found.text, found.encoding, found.parts) == ("Zoë: Spring +1 212-555-0123", "UCS-2", 1)
    with pytest.raises(Wrong, match="stands on several lists"):
        await previewed_for(office.database, "hello", "R1")
    with pytest.raises(NotFound, match="there is no customer R7 on list south"):
        await previewed_for(office.database, "hello", "R7", list_name="south")
    await office.routing.templates.set("hello", Wording("sms", "{{ customer.city }}"), actor="sue")
    with pytest.raises(TemplateWrong, match=r"template hello, body line 1: the field customer\.city is empty"):
        await previewed_for(office.database, "hello", "R2")


async def test_the_worst_of_a_list_is_shown_and_who_would_get_none(office: Office) -> None:
    await set_up()
    await customer("R4", name="Łukasz " + "Long" * 20)
    await customer("R5", name="")
    await office.routing.templates.set("hello", Wording("sms", "Dear {{ customer.name }}"), actor="sue")
    found = await surveyed(office.database, "hello", list_name="north")
    assert (found.customers, found.written, found.worst_for, found.ucs2) == (5, 4, "R4", 1)
    assert found.worst is not None and (found.worst.parts, found.worst.encoding) == (2, "UCS-2")
    assert found.left_out_count == 1 and found.left_out[0][0] == "R5"
    assert (await surveyed(office.database, "hello", list_name="south")).worst is None
    with pytest.raises(NotFound, match="did you mean"):
        await surveyed(office.database, "hello", list_name="nort")
    await office.routing.templates.set("hello", Wording("sms", "{{ customer.reference|date }}"), actor="sue")
    found = await surveyed(office.database, "hello", list_name="north")
    assert (found.written, found.left_out_count) == (0, 5) and "'R1' is no date" in found.left_out[0][1]
    await office.routing.templates.set("hello", Wording("sms", "{{ customer.nmae }}"), actor="sue")
    with pytest.raises(TemplateWrong, match=r"did you mean customer\.name"):
        await surveyed(office.database, "hello", list_name="north")


async def test_a_campaign_is_looked_at_with_all_its_lists(office: Office) -> None:
    await set_up()
    await customer("R8", "+12125550123", list_id=2, name="Zoë " + "Łong" * 20)
    await office.routing.templates.set("hello", Wording("sms", "Dear {{ customer.name }}"), actor="sue")
    found = await surveyed(office.database, "hello", campaign="Spring")
    assert found.by_parts and sum(found.by_parts.values()) == found.written
    assert list(found.by_parts) == sorted(found.by_parts)
    ids = await customer_ids(office.database, Audience(campaign="Spring"), limit=1000)
    assert len(ids) == found.customers
    assert (await previewed_of(office.database, "hello", ids[found.worst_number - 1])) == found.worst
    in_list = await surveyed(office.database, "hello", list_name="south")
    assert (in_list.customers, in_list.worst_for, in_list.worst_number, in_list.ucs2_number) == (1, "R8", 1, 1)
    with pytest.raises(NotFound, match=r"did you mean .Spring"):
        await surveyed(office.database, "hello", campaign="Sprig")
    with pytest.raises(NotFound, match="customer 999 is not there any more"):
        await previewed_of(office.database, "hello", 999)


async def test_desk_toml_has_the_word_for_what_is_missing(office: Office) -> None:
    text = '[[template]]\nname = "hello"\nchannel = "sms"\nbody = "In {{ customer.city }}"\nwhen_missing = "town"\n'
    await apply_text(office, text)
    assert (await Template.get(name="hello")).when_missing == "town"
    assert 'when_missing = "town"' in await export(office.database)
    assert await apply_text(office, text) == []
    await apply_text(office, text.replace('"town"', '""'))
    assert (await Template.get(name="hello")).when_missing == ""
