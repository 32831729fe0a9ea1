"""Fifty threads of one workspace are answered at once, within what Slack allows an app."""

import random
from collections import Counter
from pathlib import Path

from msgspec.structs import replace

from bridge.config.schema import SlackPace
from bridge.sandbox.coze import Answer, Question, deltas
from bridge.sandbox.slack import Shown, SlackLimits
from tests.world import BOT, World

THREADS = 50
BUSY, TOGETHER = "C0BUSY", 10  # so many threads in one channel; each of the others has its own

# Slack's minute takes two seconds here, and what the bridge paces by it is as much faster. It
# stays well below: on a slow machine calls arrive together that left one after another.
LIMITS = SlackLimits(window=2.0, posts_per_second=30.0)
PACE = SlackPace(edit_every=0.3, edits_per_minute=750, posts_per_second=20.0)


def text_of(number: int) -> str:
    return f"This is the answer number {number}: " + " ".join(f"word{n}" for n in range(20)) + "."


def answer(question: Question) -> Answer:
    return Answer((deltas(text_of(number_in(question.text))),), pace=0.06)


def number_in(asked: str) -> int:
    """The number that somebody asked, "Person 7: 7"."""
    return int(asked.rpartition(": ")[2])


class Fifty:
    """Fifty people, and the threads in which they ask."""

    def __init__(self, state_dir: Path) -> None:
        self.world = World(state_dir, slack={"limits": LIMITS}, answer=answer)
        self.slack = self.world.slack
        people = [f"U0P{number:02}" for number in range(THREADS)]
        self.at = {n: BUSY if n < TOGETHER else f"C0C{n:02}" for n in range(THREADS)}
        for number, user in enumerate(people):
            self.slack.user(user, f"Person {number}")
            self.slack.channel(self.at[number], f"channel-{number}", members=(user, "U0BOT"))
        self.slack.channel(BUSY, "busy", members=(*people[:TOGETHER], "U0BOT"))
        self.people, self.roots = people, dict[int, str]()

    async def answered(self) -> None:
        """All ask at once; returns when nothing grows any more."""
        world = self.world
        assert world.config
        await world.start(channels={"slack": replace(world.config.channels["slack"], limits=PACE)})
        for number, user in enumerate(self.people):
            told = f"{BOT} {number}"
            self.roots[number] = self.slack.say(told, channel=self.at[number], user=user)
        growing = set(self.roots)

        def complete() -> bool:
            while growing and self._over(number := min(growing)):
                growing.discard(number)
            return not growing

        await self.slack.changes.until(complete)
        await world.stop()

    def answers(self, number: int) -> list[Shown]:
        """What the bot has posted in a thread."""
        shown = self.slack.messages(self.at[number], self.roots[number])
        return [each for each in shown if each.bot_id]

    def _over(self, number: int) -> bool:
        said = self.answers(number)
        labels = [button.label for each in said for button in each.buttons]
        return bool(said) and not any("Stop" in label for label in labels)

    def calls(self) -> Counter[str]:
        return Counter(call.method for call in self.slack.calls)

    def check(self) -> None:
        """Every answer is there, whole, and once; nothing was asked twice or given up."""
        for number in self.roots:
            assert [each.plain().strip() for each in self.answers(number)] == [text_of(number)]
        assert sorted(number_in(asked.text) for asked in self.world.coze.asked) == [
            *range(THREADS)
        ]
        assert not self.slack.lost


async def test_fifty_answers_come_complete_and_slack_refuses_no_call(tmp_path):
    fifty = Fifty(tmp_path)
    async with fifty.world:
        await fifty.answered()
    fifty.check()
    assert not fifty.slack.refused
    calls = fifty.calls()
    assert calls["chat.postMessage"] == calls["users.info"] == THREADS
    assert THREADS < calls["chat.update"] < 4 * THREADS  # they grew, but shared what there is


async def test_what_slack_refuses_at_random_comes_later_and_once(tmp_path):
    fifty, chance = Fifty(tmp_path), random.Random(5)
    often = {"chat.postMessage": 5, "chat.update": 2, "users.info": 2}
    for method, times in often.items():
        for _ in range(times):
            fifty.slack.fail(
                method,
                error="ratelimited",
                status=429,
                retry_after=1,
                after=chance.randrange(1, 50 // times),
            )
    async with fifty.world:
        await fifty.answered()
    fifty.check()
    assert fifty.slack.refused == often
