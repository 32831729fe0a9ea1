"""The inbox against a small model of it, through any story that Hypothesis can think of."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bridge.core.errors import LaneFull, LeaseLost
from bridge.core.model import Shown
from bridge.store.client import connect
from bridge.store.inbox import RedisLease
from tests.store.lanes import TURNS, claimed, fall_due, inbox, message, run_out

T = TypeVar("T")

LANES = ("red", "green", "blue")
WORKERS = ("ann", "bob")
MOST = 4

ids = st.integers(0, 14).map(str)
workers = st.sampled_from(WORKERS)
lanes = st.sampled_from(LANES)


def lane_of(id_: str) -> str:
    return LANES[int(id_) % len(LANES)]


class Story(RuleBasedStateMachine):
    """What happens to one Redis, and what should be in it."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.redis: Any = connect(url)
        self.boxes = {name: inbox(self.redis, name, most=MOST) for name in WORKERS}
        self.jobs: dict[str, list[str]] = {lane: [] for lane in LANES}
        self.held: dict[str, RedisLease] = {}  # lanes whose owner may still write
        self.expired: set[str] = set()  # ... though others may take them over
        self.paused: set[str] = set()
        self.stale: list[RedisLease] = []
        self.attempts: dict[str, int] = {}
        self.shown: dict[str, tuple[Shown, ...]] = {}
        self.done: set[str] = set()
        self.dead: list[str] = []

    def now(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    def teardown(self) -> None:
        self.now(self.redis.aclose())
        self.loop.close()

    @initialize()
    def begin(self) -> None:
        self.now(self.redis.flushall())

    @rule(id_=ids, worker=workers)
    def add(self, id_: str, worker: str) -> None:
        queue = self.jobs[lane_of(id_)]
        adding = self.boxes[worker].add(lane_of(id_), message(id_))
        if id_ in self.attempts:
            assert not self.now(adding)
        elif len(queue) >= MOST:
            with pytest.raises(LaneFull):
                self.now(adding)
        else:
            assert self.now(adding)
            queue.append(id_)
            self.attempts[id_], self.shown[id_] = 0, ()

    @rule(worker=workers, most=st.integers(1, 3))
    def claim(self, worker: str, most: int) -> None:
        for lane in self.expired:
            self.stale.append(self.held.pop(lane))
        self.expired.clear()
        due = {lane for lane in LANES if self.jobs[lane]} - self.held.keys() - self.paused
        leases = self.now(claimed(self.boxes[worker], most))
        assert len(leases) == min(most, len(due))
        for lease in leases:
            assert lease.lane in due
            id_ = self.jobs[lease.lane][0]
            self.attempts[id_] += 1
            assert (lease.message.id, lease.attempt) == (id_, self.attempts[id_])
            assert lease.progress.shown == self.shown[id_]
            self.held[lease.lane] = lease

    @rule(lane=lanes)
    def expire(self, lane: str) -> None:
        if lane in self.held:
            self.now(run_out(self.redis, lane))
            self.expired.add(lane)

    @rule(lane=lanes)
    def end_pause(self, lane: str) -> None:
        if lane in self.paused:
            self.now(fall_due(self.redis, lane))
            self.paused.discard(lane)

    @rule(lane=lanes)
    def save(self, lane: str) -> None:
        if lease := self.held.get(lane):
            before = self.shown[lease.message.id]
            shown = (*before, Shown(f"m{len(before)}"))
            self.now(lease.shows(shown))
            self.shown[lease.message.id] = shown
            self.expired.discard(lane)

    @rule(worker=workers)
    def renew(self, worker: str) -> None:
        ours = [le for le in self.held.values() if le.inbox is self.boxes[worker]]
        assert self.now(self.boxes[worker].renew(ours)) == []
        self.expired -= {lease.lane for lease in ours}

    @rule(lane=lanes, end=st.sampled_from(["finish", "give_up", "retry", "hand_back"]))
    def let_go(self, lane: str, end: str) -> None:
        if not (lease := self.held.pop(lane, None)):
            return
        self.expired.discard(lane)
        self.stale.append(lease)
        id_ = lease.message.id
        if end == "retry":
            self.now(lease.retry_later(1000.0))
            self.paused.add(lane)
        elif end == "hand_back":
            self.now(lease.hand_back())
            self.attempts[id_] -= 1
        else:
            self.now(lease.finish() if end == "finish" else lease.give_up("why"))
            self.jobs[lane].remove(id_)
            self.done.add(id_)
            self.dead += [id_] if end == "give_up" else []

    @precondition(lambda self: self.stale)
    @rule(data=st.data(), what=st.sampled_from(["finish", "give_up", "retry", "back", "save"]))
    def meddle(self, data: st.DataObject, what: str) -> None:
        lease = data.draw(st.sampled_from(self.stale))
        writes: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "finish": lease.finish,
            "give_up": partial(lease.give_up, "why"),
            "retry": partial(lease.retry_later, 0.0),
            "back": lease.hand_back,
            "save": partial(lease.shows, [Shown("wrong")]),
        }
        write = writes[what]
        if what in ("finish", "give_up") and lease.message.id in self.done:
            self.now(write())  # said before: fine, and without effect
        else:
            with pytest.raises(LeaseLost):
                self.now(write())

    @rule(worker=st.sampled_from(["", *WORKERS]))
    def recover(self, worker: str) -> None:
        mine = [le for le in self.held.values() if worker in ("", le.owner.partition(":")[0])]
        assert self.now(self.boxes["ann"].recover(worker)) == len(mine)
        for lease in mine:
            self.stale.append(self.held.pop(lease.lane))
            self.expired.discard(lease.lane)

    @rule(id_=ids)
    def revive(self, id_: str) -> None:
        assert self.now(self.boxes["ann"].revive(id_)) == (id_ in self.dead)
        if id_ in self.dead:
            self.dead.remove(id_)
            self.done.remove(id_)
            self.jobs[lane_of(id_)].append(id_)
            self.attempts[id_] = 0

    @invariant()
    def a_lane_with_jobs_is_in_exactly_one_of_ready_and_leases(self) -> None:
        ready, leases, owners, pending, dead = self.now(self._stored())
        for lane in LANES:
            assert self.now(self.redis.lrange(f"{TURNS}lane:{lane}", 0, -1)) == self.jobs[lane]
            assert (lane in ready) + (lane in leases) == bool(self.jobs[lane]), lane
        assert leases == owners == set(self.held)
        assert pending == sum(map(len, self.jobs.values()))
        assert dead == self.dead[::-1]

    async def _stored(self) -> tuple[set[str], set[str], set[str], int, list[str]]:
        redis = self.redis
        return (
            set(await redis.zrange(f"{TURNS}ready", 0, -1)),
            set(await redis.zrange(f"{TURNS}leases", 0, -1)),
            set(await redis.hkeys(f"{TURNS}owners")),
            int(await redis.get(f"{TURNS}pending") or 0),
            await redis.lrange(f"{TURNS}dead", 0, -1),
        )


def test_the_inbox_does_what_its_model_does(redis_server: str):
    class StoryHere(Story):
        def __init__(self) -> None:
            super().__init__(redis_server)

    run_state_machine_as_test(
        StoryHere,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.generate],  # to shrink a story takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
