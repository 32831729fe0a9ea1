"""All that is in Redis, in memory, but for the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bridge.core.errors import LeaseLost, StoreUnavailable
from bridge.core.model import Address, Message, Prompt, Run, Shown
from bridge.core.ports import (
    Budget,
    Offer,
    Progress,
    Record,
    Spent,
    Talk,
    Waiting,
)
from tests.flow.clock import now
from tests.flow.fakes import Fate, message


class FakeLimiter:
    """`ports.Limiter`: the arithmetic of take.lua by the clock of the loop."""

    def __init__(self) -> None:
        self.due: dict[str, float] = {}
        self.down = False
        self.asked = 0

    async def take(self, budgets: Sequence[Budget], reserve: Sequence[int]) -> tuple[float, int]:
        self.asked += 1
        if self.down:
            raise StoreUnavailable("no Redis")
        wait, culprit, due = 0.0, 0, {}
        for at, (b, kept) in enumerate(zip(budgets, reserve, strict=True)):
            due[b.key] = max(self.due.get(b.key, 0.0), now()) + b.every
            its = due[b.key] - b.every * (b.burst - kept) - now()
            if its > max(wait, 1e-9):
                wait, culprit = its, at
        if not wait:
            self.due |= due
        return wait, culprit

    async def close(self, budget: Budget, seconds: float) -> None:
        if self.down:
            raise StoreUnavailable("no Redis")
        due = now() + seconds + budget.every * (budget.burst - 1)
        self.due[budget.key] = max(self.due.get(budget.key, 0.0), due)


@dataclass
class FakeLease:
    """`ports.Lease`; what is stored is in `progress`, what became of the job in `end`."""

    message: Message = field(default_factory=message)
    lane: str = "lane"
    attempt: int = 1
    progress: Progress = field(default_factory=Progress)
    fate: Fate = field(default_factory=Fate)
    end: str = ""
    pause: float = 0.0
    lost: bool = False
    heir: bool = False

    def check(self) -> None:
        if self.lost:
            raise LeaseLost(self.lane)

    async def asking(self, conversation: str | None, prompt: Prompt) -> None:
        asked = replace(self.progress, asked=True, conversation=conversation, prompt=prompt)
        self._save(asked)

    async def began(self, run: Run) -> None:
        self._save(replace(self.progress, run=run, conversation=run.conversation))

    async def posting(self) -> None:
        self._save(replace(self.progress, posting=True))

    async def shows(self, shown: Sequence[Shown]) -> None:
        bare = tuple(Shown(each.id, media=each.media) for each in shown)
        self._save(replace(self.progress, posting=False, shown=bare))

    async def superseded(self) -> bool:
        return self.heir

    async def finish(self) -> None:
        self._end("finished")

    async def retry_later(self, delay: float) -> None:
        self._end("again", delay)

    async def hand_back(self) -> None:
        self._end("handed back")

    async def give_up(self, why: str) -> None:
        self._end(f"dead: {why}")

    def _save(self, progress: Progress) -> None:
        self.fate.before()
        self.check()
        self.progress = progress
        self.fate.done()

    def _end(self, end: str, pause: float = 0.0) -> None:
        self.fate.before()
        self.check()
        self.end, self.pause = end, pause
        self.fate.done()


class FakeMemory:
    """`ports.Memory`. When it is `full` it reads, but takes nothing in."""

    def __init__(self) -> None:
        self.talks: dict[str, Talk] = {}
        self.prompts: dict[str, Prompt] = {}
        self.waits: dict[str, Waiting] = {}
        self.bots: dict[str, str] = {}
        self.threads: dict[tuple[str, str | None], None] = {}
        self.last: dict[tuple[str, str], str] = {}
        self.quiet: dict[tuple[str, str | None], bool] = {}
        self.full = False
        self.fate = Fate()

    async def talk(self, session: str) -> Talk | None:
        return self.talks.get(session)

    async def remember(self, session: str, talk: Talk, prompt: Prompt) -> None:
        self._write()
        self.talks[session], self.prompts[session] = talk, prompt
        self.fate.done()

    async def forget(self, session: str) -> None:
        self.talks.pop(session, None)

    async def prompt(self, session: str) -> Prompt | None:
        return self.prompts.get(session)

    async def asked(self, session: str, prompt: Prompt) -> None:
        self._write()
        self.prompts[session] = prompt
        self.fate.done()

    async def waiting(self, session: str) -> Waiting | None:
        return self.waits.get(session)

    async def wait_for(self, session: str, what: Waiting | None) -> None:
        self._write()
        self.waits.pop(session, None)
        if what:
            self.waits[session] = what
        self.fate.done()

    async def bot(self, session: str) -> str | None:
        return self.bots.get(session)

    async def choose(self, session: str, bot: str) -> None:
        self._write()
        self.bots[session] = bot
        self.fate.done()

    async def join(self, to: Address, user: str) -> None:
        self._write()
        if to.thread:
            self.threads[to.chat, to.thread] = None
            self.last[to.chat, user] = to.thread
        self.fate.done()

    async def takes_part(self, to: Address) -> bool:
        return (to.chat, to.thread) in self.threads

    async def mute(self, to: Address, *, on: bool) -> None:
        self._write()
        self.quiet[to.chat, to.thread] = on
        self.fate.done()

    async def muted(self, to: Address) -> bool:
        return self.quiet.get((to.chat, to.thread), False)

    async def last_thread(self, to: Address, user: str) -> str | None:
        return self.last.get((to.chat, user))

    def _write(self) -> None:
        self.fate.before()
        if self.full:
            raise StoreUnavailable("command not allowed when used memory > 'maxmemory'")


class FakeRecords:
    """`ports.Records`. When it is `full` it reads, but takes nothing in; `down` neither."""

    def __init__(self) -> None:
        self.turns: dict[str, Record] = {}
        self.lasts: dict[str, str] = {}  # by session@bot
        self.shows: dict[tuple[str, str], str] = {}
        self.offers: dict[str, Offer] = {}
        self.days: dict[str, list[Spent]] = {}  # by who, today first
        self.heard: dict[str, float] = {}  # what, until when
        self.full, self.down = False, False
        self.fate = Fate()

    async def note(self, record: Record) -> None:
        self._write()
        counted = self.turns.get(record.turn)
        self.turns[record.turn] = record
        self.lasts[f"{record.session}@{record.bot}"] = record.turn
        if record.usage and not (counted and counted.usage):
            place = f"chat:{record.channel}:{record.chat}"
            who = (f"user:{record.user}", place, f"bot:{record.bot}", "all")
            for each in who:
                today, *before = self.days.get(each) or [Spent()]
                spent = Spent(today.turns + 1, today.tokens + record.usage.total)
                self.days[each] = [spent, *before]
        self.fate.done()

    async def record(self, turn: str) -> Record | None:
        self._read()
        return self.turns.get(turn)

    async def last(self, talk: str) -> str | None:
        self._read()
        return self.lasts.get(talk)

    async def showed(self, to: Address, ids: Sequence[str], turn: str) -> None:
        self._write()
        self.shows |= {(to.chat, id_): turn for id_ in ids}
        self.fate.done()

    async def behind(self, to: Address, id_: str) -> str | None:
        return self.shows.get((to.chat, id_))

    async def offered(self, session: str, offer: Offer | None) -> None:
        self._write()
        self.offers.pop(session, None)
        if offer:
            self.offers[session] = offer
        self.fate.done()

    async def offer(self, session: str) -> Offer | None:
        self._read()
        return self.offers.get(session)

    async def spent(self, who: str, days: int = 1) -> Sequence[Spent]:
        self._read()
        told = self.days.get(who, [])[:days]
        return [*told, *[Spent()] * (days - len(told))]

    async def first(self, what: str, seconds: int) -> bool:
        self._write()
        new = now() >= self.heard.get(what, 0.0)
        if new:
            self.heard[what] = now() + seconds
        self.fate.done()
        return new

    def _read(self) -> None:
        if self.down:
            raise StoreUnavailable("no Redis")

    def _write(self) -> None:
        self.fate.before()
        self._read()
        if self.full:
            raise StoreUnavailable("command not allowed when used memory > 'maxmemory'")
