"""Start to ready, and the memory that takes: `python benchmarks/start.py [ROUNDS]`."""

import asyncio
import statistics
import sys

from bench import bridge

from bridge.sandbox.coze import CozeSimulator
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator


async def main(rounds: int) -> None:
    seconds, megabytes = [], []
    for _ in range(rounds):
        async with bridge(TelegramSimulator(), SlackSimulator(), CozeSimulator()) as running:
            seconds.append(running.ready_after)
            megabytes.append(running.resident)
    print(f"{'':24}{'median':>8}{'worst':>8}  of {rounds}")
    for name, values in (("start to ready, s", seconds), ("resident, MB", megabytes)):
        print(f"{name:24}{statistics.median(values):8.2f}{max(values):8.2f}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
