"""Campaigns and their lists in a desk.toml: pictures, mistakes, and how they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.blueprint.hints import did_you_mean
from core.blueprint.mistakes import place
from core.models import Account, Campaign, CustomerList, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.blueprint.document import Document
    from core.blueprint.picture import Picture, Values

TABLES = ("campaign", "list")
_EVENTS = {"on_first_try": "first_try", "on_no_contact": "no_contact"}
_CHANNELS = ("sms", "email")
_AGREE = "say the same in both, or say it once"
_PLAIN = ("quiet_hours", "region", "most_messages", "per_days", "words", "results_folder")


async def stored_campaigns() -> Picture:
    """Both tables as they are stored, in the caller's transaction. Customers are no part of a desk.toml."""
    picture: Picture = {table: {} for table in TABLES}
    related = [f"{channel}_account" for channel in _CHANNELS]
    related += [f"{event}_{channel}" for event in _EVENTS.values() for channel in _CHANNELS]
    for campaign in await Campaign.all().order_by("id").select_related(*related):
        values: Values = {
            "sms_account": campaign.sms_account.address if campaign.sms_account else "",
            "email_account": campaign.email_account.address if campaign.email_account else "",
        }
        for key, event in _EVENTS.items():
            for channel in _CHANNELS:
                template = getattr(campaign, f"{event}_{channel}")
                values[f"{key}.{channel}"] = template.name if template else ""
        picture["campaign"][campaign.name] = values | {key: getattr(campaign, key) for key in _PLAIN}
    for one in await CustomerList.all().order_by("id").select_related("campaign"):
        picture["list"][one.name] = {"campaign": one.campaign.name if one.campaign else ""}
    return picture


# -- an account's `campaigns`: the other way to say a campaign's account -------------------------------------------


def say_of_campaigns(document: Document, stored: Picture, wanted: Picture) -> None:
    """Put what accounts say of campaigns where campaigns say it; such a list is whole, as every list of the file."""
    said = _said(document)
    speaking = [account for account in document.account if account.campaigns is not None]
    for account in speaking:
        key = f"{account.kind}_account"
        for name, values in stored["campaign"].items():
            if values[key] == account.address and name not in (account.campaigns or ()) and (name, key) not in said:
                wanted["campaign"].setdefault(name, {})[key] = ""
    for account in speaking:
        key = f"{account.kind}_account"
        for name in account.campaigns or ():
            if (name in stored["campaign"] or name in wanted["campaign"]) and (name, key) not in said:
                wanted["campaign"].setdefault(name, {})[key] = account.address


def wrong_campaigns_of_accounts(document: Document, after: Picture) -> Iterator[str]:
    """Campaigns that are not there; and where an account says another thing than the campaign, or another account."""
    said = _said(document)
    claimed: dict[tuple[str, str], str] = {}
    for account in document.account:
        where, key = f"{place('account', account.address)}: campaigns", f"{account.kind}_account"
        for name in dict.fromkeys(account.campaigns or ()):
            other = claimed.setdefault((name, key), account.address)
            if name not in after["campaign"]:
                meant = did_you_mean(name, after["campaign"])
                yield f'{where}: there is no campaign "{name}", here or in the database{meant}'
            elif other != account.address:
                yield f"{where}: {place('account', other)} names {name} too; it writes as one of them"
            elif said.get((name, key), account.address) != account.address:
                yield f'{where}: names {name}, but {place("campaign", name)} says {key} = "{said[name, key]}"; {_AGREE}'
        for (name, of), address in said.items():
            is_its = account.campaigns is not None and (of, address) == (key, account.address)
            if is_its and name not in (account.campaigns or ()):
                of_it = place("campaign", name)
                yield f'{where}: leaves {name} out, but {of_it} says {key} = "{address}"; {_AGREE}'


def _said(document: Document) -> dict[tuple[str, str], str]:
    """By campaign and key the accounts that campaigns themselves name in the file; empty = none."""
    keys = [f"{channel}_account" for channel in _CHANNELS]
    return {
        (one.name, key): getattr(one, key) for one in document.campaign for key in keys if key in one.model_fields_set
    }


# -- mistakes, and writing -----------------------------------------------------------------------------------------


def wrong_campaigns(wanted: Picture, after: Picture) -> Iterator[str]:
    """What does not fit the desk: accounts, templates, campaigns that are not there, or are for the other channel."""
    for name in wanted["campaign"]:
        yield from _wrong_campaign(place("campaign", name), after["campaign"][name], after)
    for name in wanted["list"]:
        campaign, known = str(after["list"][name]["campaign"]), after["campaign"]
        if campaign and campaign not in known:
            where = place("list", name)
            yield (
                f'{where}: campaign: there is no campaign "{campaign}", here or in the'
                f" database{did_you_mean(campaign, known)}"
            )


def _wrong_campaign(where: str, values: Values, after: Picture) -> Iterator[str]:
    for channel in _CHANNELS:
        key = f"{channel}_account"
        yield from _of_channel(where, key, "account", "kind", str(values[key]), channel, after)
        for event in _EVENTS:
            key = f"{event}.{channel}"
            yield from _of_channel(where, key, "template", "channel", str(values[key]), channel, after)


def _of_channel(
    where: str, key: str, table: str, kind_key: str, name: str, channel: str, after: Picture
) -> Iterator[str]:
    if not name:
        return
    known = [each for each, one in after[table].items() if one[kind_key] == channel]
    if name not in after[table]:
        yield f'{where}: {key}: there is no {table} "{name}", here or in the database{did_you_mean(name, known)}'
    elif name not in known:
        yield f"{where}: {key}: {table} {name} is not for {channel}; give another"


async def write_campaign(table: str, name: str, values: Values, *, new: bool) -> None:
    """Add a campaign or list with all its values, or change some of one; what it names has been written before."""
    columns: dict[str, Any] = {}
    for key, value in values.items():
        event, _, channel = key.partition(".")
        if key == "campaign":
            columns["campaign_id"] = (await Campaign.get(name=value)).id if value else None
        elif key.endswith("_account"):
            columns[f"{key}_id"] = (await Account.get(address=value)).id if value else None
        elif event in _EVENTS:
            columns[f"{_EVENTS[event]}_{channel}_id"] = (await Template.get(name=value)).id if value else None
        else:
            columns[key] = value
    model = Campaign if table == "campaign" else CustomerList
    if new:
        await model.create(name=name, **columns)
    elif columns:
        await model.filter(name=name).update(**columns)
