"""Whether what a file wants fits what is stored: names that exist, a gateway where texts need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.blueprint.campaigns import wrong_campaigns
from core.blueprint.hints import did_you_mean
from core.blueprint.mistakes import place
from core.blueprint.picture import whole_overrides
from core.errors import Wrong
from core.templates import TemplateText, TemplateWrong, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.blueprint.picture import Picture, Values

_REFERENCES = {
    "queue": "queue", "script": "script", "gateway": "gateway", "inbound_class": "class", "outbound_class": "class",
}  # fmt: skip


def mistakes(stored: Picture, wanted: Picture, after: Picture) -> list[str]:
    """Every mistake in what is wanted, one line each; `after` is what would stand in the database."""
    lines: list[str] = []
    for name in wanted["gateway"]:
        lines += _gateway(name, after["gateway"][name])
    for table in ("queue", "user"):
        for name in wanted[table]:
            for group in after[table][name]["groups"]:  # type: ignore[attr-defined]
                lines += _missing(place(table, name), "groups", "group", str(group), after)
    for name in wanted["script"]:
        if not after["script"][name].get("source"):
            lines.append(f"{place('script', name)}: source is missing; give it, or file")
    for name in wanted["template"]:
        lines += _template(name, after["template"][name])
    for name in wanted["canned"]:
        lines += _canned(name, after["canned"][name])
    for name in wanted["account"]:
        lines += _account(name, stored["account"].get(name), after)
    return lines + list(wrong_campaigns(wanted, after))


def _gateway(name: str, values: Values) -> Iterator[str]:
    from core.gateway.dialects import dialect

    try:
        dialect(str(values["dialect"]), whole_overrides(values), where=place("gateway", name))
    except Wrong as err:
        yield str(err)


def _template(name: str, values: Values) -> Iterator[str]:
    if not values.get("body"):
        yield f"{place('template', name)}: body is missing; give it, or file"
        return
    if values["subject"] and values["channel"] == "sms":
        yield f'{place("template", name)}: subject is for e-mails only; take it out, or make channel "email"'
    if values["html"] and values["channel"] == "sms":
        yield f'{place("template", name)}: html is for e-mails only; take it out, or make channel "email"'
    try:
        check(TemplateText(name, str(values["body"]), str(values["subject"]), html=str(values["html"])))
    except TemplateWrong as err:
        yield f"{place('template', name)}: {str(err).removeprefix(f'template {name}, ')}"


def _canned(word: str, values: Values) -> Iterator[str]:
    from core.canned import CannedReply, look_at

    try:
        look_at(CannedReply(word, str(values["text"]), str(values["channel"])))
    except Wrong as err:
        yield f"{place('canned', word)}: text: {str(err).removeprefix(f'canned reply /{word}').lstrip(':, ')}"


def _account(name: str, old: Values | None, after: Picture) -> Iterator[str]:
    where, values = place("account", name), after["account"][name]
    for key, table in _REFERENCES.items():
        if values[key]:
            yield from _missing(where, key, table, str(values[key]), after)
    if old is not None and old["kind"] != values["kind"]:
        yield f"{where}: kind is {old['kind']} in the database and cannot be changed; make another account"
    if values["kind"] == "sms" and not values["gateway"]:
        yield f"{where}: gateway is missing; texts leave through one{did_you_mean('', after['gateway'])}"
    if values["kind"] == "email" and values["gateway"]:
        yield f"{where}: gateway is for texts only; take it out, e-mails leave through the outgoing server"


def _missing(where: str, key: str, table: str, name: str, after: Picture) -> Iterator[str]:
    if name not in after[table]:
        yield f'{where}: {key}: there is no {table} "{name}", here or in the database{did_you_mean(name, after[table])}'
