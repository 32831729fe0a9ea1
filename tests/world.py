"""A whole bridge between simulated platforms, all over real sockets."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from msgspec.structs import replace

from bridge import app
from bridge.config import Bot, Config, Slack, Telegram
from bridge.config.schema import Coze, Downloads, Http, Limits, Store
from bridge.sandbox.coze import CozeSimulator
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import Shown, TelegramSimulator
from bridge.wire.serve import serve
from tests.platforms.waiting import free_port

ANN, GENERAL, DIRECT = 501, "C0GENERAL", "D0ANN"
BOT = "<@U0BOT>"


class World:
    """Three simulators, and a bridge that can be started and stopped between them."""

    def __init__(
        self,
        state_dir: Path,
        *,
        dialect: Literal["cloud", "studio"] = "cloud",
        slack: Mapping[str, Any] | None = None,
        webhook: bool = False,
        slack_by_http: bool = False,
        **coze: Any,
    ) -> None:
        self.telegram = TelegramSimulator(hooks_anywhere=webhook, hook_second=0.02)
        self.webhook, self.slack_by_http = webhook, slack_by_http
        self.slack = SlackSimulator(**(slack or {}))
        self.coze = CozeSimulator(dialect=dialect, **{"pace": 0.005, **coze})
        self.state_dir = state_dir
        self._stack = AsyncExitStack()
        self._bridge: asyncio.Task[bool] | None = None
        self._stopping, self._hurry = asyncio.Event(), asyncio.Event()
        self.config: Config | None = None

    async def __aenter__(self) -> Self:
        simulators = (self.telegram, self.slack, self.coze)
        self.urls = [await self._stack.enter_async_context(serve(s.app)) for s in simulators]
        self.config = self._config()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()
        await self._stack.aclose()

    def _config(self) -> Config:
        telegram, slack, coze = self.urls
        port = free_port() if self.webhook or self.slack_by_http else 0
        return Config(
            coze=Coze(api_base=coze, token=self.coze.token),
            store=Store(state_dir=str(self.state_dir)),
            bots={"assistant": Bot(bot_id=self.coze.bot_id)},
            channels={
                "telegram": Telegram(
                    platform="telegram",
                    bot="assistant",
                    token="100:sandbox-token",
                    api_base=telegram,
                    mode="webhook" if self.webhook else "polling",
                ),
                "slack": Slack(
                    platform="slack",
                    bot="assistant",
                    bot_token="xoxb-sandbox",
                    app_token="" if self.slack_by_http else "xapp-sandbox",
                    signing_secret="sandbox-secret",
                    mode="http" if self.slack_by_http else "socket",
                    api_base=f"{slack}/api/",
                ),
            },
            http=Http(port=port, public_url=f"http://127.0.0.1:{port}" if port else ""),
            downloads=Downloads(private_hosts=[urlsplit(coze).netloc]),
            limits=Limits(turns_per_user_per_minute=0),
        )

    def bot(self, **settings: Any) -> dict[str, Bot]:
        """The bots of a configuration: the usual one, with more settings."""
        return {"assistant": Bot(**{"bot_id": self.coze.bot_id, **settings})}

    async def start(self, **changes: Any) -> None:
        """Start the bridge, with parts of its configuration changed, and wait until it hears."""
        assert self.config
        self.config = replace(self.config, **changes)
        self._stopping, self._hurry = asyncio.Event(), asyncio.Event()
        self._bridge = asyncio.create_task(app.run(self.config, self._stopping, self._hurry))
        on, hooks, met = self.config.enabled(), self._hooks(), self._met()
        if "telegram" in on:
            await self.telegram.changes.until(
                lambda: self.telegram.polling or self._hooks() > hooks or self._ended()
            )
        if "slack" in on:
            await self.slack.changes.until(
                lambda: self.slack.connections or self._met() > met or self._ended()
            )
        self._ended()
        if "slack" in on and self.slack_by_http:
            await self.slack.subscribe(f"{self.config.http.public_url}/slack/slack/events")

    def _met(self) -> int:
        """How often a bridge without a socket has asked Slack who it is."""
        return [c.method for c in self.slack.calls if self.slack_by_http].count("auth.test")

    def _hooks(self) -> int:
        """How often the bridge has set its webhook."""
        calls = [(call.method, call.status) for call in self.telegram.calls]
        return calls.count(("setWebhook", 200))

    def _ended(self) -> bool:
        """Raise what the bridge ended with, if it has."""
        return bool(self._bridge and self._bridge.done() and self._bridge.result())

    async def stop(self, *, hurry: bool = False) -> None:
        """Tell the bridge to stop, and wait until it has."""
        self._stopping.set()
        if hurry:
            self._hurry.set()
        if self._bridge:
            await self._bridge
            self._bridge = None

    async def telegram_answer(self, count: int = 1, chat: int = ANN) -> str:
        """The text of the last answer in a Telegram chat, once `count` are complete."""

        def complete() -> list[str]:
            said = [m for m in self.telegram.messages(chat) if m.from_bot]
            done = len(said) >= count and not any(growing(m) for m in said)
            return [m.text for m in said] if done else []

        return (await self.telegram.changes.until(complete))[-1]

    async def slack_answer(self, thread: str, count: int = 1, channel: str = GENERAL) -> str:
        """The text of the last answer in a Slack thread, once `count` are complete."""

        def complete() -> list[str]:
            said = [m for m in self.slack.messages(channel, thread) if m.bot_id]
            done = len(said) >= count and not any(
                "Stop" in b.label for m in said for b in m.buttons
            )
            return [m.plain() for m in said] if done else []

        return (await self.slack.changes.until(complete))[-1]


def growing(message: Shown) -> bool:
    """Whether a message of the bot in Telegram has a Stop button."""
    return any("⏹" in label for row in message.buttons for label, _ in row)
