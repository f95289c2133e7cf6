"""Signs that no person wrote a mail (RFC 3834, and what responders did before it)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.mail import Automatic

if TYPE_CHECKING:
    from core.mime.fields import Fields
    from core.mime.parts import Part

LOOP_HEADER = "X-Postroom-Loop"
"""Carries the desk's own token on everything it sends, so that it knows its own words when they come back."""

_DAEMON = re.compile(
    r"(?:mailer-daemon|mail-daemon|maildaemon|postmaster|mail-delivery-subsystem)(?![\w.-])", re.IGNORECASE
)
_NOT_DELIVERED = re.compile(
    r"undeliver|delivery (?:status|fail|has failed)|mail delivery|returned mail|failure notice|delivery notification"
    r"|could not be delivered|unzustellbar|non remis|no entregado|mancata consegna|onbestelbaar",
    re.IGNORECASE,
)
# What vacation responders put before the subject, in the languages of the large mail programs.
_AWAY = re.compile(
    r"(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office(?: autoreply)?"
    r"|automatische antwort|abwesenheits(?:notiz|nachricht)|réponse automatique|respuesta automática"
    r"|risposta automatica|automatisch antwoord|autosvar|automatiskt svar|automatisk svar|automatická odpověď"
    r"|odpowiedź automatyczna|resposta automática|自動応答|自动回复) ?[:：]",
    re.IGNORECASE,
)
_ANSWERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply", "x-autoreply-from")
_LISTS = ("list-id", "list-post", "list-unsubscribe", "x-mailing-list", "x-loop")


def automatic(
    fields: Fields, root: Part, sender: str, subject: str, loop_token: str, own_token: str
) -> tuple[Automatic | None, str]:
    """Why a mail is automatic and which header said so; (None, "") for a person's.

    Only a clear answer of a machine counts as AUTO_REPLY, for such a mail is filed and not queued. What merely asks
    not to be answered (`auto-generated`, as some gateways mark the texts they carry, or an empty Return-Path) is BULK.
    """
    if own_token and loop_token == own_token:
        return Automatic.OWN_LOOP, f"{LOOP_HEADER} is our own"
    report_type = fields.get("content-type", "").lower() if root.kind == "multipart/report" else ""
    if "disposition-notification" in report_type:
        return Automatic.AUTO_REPLY, "multipart/report: a read receipt"
    if "delivery-status" in report_type or any(part.kind in STATUS_KINDS for part in root.children):
        return Automatic.BOUNCE, "multipart/report: delivery status"
    no_return = fields.get("return-path", "").replace(" ", "") == "<>"
    if _DAEMON.match(sender) and (
        no_return
        or "x-failed-recipients" in fields
        or root.kind == "multipart/report"
        or _NOT_DELIVERED.search(subject)
    ):
        return Automatic.BOUNCE, f"sender {sender[:60]}"
    return _answer(fields, subject) or _not_to_be_answered(fields, no_return)


STATUS_KINDS = frozenset(("message/delivery-status", "message/global-delivery-status"))


def _answer(fields: Fields, subject: str) -> tuple[Automatic, str] | None:
    submitted = _submitted(fields)
    if submitted == "auto-replied":
        return Automatic.AUTO_REPLY, "Auto-Submitted: auto-replied"
    for name in _ANSWERS:
        if fields.get(name, "no").strip().lower() not in ("no", "false", "0"):
            return Automatic.AUTO_REPLY, name
    if fields.get("precedence", "").strip().lower() in ("auto_reply", "auto-reply"):
        return Automatic.AUTO_REPLY, "Precedence: auto_reply"
    if submitted == "auto-generated" and "in-reply-to" in fields and "x-auto-response-suppress" in fields:
        return Automatic.AUTO_REPLY, "Auto-Submitted: auto-generated, in answer to a mail"
    if _AWAY.match(subject):
        return Automatic.AUTO_REPLY, "subject of an out-of-office notice"
    return None


def _submitted(fields: Fields) -> str:
    """The keyword of Auto-Submitted, without its parameters and comments (RFC 3834, 5)."""
    keyword = fields.get("auto-submitted", "").strip()[:60].lower()
    return keyword.partition(";")[0].partition("(")[0].strip()


def _not_to_be_answered(fields: Fields, no_return: bool) -> tuple[Automatic | None, str]:
    submitted = _submitted(fields)
    if submitted not in ("no", ""):
        return Automatic.BULK, f"Auto-Submitted: {submitted[:30]}"
    for name in _LISTS:
        if name in fields:
            return Automatic.BULK, name
    precedence = fields.get("precedence", "").strip().lower()
    if precedence in ("bulk", "list", "junk"):
        return Automatic.BULK, f"Precedence: {precedence}"
    suppress = fields.get("x-auto-response-suppress", "").lower()
    if any(word in suppress for word in ("all", "oof", "autoreply")):
        return Automatic.BULK, "X-Auto-Response-Suppress"
    if no_return:
        return Automatic.BULK, "Return-Path: <>"
    return None, ""
