"""`postroom broadcast` again: plan it, try it on oneself, start it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.broadcast_asking import (
    Account,
    At,
    Campaign,
    List,
    Rate,
    SendHours,
    Status,
    Template,
    Words,
    plan_of,
    timing_of,
    told,
    write_left_out,
)
from cli.broadcast_watching import follow, moving
from cli.options import As, Json
from cli.output import print_json, with_office
from core.errors import Wrong
from core.roles import COMMAND
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.office import Office

app = typer.Typer(add_completion=False, rich_markup_mode=None)


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
    left_out: Annotated[str, typer.Option(metavar="FILE", help="Write those who are left out into a new file.")] = "",
    at: At = "",
    rate: Rate = 0,
    send_hours: SendHours = "",
    json: Json = False,
) -> None:
    """What a broadcast would be: to how many, at what cost, for how long, who is left out and why. Sends nothing."""

    async def work(office: Office) -> dict[str, object]:
        timing = await timing_of(office, at, rate, send_hours)
        with moving("plan", is_live=not json) as moved:
            found = await plan_of(office, account, template, campaign, list_, status, words, moved)
        said = told(found, timing, office.clock.now())
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
    at: At = "",
    late: Annotated[int, typer.Option(min=0, metavar="MINUTES", help="A start missed by more asks first.")] = 60,
    rate: Rate = 0,
    send_hours: SendHours = "",
    brake: Annotated[int, typer.Option(min=0, max=100, help="Pause when so many of a hundred fail; 0 = never.")] = 0,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it to its end.")] = True,
    json: Annotated[bool, typer.Option("--json", help="JSON lines, on a terminal too.")] = False,
    login: As = "",
) -> None:
    """Plan a broadcast, confirm it by its count, and send it: with a bar on a terminal, otherwise with JSON lines."""
    live = sys.stdout.isatty() and not json

    async def work(office: Office) -> int:
        timing = await timing_of(office, at, rate, send_hours, late=late, brake=brake)
        with moving("plan", is_live=live) as moved:
            found = await plan_of(office, account, template, campaign, list_, status, words, moved)
        said = told(found, timing, office.clock.now())
        count = yes or _typed(found.recipients, said["lines"], is_live=live)
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
