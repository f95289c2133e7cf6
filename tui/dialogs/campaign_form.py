"""The forms of a campaign, a list and a customer, judged as they are typed."""

from __future__ import annotations

from dataclasses import fields as fields_of
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.campaigns import CampaignSettings, CustomerChange
from core.campaigns.cells import email_of, named_zone, number_of
from core.campaigns.naming import right_name
from core.campaigns.set_up import look_at
from core.errors import Wrong
from tui.dialogs.form import Field
from tui.dialogs.plain_form import PlainForm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.views import AccountRow
    from core.views.calendars import TemplateRow
    from core.views.customers import CampaignRow, CustomerRecord, ListRow
    from core.views.standing import PersonRow
    from tui.dialogs.form import Values

NONE = ("", "none")
OWN = "own."
"""Before the name of a list's own field, in the key of its line."""
NUMBERS = ("most_messages", "per_days")
CORRECT = CampaignSettings("x")


def campaign_form(
    row: CampaignRow | None, accounts: Sequence[AccountRow], templates: Sequence[TemplateRow],
    draft: Mapping[str, object] | None,
) -> PlainForm:  # fmt: skip
    """Of a campaign that is there, or of a new one."""

    def account(kind: str) -> tuple[tuple[str, str], ...]:
        return NONE, *((one.address, one.address) for one in accounts if one.kind == kind)

    def template(channel: str) -> tuple[tuple[str, str], ...]:
        return NONE, *((one.name, f"{one.name}  {one.body}"[:60]) for one in templates if one.channel == channel)

    first, given_up = "Sent on the first try to reach a customer.", "Sent when a customer is given up, never reached."
    pages = [
        ("Campaign", [
            Field("name", "Name", "One line, as people call it."),
            Field("sms_account", "SMS account", "Its texts leave from here.", "choice", account("sms")),
            Field("email_account", "E-mail account", "Its e-mails leave from here.", "choice", account("email")),
            Field("region", "Region", "Two letters, such as GB: how its numbers are read. Empty: the desk's."),
            Field("quiet_hours", "Quiet hours", "As 20:00-08:00, where the customer lives; nothing leaves then."),
            Field("most_messages", "At most", "Messages that a customer gets in so many days; 0: any number.",
                  "number"),
            Field("per_days", "in days", "The days in which they are counted.", "number"),
        ]),
        ("Letters", [
            Field("first_try_sms", "First try, text", first, "choice", template("sms")),
            Field("first_try_email", "First try, mail", first, "choice", template("email")),
            Field("no_contact_sms", "Given up, text", given_up, "choice", template("sms")),
            Field("no_contact_email", "Given up, mail", given_up, "choice", template("email")),
        ]),
        ("Words", [
            Field("results_folder", "Results in", "The folder where a dialler leaves its results. Empty: none."),
            Field("words", "Who rings says", "What an agent reads when she rings.", "lines"),
        ]),
    ]  # fmt: skip
    values = {name: getattr(row, name) for name in SETTINGS} if row else {"most_messages": 0, "per_days": 7}
    return PlainForm(f"Campaign {row.name}" if row else "A new campaign", pages, values, _campaign_wrong, draft=draft)


SETTINGS = tuple(
    one.name
    for one in fields_of(CampaignSettings)
    if one.name in {*NUMBERS, "name", "sms_account", "email_account", "region", "quiet_hours", "first_try_sms",
                    "first_try_email", "no_contact_sms", "no_contact_email", "words", "results_folder"}
)  # fmt: skip
"""What the form sets; the rest stays as it is."""


def campaign_settings(values: Values, row: CampaignRow | None) -> CampaignSettings:
    """What was entered, and what the form does not show as it was."""
    kept = {one.name: getattr(row, one.name) for one in fields_of(CampaignSettings)} if row is not None else {}
    return CampaignSettings(**(kept | {name: values[name] for name in SETTINGS}))


def _campaign_wrong(values: Values) -> dict[str, str]:
    found = {}
    for name in SETTINGS:
        if name in NUMBERS and not isinstance(values[name], int):
            found[name] = "a whole number"
        elif words := _wrong(lambda name=name: _look_at(name, values[name])):  # type: ignore[misc]
            found[name] = words
    return found


def _look_at(name: str, value: Any) -> None:
    look_at(replace(CORRECT, **{name: value}))


def list_form(row: ListRow | None, campaigns: Sequence[CampaignRow], campaign: str) -> PlainForm:
    """Of a list that is there, or of a new one in this campaign."""
    choices = (("", "none yet"), *((one.name, one.name) for one in campaigns))
    page = [
        Field("name", "Name", "One line; no other list is called so."),
        Field("campaign", "Campaign", "Whose customers they are.", "choice", choices),
    ]
    values = {"name": row.name, "campaign": row.campaign} if row else {"campaign": campaign}
    title = f"List {row.name}" if row else "A new list"
    return PlainForm(title, [("List", page)], values, _list_wrong)


def _list_wrong(values: Values) -> dict[str, str]:
    words = _wrong(lambda: right_name(str(values["name"]), "list"))
    return {"name": words} if words else {}


def customer_form(row: CustomerRecord, people: Sequence[PersonRow], region: str) -> PlainForm:
    """Of one customer; the list's own fields on a page of their own."""
    owners = (("", "nobody"), *((one.login, f"{one.login}  {one.name}") for one in people))
    page = [
        Field("name", "Name"),
        Field("number", "Number", "As it is written there; it is kept with its country's code."),
        Field("email", "E-mail"),
        Field("zone", "Zone", "As Europe/London; empty: by the number."),
        Field("owner", "Owner", "Whose customer it is.", "choice", owners),
    ]
    own = [Field(f"{OWN}{number}", name, "The list's own field.") for number, name in enumerate(row.fields)]
    values: Values = {
        "name": row.name, "number": row.number or row.number_as_written, "email": row.email, "zone": row.zone,
        "owner": row.owner, **{f"{OWN}{number}": value for number, value in enumerate(row.fields.values())},
    }  # fmt: skip
    pages = [("Customer", page), *([("Own fields", own)] if own else [])]

    def wrong(values: Values) -> dict[str, str]:
        number = str(values["number"])
        found = {
            "email": _wrong(lambda: email_of(str(values["email"]))),
            "zone": _wrong(lambda: named_zone(str(values["zone"]))),
            "number": "no telephone number: write it as +44 7700 900123"
            if number and number != row.number_as_written and not number_of(number, region) else "",
        }  # fmt: skip
        return {key: words for key, words in found.items() if words}

    return PlainForm(f"Customer {row.reference}", pages, values, wrong)


def customer_change(row: CustomerRecord, values: Values) -> CustomerChange:
    """What differs from what is stored."""

    def given(key: str, before: str) -> str | None:
        return str(values[key]) if str(values[key]) != before else None

    own = {
        name: str(values[f"{OWN}{number}"])
        for number, (name, before) in enumerate(row.fields.items())
        if str(values[f"{OWN}{number}"]) != before
    }
    return CustomerChange(
        name=given("name", row.name), number=given("number", row.number or row.number_as_written),
        email=given("email", row.email), zone=given("zone", row.zone), owner=given("owner", row.owner),
        fields=own or None,
    )  # fmt: skip


def _wrong(check: Callable[[], object]) -> str:
    try:
        check()
    except Wrong as error:
        return str(error)
    return ""
