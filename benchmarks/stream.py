"""Streaming to Telegram on loopback: `python benchmarks/stream.py [ANSWERS]`.

First, one answer after another in chats of their own, without limits: how long after the
first delta the first text is on the screen. Then many answers at once under Telegram's
limits: whether all end complete, how often Telegram refused, and the processor time.
"""

import asyncio
import statistics
import sys
import time
from collections import Counter
from functools import partial

from bench import Bridge, bridge

from bridge.sandbox.coze import Answer, CozeSimulator, Question
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramLimits, TelegramSimulator

DELTAS, PER_SECOND = 200, 50
WORDS = tuple(f"word{number} " for number in range(DELTAS))
TEXT = "".join(WORDS).strip()
SINGLE = 20  # answers one after another


def answer(_question: Question) -> Answer:
    return Answer((WORDS,), pace=1 / PER_SECOND)


async def first_text() -> None:
    """Milliseconds from the first delta to the first text on the screen."""
    telegram, gate = TelegramSimulator(limits=None), asyncio.Event()
    coze = CozeSimulator(answer=lambda _: Answer((WORDS,), pace=0.0, gate=gate))
    took: list[float] = []
    async with bridge(telegram, SlackSimulator(), coze):
        for chat in range(1000, 1000 + SINGLE):
            gate.clear()
            telegram.say("hello", chat=chat, user=chat)
            await coze.changes.until(partial(_asked, coze, chat - 999))
            await asyncio.sleep(0.1)  # the stream is open and silent
            begun = time.perf_counter()
            gate.set()
            await telegram.changes.until(partial(_answered, telegram, chat))
            took.append((time.perf_counter() - begun) * 1000)
            await telegram.changes.until(partial(complete, telegram, chat))
    print(f"first delta to first text, ms ({SINGLE} answers, no limits)")
    print(f"  median {statistics.median(took):.1f}, worst {max(took):.1f}\n")


def _asked(coze: CozeSimulator, count: int) -> bool:
    return len(coze.asked) == count


def _answered(telegram: TelegramSimulator, chat: int) -> bool:
    return len(telegram.messages(chat)) > 1


async def many(answers: int) -> None:
    """All at once, under Telegram's limits."""
    telegram, coze = TelegramSimulator(limits=TelegramLimits()), CozeSimulator(answer=answer)
    chats = range(1000, 1000 + answers)
    async with bridge(telegram, SlackSimulator(), coze) as running:
        before, begun = running.processor_time, time.perf_counter()
        for chat in chats:
            telegram.say("hello", chat=chat, user=chat)
        await telegram.changes.until(
            lambda: all(complete(telegram, chat) for chat in chats), within=120
        )
        took = time.perf_counter() - begun
        tell(answers, running, telegram, took, running.processor_time - before)


def tell(
    answers: int, running: Bridge, telegram: TelegramSimulator, took: float, used: float
) -> None:
    calls = Counter(call.method for call in telegram.calls)
    print(f"{answers} answers of {DELTAS} deltas at {PER_SECOND} a second each, Telegram's limits")
    print(f"  complete            {answers} of {answers}, after {took:.1f} s")
    print(f"  refused with 429    {len(telegram.refused())}")
    print(f"  sent, edited        {calls['sendMessage']}, {calls['editMessageText']}")
    print(f"  processor time      {used:.2f} s, {used / answers / DELTAS * 1e6:.0f} µs a delta")
    print(f"  resident            {running.resident:.0f} MB")


def complete(telegram: TelegramSimulator, chat: int) -> bool:
    messages = telegram.messages(chat)[1:]
    if len(messages) != 1 or messages[0].text != TEXT:
        return False
    return not any("⏹" in label for row in messages[0].buttons for label, _ in row)


async def main() -> None:
    await first_text()
    await many(int(sys.argv[1]) if len(sys.argv) > 1 else 50)


if __name__ == "__main__":
    asyncio.run(main())
