import re
from dataclasses import replace
from pathlib import Path

from redis.asyncio import Redis

from bridge.core.model import Address, Prompt, Run, Shown, Usage
from bridge.core.ports import (
    ALL,
    Applicant,
    Budget,
    Installation,
    Offer,
    Place,
    Remark,
    Talk,
    Waiting,
)
from bridge.store import keys
from bridge.store.groups import RedisGroups
from bridge.store.inbox import RedisInbox
from bridge.store.installations import RedisInstallations
from bridge.store.limits import RedisLimiter
from bridge.store.memory import RedisMemory
from bridge.store.pairing import RedisPairing
from bridge.store.places import RedisPlaces
from bridge.store.records import RedisRecords
from tests.store.lanes import claimed, message, record

ROW = re.compile(r"^(\S+)\s+(list|hash|zset|string)\s+\S")


def declared() -> dict[re.Pattern[str], str]:
    """The table of keys.py: the pattern of a key, and its type."""
    rows = [found for line in (keys.__doc__ or "").splitlines() if (found := ROW.match(line))]
    inboxes = f"(?:{'|'.join(keys.INBOXES)})"
    patterns = {}
    for row in rows:
        literal = re.split(r"(<\w+>)", row[1])
        parts = [re.escape(p) if not p.startswith("<") else ".+" for p in literal]
        pattern = re.escape(keys.PREFIX) + "".join(parts)
        if row[1].startswith("<inbox>"):
            pattern = re.escape(keys.PREFIX) + inboxes + "".join(parts[2:])
        patterns[re.compile(pattern)] = row[2]
    return patterns


async def busy_inbox(redis: Redis, name: str) -> None:
    """Every end that a job can take, and jobs that have not ended."""
    box = RedisInbox(redis, name, worker="ann")
    for number in range(6):
        await box.add(f"lane-{number}", replace(message(f"{name}-{number}"), posted="1"))
    await box.add("lane-0", message(f"{name}-waiting"))
    finished, dead, revived, later, back, at_work = await claimed(box)
    for lease in (finished, dead, at_work):
        await lease.asking("c1", Prompt("why?"))
        await lease.began(Run("r1", "c1"))
        await lease.posting()
        await lease.shows([Shown("m1")])
    await box.stop(at_work.lane, ALL)
    await box.renew([at_work])
    await finished.finish()
    await dead.give_up("why")
    await revived.give_up("why")
    await box.revive(revived.message.id)
    await later.retry_later(100.0)
    await back.hand_back()


async def busy_session(redis: Redis) -> None:
    for name in keys.INBOXES:
        await busy_inbox(redis, name)
    memory, to = RedisMemory(redis, ttl=1000), Address("slack", "C1", "1.2")
    await memory.remember("session", Talk("user", "c1"), Prompt("why?"))
    await memory.asked("session", Prompt("why?"))
    await memory.join(to, "U1")
    await memory.mute(to, on=True)
    await memory.wait_for("session", Waiting("summary"))
    await memory.choose("session", "other")
    records = RedisRecords(redis)
    await records.note(record(usage=Usage(3, 2, 1)))
    await records.showed(to, ["m1"], "turn")
    await records.offered("session", Offer(to, "m1", "text", "turn"))
    assert await records.first("alert", 100)
    groups, pairing = RedisGroups(redis, ttl=1000), RedisPairing(redis)
    await groups.overhear("tg:-42:", Remark("1", "Ann", "hi", 0.0), 5)
    await groups.move(Address("tg", "-42"), "-1001")
    for user, code in (("501", "AAAA"), ("502", "BBBB")):
        await pairing.apply(Applicant("tg", user, user), code)
    await pairing.admit("AAAA")
    await RedisPlaces(redis, ttl=1000).heard("slack", 1.2, [Place("T1", "C1", "1.2")], whole=True)
    installations = RedisInstallations(redis, "slack", "A" * 43 + "=")
    await installations.put(Installation("T1", "Acme", "U1", "xoxb-1"))
    await installations.begin("state")
    limiter, budget = RedisLimiter(redis), Budget("chat", 1.0, 5)
    await limiter.take([budget], [0])
    await limiter.close(Budget("bot", 1.0, 5), 10.0)


async def lives_as_long_as_its_work(redis: Redis, key: str) -> bool:
    """Whether this is a lane, or a job that is still in one."""
    if ":lane:" in key:
        return True
    inbox, found, id_ = key.rpartition("job:")
    if not found:
        return False
    pending: set[str] = set()
    async for lane in redis.scan_iter(f"{inbox}lane:*"):
        pending |= set(map(str, await redis.lrange(lane, 0, -1)))
    return id_ in pending


async def test_every_key_is_declared_with_its_type(redis: Redis):
    await busy_session(redis)
    table, seen = declared(), set()
    async for key in redis.scan_iter("*"):
        rows = [pattern for pattern in table if pattern.fullmatch(key)]
        assert len(rows) == 1, key
        assert table[rows[0]] == await redis.type(key), key
        seen.add(rows[0])
    assert seen == set(table), "a row that nothing uses"


async def test_every_key_ends_some_day_unless_it_is_listed(redis: Redis):
    await busy_session(redis)
    async for key in redis.scan_iter("*"):
        if key not in keys.UNBOUNDED and await redis.ttl(key) < 0:
            assert await lives_as_long_as_its_work(redis, key), key


async def test_the_list_of_unbounded_keys_has_no_entry_too_many(redis: Redis):
    await busy_session(redis)
    async for key in redis.scan_iter("*"):
        assert key not in keys.UNBOUNDED or await redis.ttl(key) == -1, key
    used = {key async for key in redis.scan_iter("*")}
    assert used >= keys.UNBOUNDED


async def test_all_keys_share_one_slot_of_a_cluster(redis: Redis):
    await busy_session(redis)
    tags = {key.partition("{")[2].partition("}")[0] async for key in redis.scan_iter("*")}
    assert len(tags) == 1
    assert tags != {""}


async def test_nothing_is_left_of_a_lane_whose_work_is_done(redis: Redis):
    box = RedisInbox(redis, "turns", worker="ann")
    for number in range(20):
        await box.add(f"lane-{number}", message(str(number)))
    for lease in await claimed(box, 20):
        await lease.finish()
    left = [key async for key in redis.scan_iter("*") if await redis.ttl(key) < 0]
    assert set(left) <= {f"{keys.inbox('turns')}{name}" for name in ("pending", "fence", "wake")}


def test_keys_are_made_nowhere_else():
    source = Path(keys.__file__).parent
    for file in source.rglob("*.py"):
        if file.name != "keys.py":
            assert "bridge:" not in file.read_text(), file
