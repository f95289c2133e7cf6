"""`postroom broadcast`: one template to many customers."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.broadcast_asking import (
    Account,
    Campaign,
    List,
    Status,
    Template,
    Words,
    moment_of,
    plan_of,
    told,
)
from cli.broadcast_watching import figures, follow, moving
from cli.output import print_json, print_table, with_database, with_office
from core.errors import Refused, Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from core.office import Office
    from core.store import Database
    from core.views.broadcasts import BroadcastRow, LedgerRow, LiveRow
    from core.views.contact_rows import ContactRow

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Broadcasts: one template to many customers.",
)

Id = Annotated[int, typer.Argument(metavar="ID", help="The broadcast's number.")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
As = Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who does it.")]


@app.command()
def plan(
    context: typer.Context,
    account: Account,
    template: Template,
    campaign: Campaign = "",
    list_: List = "",
    status: Status = None,
    words: Words = "",
    preview: Annotated[int, typer.Option(min=0, help="Show so many recipients' own messages.")] = 0,
    left_out: Annotated[str, typer.Option(metavar="FILE", help="Write those who are left out there, as CSV.")] = "",
    json: Json = False,
) -> None:
    """What a broadcast would be: to how many, at what cost, for how long, who is left out and why. Sends nothing."""

    async def work(office: Office) -> dict[str, object]:
        from cli.broadcast_asking import write_left_out

        with moving("plan", is_live=not json) as moved:
            found = await plan_of(office, account, template, campaign, list_, status, words, moved)
        said = told(found)
        shown = [await office.broadcasts.preview(found, n) for n in range(1, min(preview, found.recipients) + 1)]
        if left_out:
            await write_left_out(office, found, left_out)
        costs = ["" if found.price is None or not one.parts else found.price.of(one.parts) for one in shown]
        previews = [asdict(one) | {"cost": cost} for one, cost in zip(shown, costs, strict=True)]
        return said | {"previews": previews}

    said = with_office(context, work)
    if json:
        print_json({key: value for key, value in said.items() if key != "lines"})
        return
    for line in said["lines"]:  # type: ignore[attr-defined]
        typer.echo(line)
    for one in said["previews"]:  # type: ignore[attr-defined]
        from core.mime import with_html

        typer.echo(f"\n{one['number']}. {harmless(one['name'], lines=False)}  {one['address']}{_size(one)}")
        if one["subject"]:
            typer.echo(harmless(one["subject"], lines=False))
        typer.echo(with_html(one["text"].strip(), one["html"]))


def _size(one: Mapping[str, object]) -> str:
    """`  2 parts, £0.064`; empty of an e-mail."""
    if not one["parts"]:
        return ""
    return f"  {one['parts']} part{'s' * (one['parts'] != 1)}" + (f", {one['cost']}" if one["cost"] else "")


@app.command()
def start(
    context: typer.Context,
    account: Account,
    template: Template,
    campaign: Campaign = "",
    list_: List = "",
    status: Status = None,
    words: Words = "",
    yes: Annotated[int, typer.Option(metavar="COUNT", min=0, help="Confirm: how many recipients the plan has.")] = 0,
    name: Annotated[str, typer.Option(help="What it is called; the template's name, if nothing is said.")] = "",
    at: Annotated[str, typer.Option(metavar="TIME", help="When it begins, as 2026-03-02T09:30; now if not said.")] = "",
    late: Annotated[int, typer.Option(min=0, metavar="MINUTES", help="A start missed by more asks first.")] = 60,
    rate: Annotated[int, typer.Option(min=0, help="Messages a minute; 0 = as the outgoing server allows.")] = 0,
    brake: Annotated[int, typer.Option(min=0, max=100, help="Pause when so many of a hundred fail; 0 = never.")] = 0,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it to its end.")] = True,
    json: Json = False,
    login: As = "",
) -> None:
    """Plan a broadcast, confirm it by its count, and send it: with a bar on a terminal, otherwise with JSON lines."""
    live = sys.stdout.isatty() and not json

    async def work(office: Office) -> int:
        from core.broadcasts import Timing

        with moving("plan", is_live=live) as moved:
            found = await plan_of(office, account, template, campaign, list_, status, words, moved)
        count = yes or _typed(found.recipients, told(found)["lines"], is_live=live)
        timing = Timing(await moment_of(office, at), late, rate, brake)
        with moving("freeze", is_live=live) as moved:
            number = await office.broadcasts.confirm(
                found, count=count, actor=login or COMMAND, name=name, timing=timing, progress=moved
            )
        await follow(office, number, is_live=live, to_the_end=wait)
        return number

    number = with_office(context, work)
    if live:
        typer.echo(f"broadcast {number}: 'postroom broadcast show {number}' says how it does")


def _typed(count: int, lines: object, *, is_live: bool) -> int:
    """What a person types after having seen the plan. Raises Wrong where nobody can be asked."""
    if not is_live or not sys.stdin.isatty():
        raise Wrong(f"say --yes {count} to send it: that is how many would get it")
    for line in lines:  # type: ignore[attr-defined]
        typer.echo(line)
    return int(typer.prompt("Type the number of recipients to send it", value_proc=_number))


def _number(typed: str) -> int:
    """`1,234` as it is shown, or `1234`."""
    try:
        return int(typed.strip().replace(",", ""))
    except ValueError as error:
        raise typer.BadParameter(f"{typed[:20]!r} is no number") from error


@app.command("list")
def list_broadcasts(context: typer.Context, json: Json = False) -> None:
    """All broadcasts, those that run first."""

    async def work(database: Database) -> list[BroadcastRow]:
        from core.views.broadcasts import broadcasts

        return await broadcasts(database)

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    columns = {"id": "ID", "state": "State", "name": "Name", "audience": "To", "planned": "Planned", "sent": "Sent",
               "failed": "Failed", "unknown": "Unknown", "reason": "Why"}  # fmt: skip
    print_table(columns, [asdict(row) for row in rows], wide="audience")


@app.command()
def show(context: typer.Context, broadcast_id: Id, json: Json = False) -> None:
    """One broadcast: what became of everybody, failures by the server's words, replies, what is left."""

    async def work(database: Database) -> LiveRow:
        from datetime import UTC, datetime

        from core.views.broadcasts import live

        return await live(database, broadcast_id, datetime.now(UTC))

    found = with_database(context, work)
    if json:
        print_json({**asdict(found.row), **{k: v for k, v in asdict(found).items() if k != "row"}})
        return
    for line in figures(found):
        typer.echo(line)


@app.command()
def ledger(
    context: typer.Context,
    broadcast_id: Id,
    state: Annotated[str, typer.Option(help="Only those in this state.")] = "",
    csv: Annotated[str, typer.Option("--csv", metavar="FILE", help="Write everybody there as CSV; - for stdout.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    after: Annotated[int, typer.Option(min=0, help="Only those behind this row's number.")] = 0,
    json: Json = False,
) -> None:
    """What became of each recipient."""
    if csv:
        with_database(context, lambda database: _written(database, broadcast_id, csv))
        return

    async def work(database: Database) -> list[LedgerRow]:
        from core.views.broadcasts import broadcast, ledger

        await broadcast(database, broadcast_id)
        return await ledger(database, broadcast_id, state=state, after=after, limit=limit)

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    columns = {"id": "Row", "reference": "Customer", "name": "Name", "address": "To", "state": "State",
               "sent_at": "Sent", "reason": "Why"}  # fmt: skip
    print_table(columns, [asdict(row) for row in rows], wide="reason")


async def _written(database: Database, broadcast_id: int, path: str) -> None:
    from pathlib import Path

    from core.views.broadcasts import ledger_csv

    if path == "-":
        async for part in ledger_csv(database, broadcast_id):
            sys.stdout.write(part)
        return
    try:
        with Path(path).expanduser().open("w", encoding="utf-8", newline="") as file:
            async for part in ledger_csv(database, broadcast_id):
                file.write(part)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}; name another file") from error


def _does(context: typer.Context, work: Callable[[Office], Awaitable[object]], words: str) -> None:
    with_office(context, work)
    typer.echo(words)


@app.command()
def answers(
    context: typer.Context,
    broadcast_id: Id,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 200,
    json: Json = False,
) -> None:
    """Who answers it: the contacts of recipients who wrote after their message had left, the newest first."""

    async def work(database: Database) -> list[ContactRow]:
        from core.views.broadcasts import reply_ids
        from core.views.waiting import contacts_by_id

        ids = await reply_ids(database, broadcast_id, limit)
        found = await contacts_by_id(database, ids)
        return [found[one] for one in ids if one in found]

    rows = with_database(context, work)
    if json:
        print_json(rows)
        return
    columns = {"id": "Contact", "received_at": "Came", "address": "From", "name": "Name", "state": "State",
               "agent": "Agent", "text": "Text"}  # fmt: skip
    print_table(columns, [asdict(row) for row in rows], wide="text")


@app.command()
def pause(context: typer.Context, broadcast_id: Id, reason: str = "", login: As = "") -> None:
    """Let nothing more leave."""
    _does(
        context,
        lambda office: office.broadcasts.pause(broadcast_id, actor=login or COMMAND, reason=reason),
        f"broadcast {broadcast_id} is paused",
    )


@app.command()
def resume(context: typer.Context, broadcast_id: Id, login: As = "") -> None:
    """Go on where it paused; start now what is scheduled."""
    _does(
        context,
        lambda office: office.broadcasts.resume(broadcast_id, actor=login or COMMAND),
        f"broadcast {broadcast_id} goes on",
    )


@app.command()
def cancel(context: typer.Context, broadcast_id: Id, login: As = "") -> None:
    """End it: whoever has not got it does not get it."""
    _does(
        context,
        lambda office: office.broadcasts.cancel(broadcast_id, actor=login or COMMAND),
        f"broadcast {broadcast_id} is cancelled",
    )


@app.command()
def approve(context: typer.Context, broadcast_id: Id, login: As = "") -> None:
    """The second person's yes, where the variable broadcast_approval_over asks for one."""
    _does(
        context,
        lambda office: office.broadcasts.approve(broadcast_id, actor=login or COMMAND),
        f"broadcast {broadcast_id} is approved",
    )


@app.command()
def retry(context: typer.Context, broadcast_id: Id, login: As = "") -> None:
    """Try those again that have failed."""
    number = with_office(context, lambda office: office.broadcasts.retry_failed(broadcast_id, actor=login or COMMAND))
    typer.echo(f"{number} are tried again")


@app.command()
def test(
    context: typer.Context,
    to: Annotated[str, typer.Argument(help="Your own number or address.")],
    account: Account,
    template: Template,
    campaign: Campaign = "",
    list_: List = "",
    status: Status = None,
    words: Words = "",
    number: Annotated[int, typer.Option(min=1, help="As this recipient would get it.")] = 1,
    login: As = "",
) -> None:
    """Send one recipient's message to yourself."""

    async def work(office: Office) -> int:
        found = await plan_of(office, account, template, campaign, list_, status, words, None)
        return await office.broadcasts.test(found, number, to, actor=login or COMMAND)

    typer.echo(f"message {with_office(context, work)} is in the outbox")
