"""desk.toml: campaigns and their lists."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from core.blueprint import WrongBlueprint, export
from core.models import Customer, CustomerList
from core.views import customers as views
from tests.flow.conftest import NOW
from tests.flow.desk_files import apply_text

if TYPE_CHECKING:
    from core.office import Office

DESK = """
[[template]]
name = "missed you"
channel = "sms"
body = "We rang you."

[[campaign]]
name = "spring"
sms_account = "Texts@acme.example"
on_first_try = { sms = "missed you" }
quiet_hours = "20:00-08:00"
region = "FR"
most_messages = 3
words = '''
Good day.
Have you heard?'''

[[list]]
name = "leads"
campaign = "spring"
"""


async def test_campaigns_and_lists_are_applied_and_exported_as_they_are(office: Office) -> None:
    changes = await apply_text(office, DESK)
    assert [one.words for one in changes] == ["template missed you added", "campaign spring added", "list leads added"]
    (row,) = await views.campaigns(office.database)
    assert (row.sms_account, row.first_try_sms, row.lists, row.per_days) == (
        "texts@acme.example", "missed you", ("leads",), 7,
    )  # fmt: skip
    assert await apply_text(office, DESK) == []
    text = await export(office.database)
    exported = tomllib.loads(text)
    assert exported["campaign"] == [
        {
            "name": "spring", "sms_account": "texts@acme.example", "on_first_try": {"sms": "missed you"},
            "quiet_hours": "20:00-08:00", "region": "FR", "most_messages": 3, "per_days": 7,
            "words": "Good day.\nHave you heard?",
        }
    ]  # fmt: skip
    assert exported["list"] == [{"name": "leads", "campaign": "spring"}]
    assert await apply_text(office, text) == []


async def test_what_the_file_does_not_speak_of_stays_as_it_is(office: Office) -> None:
    await apply_text(office, DESK)
    leads = await CustomerList.get(name="leads")
    await Customer.create(list_id=leads.id, reference="A1", created_at=NOW, changed_at=NOW)
    changes = await apply_text(
        office, '[[campaign]]\nname = "spring"\non_first_try = { sms = "" }\n[[list]]\nname = "leads"\ncampaign = ""\n'
    )
    assert [one.words for one in changes] == [
        "campaign spring changed (on_first_try.sms)", "list leads changed (campaign)",
    ]  # fmt: skip
    (row,) = await views.campaigns(office.database)
    assert (row.first_try_sms, row.sms_account, row.lists) == ("", "texts@acme.example", ())
    assert await Customer.filter(list_id=leads.id).count() == 1


async def test_every_mistake_is_told(office: Office) -> None:
    with pytest.raises(WrongBlueprint) as told:
        await apply_text(
            office,
            '[[campaign]]\nname = "a"\nsms_account = "help@acme.example"\nemail_account = "halp@acme.example"\n'
            'on_no_contact = { email = "sorry" }\n[[list]]\nname = "l"\ncampaign = "b"\n',
        )
    here, meant = "here or in the database", '"help@acme.example"'
    assert [line.partition("[[")[2] for line in told.value.lines] == [
        "campaign]] a: sms_account: account help@acme.example is not for sms; give another",
        f'campaign]] a: email_account: there is no account "halp@acme.example", {here}; did you mean {meant}?',
        f'campaign]] a: on_no_contact.email: there is no template "sorry", {here}',
        f'list]] l: campaign: there is no campaign "b", {here}; known are a',
    ]
    with pytest.raises(WrongBlueprint) as told:
        await apply_text(office, '[[campaign]]\nname = "a"\nquiet_hours = "20-8"\nregion = "Britain"\nper_days = 0\n')
    assert len(told.value.lines) == 3
