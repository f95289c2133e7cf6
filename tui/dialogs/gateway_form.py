"""The form of a gateway: a dialect, what this desk overrides in it, and the mail that would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Button, Static

from core.accounts import gateway_presets, gateway_sample
from core.blueprint import read_keys, write_keys
from core.errors import Wrong
from core.text import clip, harmless, one_line
from tui.dialogs.form import Entered, Field, FormDialog, Values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from core.blueprint import Stored

PLAIN_KEYS = ("recipient", "number_format", "subject", "body", "parts_allowed", "price_per_part", "currency")
"""Keys of a dialect that have a field of their own; all others are written as in desk.toml."""
SPELLINGS = (
    ("", "as the dialect"),
    ("e164", "+447700900123"),
    ("digits", "447700900123"),
    ("00", "00447700900123"),
    ("national", "07700900123"),
)


class GatewayForm(FormDialog):
    """Judges by the dialect itself, and shows the sample at every keystroke."""

    def __init__(self, stored: Stored, name: str, draft: Values | None = None) -> None:
        self.stored = stored
        self.known = bool(name)
        self.presets = {preset.name: preset for preset in gateway_presets()}
        self.sample = Static("", classes="sample")
        self.more_mistake = ""
        values = stored.values("gateway", name)
        others = {key: value for key, value in values.items() if key not in (*PLAIN_KEYS, "dialect", "name")}
        plain = {key: value for key, value in values.items() if key not in others}
        start: Values = {"name": name, "dialect": "plain", **plain, "more": write_keys(others)}
        super().__init__(name or "New gateway", self._pages(new=not name), start, self._judged, draft=draft)

    BUTTONS = (("accept", "Save", "primary"), ("delete", "Delete", "default"), ("cancel", "Cancel", "default"))

    def _pages(self, *, new: bool) -> tuple[tuple[str, list[Field]], ...]:
        dialects = tuple((name, f"{name}: {preset.description}") for name, preset in self.presets.items())
        stays = (
            "Empty: the one that is stored stays." if not new else "Kept encrypted; only for dialects that need one."
        )
        return (
            ("General", [
                Field("name", "Name", "What you call the provider.", "text" if new else "fixed"),
                Field("dialect", "Dialect", "How the provider wants texts; ↓ opens the list.", "choice", dialects),
                Field("recipient", "Recipient", "Where texts go: {number}@sms.provider.example"),
                Field("number_format", "Number as", "How the provider spells numbers.", "choice", SPELLINGS),
                Field("secret", "Password", stays, "secret"),
            ]),
            ("Shape", [
                Field("subject", "Subject", "{number}, {text}, {account}, {reference}; empty: as the dialect."),
                Field("body", "Body", "The same; empty: as the dialect."),
                Field("parts_allowed", "Parts", "The most parts a text may have; empty: as the dialect.", "number"),
                Field("price_per_part", "Price per part", "As in 0.032; goes with a currency."),
                Field("currency", "Currency", "Three letters, as in GBP."),
                Field("more", "Other keys", "As in desk.toml (docs/gateways.md): values = { user = 'acme' }",
                      "lines"),
            ]),
        )  # fmt: skip

    def below(self) -> Iterable[Widget]:
        """The sample."""
        yield self.sample

    def on_mount(self) -> None:
        """Show the sample of what is stored; a new gateway cannot be deleted."""
        self.query_one("#delete", Button).display = self.known
        self._show(self.entered())

    def entered(self) -> Values:
        """As in desk.toml: the keys of the fields that are filled, and the others."""
        typed = self.typed()
        values: Values = {"name": typed["name"], "dialect": typed["dialect"]}
        self.more_mistake = ""
        try:
            values |= {key: value for key, value in read_keys(str(typed["more"])).items() if key not in ("name",)}
        except Wrong as error:
            self.more_mistake = str(error)
        values |= {key: typed[key] for key in PLAIN_KEYS if typed[key] != ""}
        names = self._secret_names(values)
        if typed["secret"] and names:
            said = values.get("secrets")
            values["secrets"] = {**(said if isinstance(said, dict) else {}), names[0]: typed["secret"]}
        return values

    def _secret_names(self, values: Values) -> list[str]:
        preset = self.presets.get(str(values["dialect"]))
        more = values.get("secrets")
        return list(dict.fromkeys([*(preset.secrets if preset else ()), *(more if isinstance(more, dict) else ())]))

    def _judged(self, values: Values) -> dict[str, str]:
        found = {"more": self.more_mistake} if self.more_mistake else {}
        found |= self.stored.mistakes("gateway", values, new=not self.known)
        typed = {field.key for field in self.fields}
        self._show(values)
        # A mistake in a key without a field of its own is one in the other keys.
        return {key if key in typed or not key else "more": f"{'' if key in typed else key} {words}".strip()
                for key, words in found.items()}  # fmt: skip

    def _show(self, values: Values) -> None:
        """The mail that would be sent, or why none could be."""
        said = values.get("secrets")
        given = {name: bool(text) for name, text in said.items()} if isinstance(said, dict) else {}
        kept = dict.fromkeys(self.stored.secret_names(str(values["name"])), True)
        wanted = dict.fromkeys(self._secret_names(values), False)
        overrides = {key: value for key, value in values.items() if key not in ("name", "dialect", "secrets")}
        region = str(self.stored.values("desk").get("region", "GB"))
        try:
            one = gateway_sample(
                str(values["dialect"]), overrides, secrets={**wanted, **kept, **{k: v for k, v in given.items() if v}},
                region=region,
            )  # fmt: skip
        except Wrong as error:
            self.sample.border_title = Content("No mail could be sent")
            self.sample.update(Content(harmless(str(error))))
            return
        self.sample.border_title = Content(f"A text to {one.number} would be this mail")
        lines = [f"To: {one_line(one.recipient, 200)}"]
        lines += [f"Subject: {one_line(one.subject, 200)}"] if one.subject else []
        lines += [f"{name}: {one_line(value, 200)}" for name, value in one.headers]
        self.sample.update(Content("\n".join([*lines, clip(harmless(one.body), 400)])))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Delete changes nothing here either: it is asked and done by whoever opened the form."""
        if event.button.id == "delete":
            self.dismiss(Entered(self.entered(), "delete"))
