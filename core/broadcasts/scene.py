"""What a request means on this desk: the names looked up, once, before customers are looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.broadcasts.saying import Sayer
from core.campaigns.audience import Audience
from core.errors import NotFound, Wrong
from core.models import Account, Desk, OutgoingServer
from core.models.states import Channel, CustomerStatus
from core.outbox import dialect_of
from core.templates import TemplateText, check
from core.views.choices import Price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.broadcasts.plans import Request
    from core.gateway.dialects import Dialect
    from core.secrets import Vault
    from core.store import Database
    from core.store.database import Row


@dataclass(frozen=True, slots=True)
class Scene:
    """A request with everything it names."""

    request: Request
    audience: Audience
    account_id: int
    template: TemplateText
    campaign_id: int | None
    """The request's, or the one its list belongs to."""
    campaign: str
    quiet_hours: str
    most_messages: int
    per_days: int
    dialect: Dialect | None
    """None for e-mail."""
    price: Price | None
    desk: Mapping[str, Any]
    """Its row's name, region and timezone."""
    rate_per_minute: int
    """The outgoing server's."""

    def sayer(self) -> Sayer:
        """Says its template."""
        return Sayer(self.template, desk=self.desk, campaign=self.campaign)

    def as_json(self) -> str:
        """The audience, as a broadcast's row keeps it."""
        asked = self.request
        said = {"campaign": asked.campaign, "list": asked.list_name, "statuses": list(asked.statuses)}
        return json.dumps(said | {"words": asked.words})


async def set_scene(database: Database, vault: Vault, request: Request) -> Scene:
    """Look up what a request names. Raises Wrong, NotFound."""
    if bool(request.campaign) == bool(request.list_name):
        raise Wrong("a broadcast is for one campaign or for one list: name one of them")
    if not request.statuses or set(request.statuses) - set(CustomerStatus):
        raise Wrong(f"name one or more statuses of customers: {', '.join(CustomerStatus)}")
    account = await Account.get_or_none(address=request.account).select_related("gateway")
    if account is None:
        raise NotFound(f"there is no account {request.account}: 'postroom account list' shows them")
    if account.kind != request.channel:
        raise Wrong(
            f"{request.account} is an account for {account.kind}, and the broadcast is to go by {request.channel}"
        )
    if account.kind is Channel.SMS and account.gateway is None:
        raise Wrong(f"{account.address} has no gateway: name one in its settings before texts can leave")
    campaign = await _campaign(database, request)
    desk = await Desk.get(id=1)
    server = await OutgoingServer.get_or_none(id=1)
    price = None
    if account.gateway is not None and account.kind is Channel.SMS:
        said = account.gateway.overrides
        if said.get("price_per_part") and said.get("currency"):
            price = Price(Decimal(str(said["price_per_part"])), str(said["currency"]))
    return Scene(
        request=request,
        audience=Audience(request.campaign, request.list_name, tuple(map(str, request.statuses)), request.words),
        account_id=account.id,
        template=await _template(database, request),
        campaign_id=campaign.get("id"),
        campaign=campaign.get("name", ""),
        quiet_hours=campaign.get("quiet_hours", ""),
        most_messages=campaign.get("most_messages", 0),
        per_days=campaign.get("per_days", 0),
        dialect=dialect_of(account.gateway, vault) if account.kind is Channel.SMS and account.gateway else None,
        price=price,
        desk={"name": desk.name, "region": desk.region, "timezone": desk.timezone},
        rate_per_minute=server.rate_per_minute if server is not None else 0,
    )


async def _campaign(database: Database, request: Request) -> Row:
    columns = "SELECT k.id, k.name, k.quiet_hours, k.most_messages, k.per_days"
    if request.campaign:
        rows = await database.read(f"{columns} FROM campaign k WHERE k.name = ?", request.campaign)
        if not rows:
            raise NotFound(f"there is no campaign {request.campaign}: 'postroom campaign list' shows them")
        return rows[0]
    rows = await database.read(
        f"{columns} FROM customer_list l LEFT JOIN campaign k ON k.id = l.campaign_id WHERE l.name = ?",
        request.list_name,
    )
    if not rows:
        raise NotFound(f"there is no list {request.list_name}: 'postroom campaign list' shows them")
    return rows[0] if rows[0]["id"] is not None else {}


async def _template(database: Database, request: Request) -> TemplateText:
    rows = await database.read(
        "SELECT name, channel, subject, body, html, when_missing FROM template WHERE name = ?", request.template
    )
    if not rows:
        raise NotFound(f"there is no template {request.template}: 'postroom template list' shows them")
    row = rows[0]
    if row["channel"] != request.channel:
        raise Wrong(f"template {row['name']} is for {row['channel']}: the broadcast is to go by {request.channel}")
    template = TemplateText(row["name"], row["body"], row["subject"], row["when_missing"], row["html"])
    check(template)
    return template
