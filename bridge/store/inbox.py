"""The durable inbox: one Redis list of jobs for each lane, and leases on lanes.

A worker leases a *lane*, never a message: only the head of a leased lane runs, so a
lane's jobs run in order and on one replica at a time. A job leaves its list only when
it is finished, so a crash leaves it in place; the lease then runs out, and another
worker claims the lane. Everything a worker writes is fenced by the owner of the lane.

Invariant: a lane with jobs is in exactly one of `ready` and `leases`. Each script runs
as one transaction, so any prefix of the append-only file keeps that.
"""

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bridge.core.errors import LaneFull, LeaseLost, StoreUnavailable
from bridge.core.model import Message, Prompt, Run, Shown
from bridge.core.parts import together
from bridge.core.ports import Lease, Progress
from bridge.store import keys
from bridge.store.client import Script, call

MOST_IN_LANE = 50
MOST_IN_ALL = 100_000
LEASE = 15.0  # seconds; far longer than any single call to a platform or to Coze may hang
GROUP_WITHIN = 1.0  # seconds in which the parts of a group follow one another
SENT_WITHIN = 2  # seconds of the platform's clock between two parts
TRUSTED = 0.8  # the share of a lease after which its holder no longer trusts it

_SCRIPTS = ("add", "claim", "save", "renew", "finish", "release", "recover", "stop", "revive")
_message = msgspec.json.Decoder(Message)
_prompt = msgspec.json.Decoder(Prompt)
_shown = msgspec.json.Decoder(tuple[Shown, ...])


class RedisInbox:
    """`ports.Inbox` on Redis 7.0 or later, or Valkey."""

    def __init__(
        self,
        redis: Redis,
        name: str,
        *,
        worker: str,
        lease: float = LEASE,
        most: int = MOST_IN_LANE,
    ) -> None:
        self._redis, self._worker = redis, worker
        self._prefix, self._most = keys.inbox(name), most
        self.lease = lease
        self.scripts = {script: Script(redis, script) for script in _SCRIPTS}

    async def run(self, script: str, *args: str | float | bytes) -> Any:  # noqa: ANN401
        """Run one of the scripts on this inbox."""
        return await self.scripts[script]([self._prefix], *args)

    async def add(self, lane: str, message: Message) -> bool:
        """See `ports.Inbox`."""
        encoded = msgspec.json.encode(message)
        parts = (int(GROUP_WITHIN * 1000), SENT_WITHIN)
        lives = (keys.SEEN_FOR * 1000, keys.EDITED_FOR * 1000)
        most = (self._most, MOST_IN_ALL)
        stored = await self.run("add", message.id, lane, encoded, *most, *parts, *lives)
        if stored == -1:
            raise LaneFull(lane)
        if stored == -2:  # noqa: PLR2004 - the script's word for it
            raise StoreUnavailable(f"{MOST_IN_ALL} messages are waiting")
        return bool(stored == 1)

    async def claim(self, most: int) -> list[Lease]:
        """See `ports.Inbox`."""
        now = time.monotonic()
        found = await self.run("claim", self._worker, int(self.lease * 1000), most)
        return [RedisLease.of(self, now, entry) for entry in found]

    async def wait(self) -> None:
        """See `ports.Inbox`. What is popped is only a token: losing one costs a second."""
        await call(self._redis.blpop([f"{self._prefix}wake"], timeout=1), within=6.0)

    async def renew(self, held: Sequence[Lease]) -> list[str]:
        """See `ports.Inbox`."""
        ours = [lease for lease in held if isinstance(lease, RedisLease)]
        args = [part for lease in ours for part in (lease.lane, lease.owner, lease.message.id)]
        now = time.monotonic()
        states = await self.run("renew", int(self.lease * 1000), *args)
        for lease, state in zip(ours, states, strict=True):
            lease.held_since = now if state else -self.lease
        return [le.message.id for le, state in zip(ours, states, strict=True) if state > 1]

    async def recover(self, worker: str) -> int:
        """Free the lanes of a worker that is known to be dead ("": of all). Returns how many."""
        return int(await self.run("recover", worker))

    async def stop(self, lane: str, which: str) -> int:
        """See `ports.Inbox`."""
        return int(await self.run("stop", lane, which))

    async def message(self, id_: str) -> Message | None:
        """See `ports.Inbox`."""
        job = f"{self._prefix}job:{id_}"
        stored: str | None = await call(self._redis.hget(job, "message"))
        return _message.decode(stored.partition("\n")[0]) if stored else None

    async def stops(self) -> AsyncGenerator[str, None]:
        """See `ports.Inbox`."""
        try:
            async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(f"{self._prefix}stops")
                async for heard in pubsub.listen():
                    yield heard["data"]
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"Redis: {error}") from error

    async def dead(self) -> list[tuple[Message, str]]:
        """The dead letters, newest first, each with the reason why it was given up."""
        letters = []
        for id_ in await call(self._redis.lrange(f"{self._prefix}dead", 0, -1)):
            job: dict[str, str] = await call(self._redis.hgetall(f"{self._prefix}job:{id_}"))
            if "dead" in job:  # else the id has come again since
                letters.append((_whole(id_, job["message"]), job["dead"]))
        return letters

    async def superseded(self, id_: str) -> bool:
        """Whether another job takes the place of this one."""
        return bool(await call(self._redis.hexists(f"{self._prefix}job:{id_}", "heir")))

    async def revive(self, id_: str) -> bool:
        """Try a dead letter again; False if there is none of this id."""
        return bool(await self.run("revive", id_))

    async def drop(self, id_: str) -> bool:
        """Forget a dead letter; False if there is none of this id."""
        return bool(await call(self._redis.lrem(f"{self._prefix}dead", 0, id_)))


@dataclass(slots=True)
class RedisLease:
    """`ports.Lease`."""

    inbox: RedisInbox
    lane: str
    owner: str  # worker:fence
    message: Message
    attempt: int
    progress: Progress
    held_since: float  # monotonic seconds

    @classmethod
    def of(cls, inbox: RedisInbox, now: float, entry: Sequence[Any]) -> "RedisLease":
        """Read what `claim.lua` returned."""
        lane, owner, id_, flat = entry
        job = dict(zip(flat[::2], flat[1::2], strict=True))
        message = _whole(id_, job["message"])
        return cls(inbox, lane, owner, message, int(job["attempts"]), _progress(job), now)

    def check(self) -> None:
        """See `ports.Lease`."""
        if time.monotonic() - self.held_since > self.inbox.lease * TRUSTED:
            raise LeaseLost(self.lane)

    async def asking(self, conversation: str | None, prompt: Prompt) -> None:
        """See `ports.Lease`."""
        encoded = msgspec.json.encode(prompt)
        await self._save(asked="1", conversation=conversation or "", prompt=encoded)
        self.progress = replace(
            self.progress, asked=True, conversation=conversation, prompt=prompt
        )

    async def began(self, run: Run) -> None:
        """See `ports.Lease`."""
        await self._save(chat=run.chat, conversation=run.conversation)
        self.progress = replace(self.progress, run=run, conversation=run.conversation)

    async def posting(self) -> None:
        """See `ports.Lease`."""
        await self._save(posting="1")
        self.progress = replace(self.progress, posting=True)

    async def shows(self, shown: Sequence[Shown]) -> None:
        """See `ports.Lease`."""
        bare = tuple(Shown(each.id, media=each.media) for each in shown)
        await self._save(posting="", shown=msgspec.json.encode(bare))
        self.progress = replace(self.progress, posting=False, shown=bare)

    async def superseded(self) -> bool:
        """See `ports.Lease`."""
        return await self.inbox.superseded(self.message.id)

    async def finish(self) -> None:
        """See `ports.Lease`."""
        await self._run("finish", keys.SEEN_FOR * 1000, "")

    async def retry_later(self, delay: float) -> None:
        """See `ports.Lease`."""
        await self._run("release", int(delay * 1000), 0)

    async def hand_back(self) -> None:
        """See `ports.Lease`."""
        await self._run("release", 0, 1)

    async def give_up(self, why: str) -> None:
        """See `ports.Lease`."""
        await self._run("finish", keys.DEAD_FOR * 1000, why or "no reason given")

    async def _save(self, **fields: str | bytes) -> None:
        self.check()
        now = time.monotonic()
        flat = [part for field in fields.items() for part in field]
        await self._run("save", int(self.inbox.lease * 1000), *flat)
        self.held_since = now

    async def _run(self, script: str, *args: str | float | bytes) -> None:
        if not await self.inbox.run(script, self.lane, self.owner, self.message.id, *args):
            raise LeaseLost(self.lane)


def _whole(id_: str, parts: str) -> Message:
    """The message of a job; the first of its parts may have been edited since."""
    return replace(together([_message.decode(part) for part in parts.split("\n")]), id=id_)


def _progress(job: dict[str, str]) -> Progress:
    """What the fields of a job say about how far it got."""
    conversation, chat = job.get("conversation") or None, job.get("chat")
    return Progress(
        asked="asked" in job,
        conversation=conversation,
        run=Run(chat, conversation) if chat and conversation else None,
        prompt=_prompt.decode(job["prompt"]) if "prompt" in job else None,
        shown=_shown.decode(job.get("shown", "[]")),
        posting=bool(job.get("posting")),
        stop="stop" in job,
    )
