"""Who sits here: signing in and out, ready and not ready, and telling the desk every few seconds that one is there."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, ClassVar

from textual import work

from core.errors import PostroomError
from core.serving import HEARD_SECONDS
from core.text import one_line
from core.views.mine import SIGNED_OUT, MyState, has_password, my_state, reasons, who_set_me
from core.views.standing import PersonRow, people
from tui.ages import time_left
from tui.areas import FIRST_RUN
from tui.getting_around import GettingAround
from tui.telling import shown_address
from tui.widgets.keysline import first_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.views.mine import OfferRow
    from core.views.standing import Standing

TOLD_SECONDS = 600.0
"""How long it stands there that somebody else has set one's state."""
FOUNDING_SECONDS = 0.5
"""How soon whoever founds the desk is signed in."""


class Attending(GettingAround, inherit_bindings=False):
    """The part of the app that knows who sits before it. Where it does not `attend`, nobody signs in or out by it."""

    attends = False
    vouched = True
    """Whether who sits here was said by somebody who may: nobody is asked for a password."""
    person: PersonRow | None
    standing: Standing | None
    mine: MyState | None = None
    """How this person stands now; None for who has never signed in."""
    set_by = ""
    """Who else has set the state of this person; empty where she did."""
    is_here = False
    """Whether this person is signed in at this screen."""
    OF_ATTENDING: ClassVar = {"ready", "sign_out", "password"}

    def __init__(self, *said: object, **more: object) -> None:
        super().__init__(*said, **more)
        self.seat = secrets.token_hex(8)
        self.seated = asyncio.Event()
        """Set while whoever sits here may see the desk."""
        self.seated.set()
        self._asking = False

    def key(self, action: str) -> str:
        """The key of an action, as this person has it and as people write it."""
        return first_key(self, action)

    def unveil(self) -> None:
        """Something can be painted."""
        raise NotImplementedError

    async def leave_now(self) -> None:
        """Write down what is not written, and end."""
        raise NotImplementedError

    def stale_now(self) -> None:
        """Read all anew."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What signs in and out works only where somebody does."""
        if action == "ready":  # while nothing can come yet, its key goes on with the first run
            return self.is_here and bool(self.standing and self.standing.accounts)
        return self.is_here if action in self.OF_ATTENDING else super().check_action(action, parameters)

    # -- being here ---------------------------------------------------------------------------------------------------

    @work(group="attending", exclusive=True, exit_on_error=False)
    async def attend(self) -> None:
        """Sign in, and say again and again that this screen is there: one that is suspended or killed says nothing."""
        if not self.vouched and not await people(self.office.database):
            self.vouched = True  # whoever founds a desk is known
            self.seated.set()
        if not self.vouched:
            await self._ask_who("")
        await self.office.opened()
        while True:
            founded = True
            try:
                if not self.is_here:
                    founded = bool(await people(self.office.database))
                    if founded and not self._asking:
                        await self._sit_down()
                elif not await self.office.presence.heard(self.login, self.seat):
                    await self._look_for_myself()
            except PostroomError as error:
                self.complain(error)
            await asyncio.sleep(HEARD_SECONDS if founded else FOUNDING_SECONDS)

    async def _sit_down(self) -> None:
        if not any(one.login == self.login for one in await people(self.office.database)):
            return
        await self.office.presence.sign_in(self.login, seat=self.seat)
        self.mine = await my_state(self.office.database, self.login)
        self.is_here = True
        self.stale_now()
        self.screen.refresh_bindings()

    def heed_myself(self, mine: MyState | None) -> None:
        """My state was read: say what somebody else has made of it."""
        before, self.mine = self.mine, mine
        if not self.is_here or mine is None or self._asking:
            return
        self._heed_offers(before.offers if before is not None else (), mine.offers)
        is_other = before is not None and (before.state, before.reason) != (mine.state, mine.reason)
        if is_other and self.set_by:
            self.set_by = ""
            self.clear_notifications()  # what was said of the state before holds no more
        if mine.seat != self.seat:
            self._look_for_myself_soon()
        elif before is not None and mine.missed and not before.missed:
            self.notify(
                f"you missed offers, so you are not ready: {self.key('app.ready')} when you are",
                severity="warning",
                timeout=8.0,
            )
        elif is_other:
            self._tell_who_set_me(mine)

    @work(group="who set me", exclusive=True, exit_on_error=False)
    async def _tell_who_set_me(self, mine: MyState) -> None:
        """Another person has made her ready or not: she hears it, and it stands there until she has read it."""
        by = await who_set_me(self.office.database, self.login)
        self.set_by = "" if by == self.login else one_line(by, 24)
        self.stale_now()
        if not self.set_by:
            return
        self.bell()
        why = f": {one_line(mine.reason, 60)}" if mine.reason else ""
        then = f"{self.key('app.ready')} when you are again" if mine.state != "ready" else "contacts come to you now"
        words = f"{self.set_by} has set you {mine.state}{why}. {then}."
        self.notify(words, title="Your state", severity="warning", timeout=TOLD_SECONDS)

    def _heed_offers(self, before: Sequence[OfferRow], now: Sequence[OfferRow]) -> None:
        """Ring once for what is new, and say what ran out."""
        known, left = {one.id for one in before}, {one.id for one in now}
        came = [one for one in now if one.id not in known]
        if came:
            self.bell()
            if self.current_mode != "desk":
                who, desk = self._customer(came[0]), self.key("area.desk")
                self.notify(f"{who} is offered to you: {desk} opens the desk", timeout=8.0)
        gone = [one for one in before if one.id not in left and one.until is not None and one.until <= self.now()]
        if len(gone) == 1:
            self.notify(f"the offer of {self._customer(gone[0])} ran out: it waits for everybody", severity="warning")
        elif gone:
            self.notify(f"{len(gone)} offers ran out: they wait for everybody", severity="warning")

    def _customer(self, offer: OfferRow) -> str:
        return shown_address(offer.who, self.standing.region if self.standing else "")

    @work(group="looking", exclusive=True, exit_on_error=False)
    async def _look_for_myself_soon(self) -> None:
        await self._look_for_myself()

    async def _look_for_myself(self) -> None:
        """This screen is not where I sit: say so, and ask who sits here."""
        if not self.is_here or self._asking:
            return
        mine = await my_state(self.office.database, self.login)
        if mine is not None and mine.seat == self.seat and mine.state != SIGNED_OUT:
            return
        self.is_here = False
        why = f"{self.login} sits at another terminal now. What was typed here is kept."
        if mine is None or mine.state == SIGNED_OUT:
            said = f": {mine.reason}" if mine is not None and mine.reason else ""
            by = await who_set_me(self.office.database, self.login) if mine is not None else ""
            whose = f" by {one_line(by, 24)}" if by not in ("", self.login) and not said else ""
            why = f"{self.login} was signed out{whose}{said}. What was typed here is kept."
        await self._ask_who(why)
        await self._sit_down()

    async def _ask_who(self, why: str) -> None:
        """Ask until somebody signs in, or leave."""
        from tui.dialogs.sign_in import SignInDialog

        self._asking = True
        self.seated.clear()
        known = {one.login for one in await people(self.office.database)}
        self.call_later(self.unveil)
        try:
            login = await self.push_screen_wait(
                SignInDialog(self.office, self.login if self.login in known else "", why)
            )
        finally:
            self._asking = False
        if login is None:
            await self.leave_now()
            await asyncio.Event().wait()  # until the app has ended
            return
        self.become(login)
        self.seated.set()
        if not await has_password(self.office.database, login):
            self.notify(f"you have no password: {self.key('app.password')} sets one", timeout=8.0)

    def become(self, login: str) -> None:
        """Somebody else sits here."""
        self.login = login
        self.mine, self.set_by = None, ""
        self.theme = self.usual_theme()
        self.stale_now()

    # -- saying so ----------------------------------------------------------------------------------------------------

    def state_words(self) -> str:
        """`● ready`, `○ not ready: lunch`, `◌ wrap-up 42 s`; empty where nobody signs in."""
        mine = self.mine
        if not self.attends or mine is None or mine.state == SIGNED_OUT:
            return ""
        if mine.wrap_until is not None:
            return f"◌ wrap-up {time_left((mine.wrap_until - self.now()).total_seconds())}"
        by = f", by {self.set_by}" if self.set_by else ""
        if mine.state == "ready":
            return f"● ready{by}"
        return "○ not ready" + (f": {one_line(mine.reason, 20)}" if mine.reason else "") + by

    # -- actions ------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_ready(self) -> None:
        """Take work, or take no more for a reason."""
        presence, login = self.office.presence, self.login
        if self.mine is None or self.mine.state != "ready":
            await presence.ready(login)
            self.stale_now()
            return
        known = await reasons(self.office.database)
        reason: str | None = ""
        if known:
            from tui.dialogs.not_ready import NotReadyDialog

            reason = await self.push_screen_wait(NotReadyDialog(known))
        if reason is not None:
            await presence.not_ready(login, reason)
            self.stale_now()

    @work(group="asking", exit_on_error=False)
    async def action_password(self) -> None:
        """Another password of one's own."""
        from tui.dialogs.sign_in import OwnPasswordDialog

        login = self.login
        said = await self.push_screen_wait(OwnPasswordDialog(has_one=await has_password(self.office.database, login)))
        if said is not None:
            await self.office.presence.check(login, said[0])
            await self.office.people.set_password(login, said[1], actor=login)
            self.notify("your password is set: type it the next time you sign in")

    @work(group="asking", exit_on_error=False)
    async def action_sign_out(self) -> None:
        """Go home: what is open goes back; somebody else may sit down."""
        if await self.signed_out():
            await self._ask_who("")
            await self._sit_down()

    async def signed_out(self, *, quitting: bool = False) -> bool:
        """Sign out, after a question that counts what is open; False where the person stays after all.

        Who is `quitting` may also leave everything as it is.
        """
        if not self.is_here:
            return True
        from tui.dialogs.not_ready import STAY, LeavingDialog

        mine = await my_state(self.office.database, self.login)
        if mine is not None and mine.open:
            said = await self.push_screen_wait(LeavingDialog(mine.open, quitting=quitting))
            if said is None:
                return False
            if said == STAY:
                return True
        self.is_here = False
        if mine is not None and mine.seat == self.seat and mine.state != SIGNED_OUT:
            await self.office.presence.sign_out(self.login)
        return True

    @work(exit_on_error=False)
    async def action_who(self) -> None:
        """Choose who sits here among the desk's people; a desk that has none is founded by the first run."""
        if not await people(self.office.database):
            await self.switch_mode(FIRST_RUN)
            return
        from tui.dialogs.sign_in import SignInDialog
        from tui.dialogs.who import who_sits_here

        chosen = await who_sits_here(self)  # type: ignore[arg-type]
        if chosen is not None and await has_password(self.office.database, chosen):
            chosen = await self.push_screen_wait(SignInDialog(self.office, chosen))
        if chosen is None or not await self.signed_out():
            return
        self.become(chosen)
        if self.attends:
            await self._sit_down()
