"""Bytes to mail and mail to bytes (RFC 5322, 2045-2047, 2231, 3464, 3834). Pure: no wire, no database.

`read` takes any bytes at all and never raises; `compose` makes bytes that every server accepts.
"""

from core.mime.composing import compose, new_message_id, reply_subject
from core.mime.layout import with_html
from core.mime.prepared import Prepared
from core.mime.reading import LONGEST_TEXT, attachment_bytes, read
from core.mime.signs import LOOP_HEADER

__all__ = [
    "LONGEST_TEXT",
    "LOOP_HEADER",
    "Prepared",
    "attachment_bytes",
    "compose",
    "new_message_id",
    "read",
    "reply_subject",
    "with_html",
]
