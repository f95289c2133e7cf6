"""Distribution in any order of arrivals, states, offers and lost time, against the rules it promises to keep."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from core.clock import to_moment
from core.distribution import Distribution
from core.errors import Refused
from tests.flow.machines import FEW, MANY, Furnished, OfficeMachine

if TYPE_CHECKING:
    import pytest

    from core.settings import Settings

PEOPLE = {"ann": 1, "bob": 2, "sue": 3}
SERVES = {"ann": {1}, "bob": {1, 2}, "sue": {2}}
SKILLS = {"ann": {"french": 2}, "bob": {}, "sue": {"french": 1, "refunds": 5}}
ROOM = {"ann": {"sms": 1, "email": 2}, "bob": {"sms": 2, "email": 1}, "sue": {"sms": 3, "email": 0}}
BUSY = ("offered", "open", "wrap-up")
people = st.sampled_from(list(PEOPLE))
numbers = st.integers(0, 5)
newcomers = st.tuples(
    st.sampled_from([1, 1, 2]),
    st.sampled_from(["sms", "email"]),
    st.sampled_from([(), ("french",), ("french", "refunds")]),
    st.sampled_from([0, 0, 3]),
    st.sampled_from([None, None, None, 1, 2]),
)
"""Queue, channel, skills, priority, and whom it is meant for."""


class Sharing(OfficeMachine):
    """Two engines share out at once; whatever they do is held against the rules, which stand here by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.other = Distribution(self.office.database, self.clock)
        self.came = 0

    @initialize(rule_of_front=st.sampled_from(["longest idle", "fewest open", "best skill"]), wraps=st.booleans())
    def furnish(self, rule_of_front: str, wraps: bool) -> None:
        self.rows("UPDATE queue SET sharing = ?, wrap_up_seconds = ? WHERE id = 1", rule_of_front, 40 if wraps else 0)
        for number in (1, 2):
            self.rows("INSERT INTO agent_group (name) VALUES (?)", f"group {number}")
            self.rows("INSERT INTO queue_group (queue_id, agentgroup_id) VALUES (?, ?)", number, number)
        for login, id_ in PEOPLE.items():
            self.rows("UPDATE person SET capacity_sms = ?, capacity_email = ? WHERE id = ?", *ROOM[login].values(), id_)
            for queue in SERVES[login]:
                self.rows("INSERT INTO person_group (person_id, agentgroup_id) VALUES (?, ?)", id_, queue)
            for skill, level in SKILLS[login].items():
                self.rows("INSERT INTO person_skill (person_id, skill, level) VALUES (?, ?, ?)", id_, skill, level)

    # -- what may happen ---------------------------------------------------------------------------------------------

    @rule(several=st.lists(newcomers, min_size=1, max_size=4))
    def arrive(self, several: list[tuple[int, str, tuple[str, ...], int, int | None]]) -> None:
        for queue, channel, skills, priority, meant in several:
            self.came += 1
            now = to_moment(self.clock.now())
            self.rows(
                "INSERT INTO contact (account_id, channel, address, name, state, priority, skills, tags, routing_error,"
                " subject, preview, message_count, received_at, last_in_at, outcome, queue_id, queued_at, for_agent_id)"
                " VALUES (1, ?, ?, '', 'queued', ?, ?, '[]', '', '', '', 1, ?, ?, '', ?, ?, ?)",
                channel, f"number {self.came}", priority, json.dumps(skills), now, now, queue, now, meant,
            )  # fmt: skip
            self.clock.advance(seconds=1)

    @rule(login=people)
    def is_ready(self, login: str) -> None:
        self.do(self.office.presence.ready(login))
        self.clock.advance(seconds=1)

    @rule(login=people)
    def is_not_ready(self, login: str) -> None:
        self.do(self.office.presence.not_ready(login, "tea"))

    @rule(login=people)
    def goes_home(self, login: str) -> None:
        before = self.rows("SELECT state FROM agent WHERE person_id = ? AND state <> 'signed out'", PEOPLE[login])
        try:
            self.do(self.office.presence.sign_out(login))
        except Refused:
            assert not before
        assert (
            not self.rows("SELECT id FROM contact WHERE agent_id = ? AND state IN ('open', 'offered')", PEOPLE[login])
            or not before
        )

    @rule(login=people, number=numbers, yes=st.booleans())
    def answers_an_offer(self, login: str, number: int, yes: bool) -> None:
        offered = self.rows(
            "SELECT id FROM contact WHERE state = 'offered' AND agent_id = ? ORDER BY id", PEOPLE[login]
        )
        if offered:
            one = offered[number % len(offered)]["id"]
            verb = self.office.desk.accept if yes else self.office.desk.refuse
            self.do(verb(one, login=login))
            state = self.rows("SELECT state, agent_id, offered_until FROM contact WHERE id = ?", one)[0]
            assert (state["state"], state["agent_id"]) == (("open", PEOPLE[login]) if yes else ("queued", None))
            assert state["offered_until"] is None

    @rule(login=people, number=numbers, deed=st.sampled_from(["close", "wrap up", "give away", "take"]))
    def works(self, login: str, number: int, deed: str) -> None:
        state = "queued" if deed == "take" else "open"
        mine = self.rows(
            f"SELECT id FROM contact WHERE state = '{state}' AND (state = 'queued' OR agent_id = ?) ORDER BY id",
            PEOPLE[login],
        )
        if not mine:
            return
        one = mine[number % len(mine)]["id"]
        desk = self.office.desk
        if deed == "close" or (deed == "wrap up" and not self.do(desk.wrap_up(one, login=login))):
            self.do(desk.close(one, "done", login=login))
        elif deed == "give away":
            self.do(desk.transfer(one, login=login, queue="billing"))
        elif deed == "take":
            try:
                self.do(desk.take(one, login=login))
            except Refused as refused:
                assert "in no group" in str(refused)

    @rule(seconds=st.sampled_from([5, 31, 61]))
    def time_goes_by(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)
        self.do(self.office.distribution.expire())
        self.do(self.office.desk.end_wrap_ups())
        now = to_moment(self.clock.now())
        late = "SELECT id FROM contact WHERE (state = 'offered' AND COALESCE(offered_until, 0) <= ?)"
        assert not self.rows(f"{late} OR (state = 'wrap-up' AND COALESCE(wrap_until, 0) <= ?)", now, now)

    @rule()
    def is_shared_out(self) -> None:
        """Until nothing is left to do, by two engines at once."""
        while True:
            before = self.snapshot()

            async def both() -> int:
                return sum(await asyncio.gather(self.office.distribution.share(), self.other.share()))

            if not self.do(both()):
                break
            self.judge(before)
        self.nobody_waits_in_vain()

    # -- what is promised --------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "contact": self.rows("SELECT * FROM contact ORDER BY id"),
            "agent": self.rows("SELECT * FROM agent ORDER BY person_id"),
        }

    def judge(self, before: dict[str, list[dict[str, Any]]]) -> None:
        """Each contact that was given: to one who was ready, able and had room; and no later one before an equal."""
        was = {row["id"]: row for row in before["contact"]}
        ready = {row["person_id"] for row in before["agent"] if row["state"] == "ready"}
        now = self.rows("SELECT * FROM contact ORDER BY id")
        given = [row for row in now if row["state"] == "offered" and was[row["id"]]["state"] == "queued"]
        logins = {id_: login for login, id_ in PEOPLE.items()}
        for row in given:
            login = logins[row["agent_id"]]
            assert row["agent_id"] in ready
            if row["for_agent_id"] != row["agent_id"]:
                assert row["queue_id"] in SERVES[login]
                assert set(json.loads(row["skills"])) <= SKILLS[login].keys()
            load = [o for o in now if o["agent_id"] == row["agent_id"] and o["state"] in BUSY]
            assert len([o for o in load if o["channel"] == row["channel"]]) <= ROOM[login][row["channel"]]
            assert not [o for o in load if o["state"] == "wrap-up"]
            passed_over = [
                o for o in now
                if o["state"] == "queued" and (o["queue_id"], o["channel"]) == (row["queue_id"], row["channel"])
                and place(o) < place(row) and set(json.loads(o["skills"])) <= SKILLS[login].keys()
                and row["for_agent_id"] != row["agent_id"]
            ]  # fmt: skip
            assert not passed_over

    def nobody_waits_in_vain(self) -> None:
        """After the turn nothing waits that a ready agent is able and free for."""
        waiting = self.rows("SELECT * FROM contact WHERE state = 'queued' ORDER BY id")
        for agent in self.rows("SELECT person_id FROM agent WHERE state = 'ready'"):
            login = next(login for login, id_ in PEOPLE.items() if id_ == agent["person_id"])
            load = self.rows(
                f"SELECT channel, state FROM contact WHERE agent_id = ? AND state IN {BUSY}", agent["person_id"]
            )
            if any(row["state"] == "wrap-up" for row in load):
                continue
            for row in waiting:
                able = row["queue_id"] in SERVES[login] and set(json.loads(row["skills"])) <= SKILLS[login].keys()
                free = len([o for o in load if o["channel"] == row["channel"]]) < ROOM[login][row["channel"]]
                assert not ((able or row["for_agent_id"] == agent["person_id"]) and free)

    @invariant()
    def every_reservation_ends_and_the_log_says_how_all_stands(self) -> None:
        assert not self.rows("SELECT id FROM contact WHERE state = 'offered' AND offered_until IS NULL")
        assert not self.rows("SELECT id FROM contact WHERE state IN ('offered', 'open') AND agent_id IS NULL")
        assert not self.rows(
            "SELECT c.id FROM contact c JOIN event e"
            " ON e.id = (SELECT MAX(x.id) FROM event x WHERE x.contact_id = c.id) WHERE e.state <> c.state"
        )


def place(row: dict[str, Any]) -> tuple[int, int, int]:
    return (-row["priority"], row["received_at"], row["id"])


def test_distribution_keeps_its_promises(settings: Settings, request: pytest.FixtureRequest) -> None:
    postgres = None if settings.sqlite_path else request.getfixturevalue("postgres")
    machine = type("Sharing", (Sharing,), {"furnished": Furnished(settings, postgres)})
    run_state_machine_as_test(machine, settings=FEW if postgres else MANY)
