"""One verdict for each customer of an audience: gets it, or is left out and why. No database, no event loop."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from core.broadcasts.plans import Example, LeftOut, Worst
from core.errors import Wrong
from core.models.states import Channel
from core.sms import count_parts, telling_figures, zone_of
from core.templates import TemplateWrong
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.broadcasts.saying import Sayer
    from core.broadcasts.scene import Scene
    from core.templates import Rendered

MOST_EXAMPLES = 20
MOST_WORDS = 1_000
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL = re.compile(r'[^\s<>()\[\]\\,;:@"\x00-\x1f\x7f]{1,64}@[^\s<>()\[\]\\,;:@"\x00-\x1f\x7f]{1,253}')


class Verdict(NamedTuple):
    """Of one customer; there are millions, and a tuple is made in half the time."""

    reason: LeftOut | None
    """None = gets it."""
    address: str
    said: Rendered | None = None
    detail: str = ""


class Judge:
    """Judges customers in the order of their ids, and adds up what it found. Rows are `reading.pages`'s."""

    def __init__(self, scene: Scene, *, asks_where: bool = True) -> None:
        """`asks_where`: also add up in which zones the recipients live."""
        self.channel = scene.request.channel
        self.sayer: Sayer = scene.sayer()
        self.dialect = scene.dialect
        self.region = scene.desk["region"]
        self.asks_where = asks_where
        self.customers = 0
        self.ids = array("q")
        self.left_ids: dict[LeftOut, array[int]] = {}
        self.examples: dict[LeftOut, list[Example]] = {}
        self.by_parts: Counter[int] = Counter()
        self.ucs2 = 0
        self.forcing: Counter[str] = Counter()
        self.worst: Worst | None = None
        self.wrong: Counter[str] = Counter()
        """What the template lacked, with how many customers."""
        self.places: Counter[tuple[str, str]] = Counter()
        """How many live where: the named zone, and those figures of the number that tell one."""
        self._taken: dict[int | str, int] = {}
        """Who gets it at an address, by that."""

    def judge(self, row: Mapping[str, Any]) -> Verdict:
        """Whether this customer gets it. Without any effect on the sums."""
        address, reason = self._address(row)
        if reason is not None:
            return Verdict(reason, address)
        if row["opted_out"]:
            return Verdict(LeftOut.OPTED_OUT, address)
        if row["forbidden"]:
            return Verdict(LeftOut.DO_NOT_CONTACT, address)
        first = self._taken.get(_key(address))
        if first is not None and first != row["id"]:
            return Verdict(LeftOut.TWICE, address, detail="another customer gets it there")
        if row["capped"]:
            return Verdict(LeftOut.CAPPED, address)
        try:
            said = self.sayer.say(row)
        except TemplateWrong as error:
            return Verdict(LeftOut.TEMPLATE, address, detail=str(error))
        if not said.text.strip():
            return Verdict(LeftOut.TEMPLATE, address, detail="the message is empty")
        return Verdict(None, address, said)

    def page(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, str, str, int]]:
        """Judge a page and add it up; its recipients: customer, address, zone, parts."""
        found = []
        for row in rows:
            self.customers += 1
            verdict = self.judge(row)
            if verdict.reason is None:
                verdict, parts = self._weighed(row, verdict)
            if verdict.reason is not None:
                self._leave_out(row, verdict.reason, verdict)
                continue
            self._taken[_key(verdict.address)] = row["id"]
            self.ids.append(row["id"])
            if self.asks_where:
                self.places[row["zone"], telling_figures(row["number"])] += 1
            found.append((row["id"], verdict.address, row["zone"], parts))
        return found

    def zones(self, desk: str) -> dict[str, int]:
        """How many live in each zone; `desk` is where the others live."""
        found: Counter[str] = Counter()
        for (zone, figures), people in self.places.items():
            found[zone_of(zone, figures, desk)] += people
        return dict(found)

    def _weighed(self, row: Mapping[str, Any], verdict: Verdict) -> tuple[Verdict, int]:
        """Its parts; left out after all where the gateway does not take so many."""
        assert verdict.said is not None
        text = verdict.said.text
        if self.dialect is None:
            if self.worst is None or len(text) > self.worst.units:
                self.worst = Worst(row["id"], row["reference"], row["name"], text, 0, len(text), "")
            return verdict, 0
        count = count_parts(text)
        if count.parts > self.dialect.parts_allowed:
            words = f"it has {count.parts} parts, and the gateway takes {self.dialect.parts_allowed}"
            return Verdict(LeftOut.TEMPLATE, verdict.address, detail=words), 0
        self.by_parts[count.parts] += 1
        if count.forcing:
            self.ucs2 += 1
            self.forcing.update(char for char, _ in count.forcing)
        if self.worst is None or (count.parts, count.units) > (self.worst.parts, self.worst.units):
            self.worst = Worst(
                row["id"], row["reference"], row["name"], text, count.parts, count.units, count.encoding, count.forcing
            )
        return verdict, count.parts

    def _address(self, row: Mapping[str, Any]) -> tuple[str, LeftOut | None]:
        if self.channel is Channel.EMAIL:
            email = row["email"]
            if not email:
                return "", LeftOut.NO_ADDRESS
            return email, None if email.isascii() and _EMAIL.fullmatch(email) else LeftOut.NOT_VALID
        number = row["number"]
        if not number:
            written = row["number_as_written"]
            return written, LeftOut.NOT_VALID if written else LeftOut.NO_ADDRESS
        if not _NUMBER.fullmatch(number) or not self._expressible(number):
            return number, LeftOut.NOT_VALID
        return number, None

    def _expressible(self, number: str) -> bool:
        if self.dialect is None or self.dialect.number_format != "national":
            return True
        from core.gateway.dialects import write_text

        try:
            write_text(self.dialect, number=number, text="x", account="a@b", reference="r", region=self.region)
        except Wrong:
            return False
        return True

    def _leave_out(self, row: Mapping[str, Any], reason: LeftOut, verdict: Verdict) -> None:
        self.left_ids.setdefault(reason, array("q")).append(row["id"])
        if reason is LeftOut.TEMPLATE and (verdict.detail in self.wrong or len(self.wrong) < MOST_WORDS):
            self.wrong[verdict.detail] += 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < MOST_EXAMPLES:
            examples.append(example(row, verdict))


def example(row: Mapping[str, Any], verdict: Verdict) -> Example:
    """A customer to be looked at."""
    return Example(row["id"], row["reference"], row["name"], verdict.address, verdict.detail)


def _key(address: str) -> int | str:
    # A million numbers as integers take half the room.
    return int(address[1:]) if address[0] == "+" and address[1:].isdigit() else address


def right_address(written: str) -> str:
    """An e-mail address as it is stored. Raises Wrong for what is none."""
    address = written.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise Wrong(f"{one_line(written, 40)!r} is no e-mail address: it should look like name@example.org")
    return address
