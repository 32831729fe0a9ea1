"""What the benchmarks share: a bridge in a process of its own between simulated platforms."""

import asyncio
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bridge.sandbox.coze import CozeSimulator
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve

ROOT = Path(__file__).parents[1]
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Bridge:
    """A running bridge."""

    process: asyncio.subprocess.Process
    ready_after: float  # seconds from its start

    @property
    def resident(self) -> float:
        """Megabytes of resident memory, without the embedded store's own process."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def processor_time(self) -> float:
        """Seconds of processor time so far, user and system, without its children."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


@asynccontextmanager
async def bridge(
    telegram: TelegramSimulator, slack: SlackSimulator, coze: CozeSimulator
) -> AsyncIterator[Bridge]:
    """Start `coze-bridge run` from environment variables alone; wait until it is ready."""
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(serve(s.app)) for s in (telegram, slack, coze)]
        state_dir = stack.enter_context(tempfile.TemporaryDirectory())
        port = _free_port()
        env = {
            **os.environ,
            "BRIDGE_CONFIG": str(ROOT / "config" / "bridge.yaml"),
            "BRIDGE_STATE_DIR": state_dir,
            "BRIDGE_HTTP_PORT": str(port),
            "TELEGRAM_API_BASE": urls[0],
            "TELEGRAM_BOT_TOKEN": "100:sandbox-token",
            "SLACK_API_BASE": f"{urls[1]}/api/",
            "SLACK_BOT_TOKEN": "xoxb-sandbox",
            "SLACK_APP_TOKEN": "xapp-sandbox",
            "COZE_API_BASE": urls[2],
            "COZE_API_TOKEN": coze.token,
            "COZE_BOT_ID": coze.bot_id,
        }
        begun = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge", "run", env=env, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await _until_ready(port)
            yield Bridge(process, time.perf_counter() - begun)
        finally:
            process.terminate()
            await process.wait()


async def _until_ready(port: int) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.01)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])
