"""The read side: frozen rows for screens and `--json`. Nothing here writes."""

from core.views.contacts import ContactFilter, ContactRow, MessageRow, NoteRow, Step, contacts, explain_contact, thread
from core.views.desk import AccountRow, EngineRow, QueueRow, Status, accounts, queues, status
from core.views.messages import MailRow, MessageFilter, OutMessageRow, explain_message, mails, messages, raw_mail
from core.views.optouts import OptOutRow, opt_outs

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
