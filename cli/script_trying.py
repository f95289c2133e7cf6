"""`postroom script` again: check, test, replay, ready-made."""

from __future__ import annotations

import sys
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import read_bytes, read_text
from cli.options import Json
from cli.output import print_json, print_table, with_office
from core.errors import Wrong
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from core.office import Office
    from core.routing.problem import Problem
    from core.scripts.replaying import Replay
    from core.scripts.trying import Trial

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_RED = "red"


@app.command()
def check(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file with the script, or - for standard input.")],
    name: Annotated[str, typer.Option(help="The script it shall be, for those that load it.")] = "",
    account: Annotated[str, typer.Option(help="With the settings of this account.")] = "",
    json: Json = False,
) -> None:
    """What is wrong with a script, by the names of this desk; exit code 1 when it could not be activated."""
    source = read_text(file)

    async def work(office: Office) -> tuple[Problem, ...]:
        return await office.routing.checking.check(source, name=name, account=account)

    problems = with_office(context, work)
    if json:
        print_json([problem.to_plain() for problem in problems])
    else:
        for problem in problems:
            _show(problem)
        if not problems:
            typer.echo("nothing is wrong with it")
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


def _show(problem: Problem) -> None:
    typer.echo(
        f"line {problem.line}, column {problem.column}: {problem.severity}: {harmless(problem.message, lines=False)}"
    )
    if problem.source:
        typer.echo(f"    {harmless(problem.source, lines=False)}")
        typer.echo(f"    {' ' * (problem.column - 1)}^")


@app.command()
def test(
    context: typer.Context,
    script: Annotated[str, typer.Argument(metavar="FILE|NAME", help="A file with a script, or a script's name.")],
    account: Annotated[str, typer.Option(help="The account that it comes to.")] = "",
    text: Annotated[str, typer.Option(help="What the customer writes.")] = "",
    sender: Annotated[str, typer.Option("--from", help="The customer's number or address; else somebody's.")] = "",
    subject: Annotated[str, typer.Option(help="Of an e-mail.")] = "",
    mail: Annotated[str, typer.Option(metavar="EML", help="A mail as it came, in a file, or - for stdin.")] = "",
    contact: Annotated[int | None, typer.Option(help="A contact that came, by its number.")] = None,
    version: Annotated[int | None, typer.Option(help="Of a script by name; else what is active.")] = None,
    json: Json = False,
) -> None:
    """What a script would decide; nothing is sent and nothing is stored. Exit code 1 when it fails."""
    if [bool(text), bool(mail), contact is not None].count(True) != 1:
        raise Wrong("say what comes: --text, --mail or --contact")
    if contact is None and not account:
        raise Wrong("say which account it comes to: --account")
    raw = read_bytes(mail) if mail else b""
    is_file = script == "-" or Path(script).expanduser().is_file()

    async def work(office: Office) -> Trial:
        from core.scripts.newcomers import Letter, Typed
        from core.scripts.trying import Past
        from core.views.scripts import script_source

        source = read_text(script) if is_file else (await script_source(office.database, script, version)).source
        given = Past(contact) if contact is not None else Letter(raw) if mail else Typed(text, sender, subject=subject)
        name = "" if is_file else script
        return await office.routing.bench.test(source, given, name=name, account=account)

    trial = with_office(context, work)
    if json:
        print_json(_plain(trial))
    else:
        _show_trial(trial)
    if trial.failure is not None:
        raise typer.Exit(1)


def _plain(trial: Trial) -> dict[str, object]:
    from json import loads

    return {
        "decision": trial.decision.to_plain() if trial.decision else None,
        "failure": trial.failure.to_plain() if trial.failure else None,
        "printed": [asdict(line) for line in trial.trace.printed],
        "seconds": trial.trace.seconds,
        "answers": trial.answers,
        "facts": loads(trial.facts.to_json()),
        "marks": trial.marks,
    }


def _show_trial(trial: Trial) -> None:
    from core.gathering import in_short
    from core.scripts.wording import action_words

    typer.echo(f"facts    {harmless(in_short(trial.facts), lines=False)}")
    for line in trial.trace.printed:
        typer.echo(f"printed  line {line.at.line}: {harmless(line.text, lines=False)}")
    if trial.decision is not None:
        for action in (trial.decision.placing, *trial.decision.side):
            typer.echo(f"line {action.at.line:<4} {harmless(action_words(action), lines=False)}")
    for answer in trial.answers:
        typer.echo(f"answer   {harmless(answer.text)}")
    if trial.failure is not None:
        typer.echo(f"failed   {harmless(trial.failure.sentence, lines=False)}")
        if trial.failure.source:
            typer.echo(f"         {harmless(trial.failure.source.strip(), lines=False)}")
    typer.echo(f"took     {trial.trace.seconds * 1000:.1f} ms")


@app.command()
def replay(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The script's name.")],
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="A version; else what is active.")] = None,
    file: Annotated[str, typer.Option(help="A draft in a file, instead of a version.")] = "",
    days: Annotated[float, typer.Option(min=0.01, help="How far back.")] = 7.0,
    every: Annotated[bool, typer.Option("--all", help="As far back as facts are kept.")] = False,
    json: Json = False,
) -> None:
    """What would go elsewhere: every contact of the last days through a version. Nothing is changed."""
    if file and number is not None:
        raise Wrong("say a version or a file, not both")
    source = read_text(file) if file else None

    async def work(office: Office) -> Replay:
        steps = office.routing.replays.replay(name, number=number, source=source, days=None if every else days)
        return await _follow(steps, quiet=json)

    result = with_office(context, work)
    if json:
        print_json(asdict(result) | {"differ": result.differ, "failed": result.failed})
    else:
        _show_replay(result, "all days" if every else f"{days:g} days")


async def _follow(steps: AsyncGenerator[Replay, None], *, quiet: bool) -> Replay:
    """The last step; on a terminal a bar shows the others."""
    live = sys.stderr.isatty() and not quiet
    async with aclosing(steps):
        last = await anext(steps)
        with typer.progressbar(length=max(last.total, 1), file=sys.stderr, hidden=not live, label="replay") as bar:
            async for step in steps:
                bar.update(step.done - last.done)
                last = step
    return last


def _show_replay(result: Replay, stretch: str) -> None:
    typer.echo(
        f"{result.script} {result.version} over {stretch}: {result.done:,} contacts, {result.same:,} the same,"
        f" {result.differ:,} differ, {result.failed:,} errors"
    )
    for place in result.places:
        if place.before != place.after:
            typer.echo(f"{harmless(place.name, lines=False)}: {place.before:,} -> {place.after:,}")
    for one in (*result.differences, *result.errors):
        contacts = ", ".join(str(run.contact) for run in one.runs[:3]) + (", ..." if one.count > 3 else "")
        where = f"line {one.line}" if one.line else ""
        why = ": ".join(filter(None, (where, one.reason)))
        typer.echo(f"{one.count:>7,}  {harmless(one.old, lines=False)}")
        typer.echo(f"      -> {harmless(one.new, lines=False)}")
        typer.echo(f"         {harmless('; '.join(filter(None, (why, f'contacts {contacts}'))), lines=False)}")


@app.command("ready-made")
def ready_made(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Show what this one says.")] = "", json: Json = False
) -> None:
    """Scripts to begin with: `script create NAME --from READY-MADE`."""
    from core.routing.ready_made import ready_made as all_of_them
    from core.scripts.editing import ready_made_named

    if name:
        typer.echo(ready_made_named(name).source, nl=False)
    elif json:
        print_json(list(all_of_them()))
    else:
        columns = {"name": "Name", "description": "What it does"}
        print_table(columns, [asdict(one) for one in all_of_them()], wide="description")
