"""The read side: frozen rows for screens and `--json`. Nothing here writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.late import late

if TYPE_CHECKING:
    from core.views.contact import ContactFilter, MessageRow, NoteRow, Step, contacts, explain_contact, thread
    from core.views.contact_rows import ContactRow
    from core.views.desk import AccountRow, EngineRow, Status, accounts, status
    from core.views.message import MailRow, MessageFilter, OutMessageRow, explain_message, mails, messages, raw_mail
    from core.views.optouts import OptOutRow, opt_outs
    from core.views.queue import QueueRow, queues
else:  # only for what runs: to a type checker a wrong name would pass
    __getattr__ = late(
        __name__,
        {
            "contact_rows": ["ContactRow"],
            "contact": ["ContactFilter", "MessageRow", "NoteRow", "Step", "contacts", "explain_contact", "thread"],
            "desk": ["AccountRow", "EngineRow", "Status", "accounts", "status"],
            "message": [
                "MailRow", "MessageFilter", "OutMessageRow", "explain_message", "mails", "messages", "raw_mail",
            ],
            "optouts": ["OptOutRow", "opt_outs"],
            "queue": ["QueueRow", "queues"],
        },
    )  # fmt: skip

__all__ = [
    "AccountRow",
    "ContactFilter",
    "ContactRow",
    "EngineRow",
    "MailRow",
    "MessageFilter",
    "MessageRow",
    "NoteRow",
    "OptOutRow",
    "OutMessageRow",
    "QueueRow",
    "Status",
    "Step",
    "accounts",
    "contacts",
    "explain_contact",
    "explain_message",
    "mails",
    "messages",
    "opt_outs",
    "queues",
    "raw_mail",
    "status",
    "thread",
]
