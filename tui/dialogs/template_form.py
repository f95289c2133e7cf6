"""The form of a template: a text or an e-mail, which may have HTML beside its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from core.campaign_fields import nobody_has_words
from core.errors import PostroomError, Wrong
from core.reach import content, typed
from core.scripts.templates import Wording, right_wording
from core.text import harmless
from tui.dialogs.form import Field, Values
from tui.dialogs.plain_form import PlainForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from core.views.calendars import TemplateRow

LARGEST = 2**20
"""Octets of a file of HTML; a template takes a tenth of it."""


TEXT = (
    Field("channel", "For", "Texts or e-mails.", "choice", (("sms", "texts"), ("email", "e-mails"))),
    Field("subject", "Subject", "Of an e-mail."),
    Field(
        "body", "Text",
        "{{ customer.first_name }} from a campaign; {{ contact.name }} and {{ field }} from a script", "lines",
    ),
    Field("when_missing", "Instead", "Of a field that a customer lacks; empty: that customer gets no letter."),
)  # fmt: skip
HTML = (
    Field("html", "HTML", "Beside an e-mail's text; fields stand between tags or in quotes.", "lines"),
    Field("html_file", "Or file", "A file with it, where Postroom runs: it is read when this is saved."),
)


class TemplateForm(PlainForm):
    """Of a new template, or of one that there is."""

    def __init__(self, row: TemplateRow | None, lists: Sequence[str] = ()) -> None:
        """`row`: the one that is changed; `lists`: the own fields of every list, as stored."""
        name = Field("name", "Name", 'As scripts say it: reply("NAME")', "fixed" if row else "text")
        start: Values = {"channel": "sms"}
        if row is not None:
            start = {"name": row.name, "channel": row.channel, "subject": row.subject, "body": row.body,
                     "html": row.html, "when_missing": row.when_missing or ""}  # fmt: skip
        pages = [("Template", (name, *TEXT)), ("HTML", HTML)]
        super().__init__(row.name if row else "A new template", pages, start, _wrong)
        self._lists = lists
        self._warned = ""
        self.warning = Static("", classes="warning")

    def below(self) -> Iterable[Widget]:
        """What is most likely a slip; it keeps nobody from saving."""
        yield self.warning

    def judge(self) -> dict[str, str]:
        """What is wrong, and beside it what no customer can have."""
        found = super().judge()
        self._warn()
        return found

    def on_mount(self) -> None:
        """Textual asks the handler of each class by itself: this is what stands there at first."""
        self._warn()

    def _warn(self) -> None:
        """Lay the form out anew only where the sentence is another one."""
        words = _warning(self.entered(), self._lists)
        if words != self._warned:
            self._warned = words
            self.warning.update(Content(harmless(f"▲ {words}", lines=False) if words else ""))
            self.warning.set_class(bool(words), "-said")


def wording_of(values: Values) -> Wording:
    """What such a form says. Raises Wrong where its file cannot be read."""
    html, file = str(values["html"]), str(values["html_file"])
    return Wording(
        str(values["channel"]), str(values["body"]), str(values["subject"]), str(values["when_missing"]) or None,
        _content(file) if file else html.replace("\r\n", "\n") if html.strip() else "",
    )  # fmt: skip


def _warning(values: Values, lists: Sequence[str]) -> str:
    """Of what stands in such a form, in the words of the command."""
    try:
        said = wording_of(values)
    except PostroomError:  # its file, of which the form says what is wrong
        said = wording_of({**values, "html_file": ""})
    return nobody_has_words(said.named(str(values["name"])), lists)


def _wrong(values: Values) -> dict[str, str]:
    name, key = str(values["name"]), "body"
    if not name:
        return {"name": "a template has a name"}
    try:
        right_wording(name, wording_of({**values, "html": "", "html_file": ""}))
        key = "html_file" if values["html_file"] else "html"
        right_wording(name, wording_of(values))
    except PostroomError as error:
        return {key: str(error)}
    return {}


def _content(said: str) -> str:
    path = typed(said)
    try:
        return content(path, LARGEST).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Wrong(f"{path} is not text in UTF-8: save it as UTF-8") from error
