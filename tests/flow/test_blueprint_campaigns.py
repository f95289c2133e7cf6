"""desk.toml: campaigns and their lists."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from core.blueprint import WrongBlueprint, export
from core.models import Account, Customer, CustomerList, Mailbox
from core.views import customers as views
from tests.flow.conftest import NOW
from tests.flow.desk_files import apply_text, minimal_account

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


TEXTS, OTHER = "texts@acme.example", "other@acme.example"


def account(address: str, campaigns: str = "", kind: str = "sms") -> str:
    keys = {"kind": f'"{kind}"', "gateway": '"line"'} if kind == "sms" else {}
    return minimal_account(address, **keys, **({"campaigns": campaigns} if campaigns else {}))


LINE = '[[gateway]]\nname = "line"\nrecipient = "{number}@sms.example"\n'


async def of_campaigns(office: Office, text: str) -> list[str]:
    """What is changed of campaigns; all of it is the same when it is done again."""
    changes = await apply_text(office, LINE + text)
    assert await apply_text(office, LINE + text) == []
    return [one.words for one in changes if one.kind == "campaign"]


async def another(office: Office) -> None:
    """A second account for texts."""
    one = await Account.get(id=1).values("gateway_id", "queue_id", "kind", "imap_host", "imap_port", "imap_security")
    await Account.create(id=3, address=OTHER, **one)
    await Mailbox.create(account_id=3)


async def writes_as(office: Office) -> dict[str, tuple[str, str]]:
    return {one.name: (one.sms_account, one.email_account) for one in await views.campaigns(office.database)}


async def test_an_account_may_name_the_campaigns_that_write_as_it(office: Office) -> None:
    await another(office)
    two = '[[campaign]]\nname = "spring"\n[[campaign]]\nname = "autumn"\nemail_account = "help@acme.example"\n'
    text = two + account(TEXTS, '["spring", "autumn"]') + account("help@acme.example", '["autumn"]', "email")
    assert await of_campaigns(office, text) == ["campaign spring added", "campaign autumn added"]
    assert await writes_as(office) == {"spring": (TEXTS, ""), "autumn": (TEXTS, "help@acme.example")}
    exported = tomllib.loads(await export(office.database))
    assert [one["sms_account"] for one in exported["campaign"]] == [TEXTS, TEXTS]
    assert all("campaigns" not in one for one in exported["account"]), "it is said once, by the campaign"
    assert await of_campaigns(office, account(TEXTS)) == [], "what is not said stays"
    assert await of_campaigns(office, account(TEXTS, '["autumn"]')) == ["campaign spring changed (sms_account)"]
    both = ["campaign autumn changed (sms_account)", "campaign spring changed (sms_account)"]
    moved = account(OTHER, '["autumn", "spring"]') + account(TEXTS, "[]")
    assert sorted(await of_campaigns(office, moved)) == both
    assert await writes_as(office) == {"spring": (OTHER, ""), "autumn": (OTHER, "help@acme.example")}
    assert sorted(await of_campaigns(office, account(OTHER, "[]"))) == both
    assert await writes_as(office) == {"spring": ("", ""), "autumn": ("", "help@acme.example")}


async def test_a_campaign_and_an_account_that_say_the_same_are_one(office: Office) -> None:
    spring = f'[[campaign]]\nname = "spring"\nsms_account = "{TEXTS}"\n'
    assert await of_campaigns(office, spring + account(TEXTS, '["spring"]')) == ["campaign spring added"]
    assert await writes_as(office) == {"spring": (TEXTS, "")}
    assert await of_campaigns(office, '[[campaign]]\nname = "spring"\nregion = "FR"\n' + account(TEXTS, "[]")) == [
        "campaign spring changed (sms_account, region)"
    ]


async def test_an_account_and_a_campaign_that_disagree_are_refused_with_both_named(office: Office) -> None:
    await another(office)
    await apply_text(office, '[[campaign]]\nname = "spring"\n[[campaign]]\nname = "autumn"\n')
    agree = "say the same in both, or say it once"
    spring = f'[[campaign]]\nname = "spring"\nsms_account = "{TEXTS}"\n'
    nobody = '[[campaign]]\nname = "spring"\nsms_account = ""\n'
    for text, address, words in (
        (
            spring + account(OTHER, '["spring"]'),
            OTHER,
            f'names spring, but [[campaign]] spring says sms_account = "{TEXTS}"; {agree}',
        ),
        (
            nobody + account(OTHER, '["spring"]'),
            OTHER,
            f'names spring, but [[campaign]] spring says sms_account = ""; {agree}',
        ),
        (
            spring + account(TEXTS, "[]"),
            TEXTS,
            f'leaves spring out, but [[campaign]] spring says sms_account = "{TEXTS}"; {agree}',
        ),
        (
            account(TEXTS, '["spring"]') + account(OTHER, '["autumn", "spring"]'),
            OTHER,
            f"[[account]] {TEXTS} names spring too; it writes as one of them",
        ),
        (
            account(TEXTS, '["sprung"]'),
            TEXTS,
            'there is no campaign "sprung", here or in the database; did you mean "spring"?',
        ),
    ):
        with pytest.raises(WrongBlueprint) as told:
            await apply_text(office, LINE + text)
        assert told.value.lines == (f"desk.toml: [[account]] {address}: campaigns: {words}",)
    assert await writes_as(office) == {"spring": ("", ""), "autumn": ("", "")}
