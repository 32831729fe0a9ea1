"""Fifty threads of one Slack workspace at once: `python benchmarks/slack_fifty.py [ANSWERS]`.

The simulated Slack has the real tiers, in real time: this takes about two minutes. Tells of
each method how often it was called, how often in the worst minute, what Slack allows, and what
it refused; and when the first words and the complete answers were on the screen.
"""

import asyncio
import statistics
import sys
import time
from collections import defaultdict

from bench import Bridge, bridge

from bridge.sandbox.coze import Answer, CozeSimulator, Question
from bridge.sandbox.slack import SlackLimits, SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator

DELTAS, PER_SECOND = 200, 10
WORDS = tuple(f"word{number} " for number in range(DELTAS))
TEXT = "".join(WORDS).strip()
LIMITS = SlackLimits()


def answer(_question: Question) -> Answer:
    return Answer((WORDS,), pace=1 / PER_SECOND)


class Crowd:
    """So many people, each in a channel of their own, and when they saw what."""

    def __init__(self, slack: SlackSimulator, answers: int) -> None:
        self._slack = slack
        self.first: dict[str, float] = {}  # seconds, by channel
        self.final: dict[str, float] = {}
        self._channels = [f"C0C{number:03}" for number in range(answers)]
        for number, channel in enumerate(self._channels):
            slack.user(f"U0P{number:03}", f"Person {number}")
            slack.channel(channel, channel.lower(), members=(f"U0P{number:03}", "U0BOT"))

    async def ask(self) -> None:
        """All at once; returns when all answers are complete."""
        begun = time.perf_counter()
        for number, channel in enumerate(self._channels):
            self._slack.say("<@U0BOT> hello", channel=channel, user=f"U0P{number:03}")
        await self._slack.changes.until(
            lambda: self._look(time.perf_counter() - begun), within=300
        )

    def _look(self, now: float) -> bool:
        for channel in self._channels:
            if channel in self.final:
                continue
            said = [shown for shown in self._slack.messages(channel) if shown.bot_id]
            if said:
                self.first.setdefault(channel, now)
            stop = any("Stop" in button.label for shown in said for button in shown.buttons)
            if not stop and [shown.plain().strip() for shown in said] == [TEXT]:
                self.final[channel] = now
        return len(self.final) == len(self._channels)


def tell(answers: int, running: Bridge, slack: SlackSimulator, crowd: Crowd, used: float) -> None:
    print(f"{answers} answers of {DELTAS} deltas at {PER_SECOND} a second each, Slack's tiers\n")
    for what, when in (("first words", crowd.first), ("complete", crowd.final)):
        median, worst = statistics.median(when.values()), max(when.values())
        print(f"{what:<12} after {median:5.1f} s (median), {worst:5.1f} s (worst)")
    print(f"processor    {used:.1f} s, resident {running.resident:.0f} MB\n")
    print(f"{'method':<42} {'calls':>6} {'in 60 s':>8} {'tier':>5} {'refused':>8}")
    times = defaultdict[str, list[float]](list)
    for call in slack.calls:
        times[call.method].append(call.at)
    for method, at in sorted(times.items()):
        most = max(sum(each - 60 < other <= each for other in at) for each in at)
        tier = "1/s" if method == "chat.postMessage" else f"{LIMITS.of(method):.0f}"
        print(f"{method:<42} {len(at):>6} {most:>8} {tier:>5} {slack.refused[method]:>8}")


async def main() -> None:
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    slack, coze = SlackSimulator(limits=LIMITS), CozeSimulator(answer=answer)
    crowd = Crowd(slack, answers)
    async with bridge(TelegramSimulator(), slack, coze) as running:
        before = running.processor_time
        await crowd.ask()
        tell(answers, running, slack, crowd, running.processor_time - before)


if __name__ == "__main__":
    asyncio.run(main())
