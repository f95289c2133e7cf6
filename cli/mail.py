"""`postroom mail`: mails as they came; those set aside, and their release."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import print_rows, with_database, with_office
from core.errors import Wrong

if TYPE_CHECKING:
    from core.office import Office
    from core.store import Database
    from core.views import MailRow

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Mails as they came.")

Id = Annotated[int, typer.Argument(metavar="ID", help="The mail's number.")]


@app.command("list")
def list_mails(
    context: typer.Context,
    outcome: Annotated[
        str, typer.Option(help="quarantine, over-budget, duplicate, ...; all = every outcome.")
    ] = "quarantine",
    account: Annotated[str, typer.Option(help="Only of this account.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    json: Json = False,
) -> None:
    """Mails by what became of them; those that could not be read unless you say otherwise."""

    async def work(database: Database) -> list[MailRow]:
        from core.models.states import MailOutcome
        from core.views import mails

        if outcome not in [*MailOutcome, "all"]:
            raise Wrong(f"there is no outcome {outcome}; there are: {', '.join(MailOutcome)}, all")
        return await mails(database, outcome="" if outcome == "all" else outcome, account=account, limit=limit)

    rows = with_database(context, work)
    columns = {"id": "ID", "account": "Account", "outcome": "Became", "size": "Octets", "arrived_at": "Arrived",
               "reason": "Why"}  # fmt: skip
    print_rows(columns, rows, json=json, wide="reason")


@app.command()
def raw(context: typer.Context, mail_id: Id) -> None:
    """A mail's bytes as they came, to the standard output; into a file, since they may hold anything."""
    if sys.stdout.isatty():
        raise Wrong(
            f"a raw mail may hold anything: send it into a file, as in 'postroom mail raw {mail_id} > mail.eml'"
        )

    async def work(database: Database) -> bytes:
        from core.views import raw_mail

        return await raw_mail(database, mail_id)

    sys.stdout.buffer.write(with_database(context, work))


@app.command()
def release(
    context: typer.Context,
    mail_id: Id,
    login: As = "",
) -> None:
    """Read a mail that was set aside once more and let it through."""

    async def work(office: Office) -> str:
        from core.intake import release as let_through

        return str(await let_through(office.intake(), mail_id, actor=login or getpass.getuser()))

    typer.echo(f"mail {mail_id} became {with_office(context, work)}")
