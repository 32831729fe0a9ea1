"""A bridge whose Slack app people install in several simulated workspaces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bridge.config import Slack
from bridge.sandbox.coze.script import Script
from bridge.sandbox.slack import Shown, SlackApp, SlackSimulator
from bridge.wire.serve import serve
from tests.world import GENERAL, World

KEY = "A" * 43 + "="


class Workspaces:
    """Two workspaces in which all ids are equal but their own, a browser, and a bridge."""

    def __init__(
        self, world: World, app: SlackApp, slack: str, browser: httpx.AsyncClient
    ) -> None:
        self.world, self.app, self.browser = world, app, browser
        assert world.config
        self.url = world.config.http.public_url
        app.redirects = (f"{self.url}/slack/team/oauth_redirect",)
        self.settings: dict[str, Any] = {
            "platform": "slack",
            "bot": "assistant",
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "encryption_key": KEY,
            "signing_secret": "sandbox-secret",
            "mode": "http",
            "api_base": f"{slack}/api/",
        }

    def __getitem__(self, team: str) -> SlackSimulator:
        return self.app.workspaces[team]

    async def start(self, **changes: Any) -> None:
        """Start the bridge, and wait until it hears."""
        settings = self.settings | changes
        await self.world.start(channels={"team": Slack(**settings)})
        while not await self._up():  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(0.01)
        by_http = settings["mode"] == "http"
        for each in self.app.workspaces.values():
            each.events_url = f"{self.url}/slack/team/events" if by_http else None

    async def _up(self) -> bool:
        assert not self.world._ended()
        try:
            reasons = (await self.ready())["reasons"]
        except httpx.TransportError:
            return False
        return str(reasons.get("team", "")) != "not connected yet"

    async def install(self, home: str, *, at: str = "install") -> httpx.Response:
        """Install the app somewhere, as a person does; the last page that is seen."""
        self.app.chooses = home
        return await self.browser.get(f"{self.url}/slack/{at}", follow_redirects=True)

    async def answer(self, team: str, thread: str, count: int = 1, channel: str = GENERAL) -> str:
        """The text of the last answer in a thread, once `count` are complete."""
        slack = self[team]

        def complete() -> list[Shown]:
            said = [m for m in slack.messages(channel, thread) if m.bot_id]
            growing = any("Stop" in b.label for m in said for b in m.buttons)
            return said if len(said) >= count and not growing else []

        return (await slack.changes.until(complete))[-1].plain()

    async def ready(self) -> Any:
        """What the bridge says of itself."""
        return (await self.browser.get(f"{self.url}/readyz")).json()


@asynccontextmanager
async def workspaces(
    folder: Path, *, other_bot: str = "U0BOT", answer: Script | None = None, **more: Any
) -> AsyncIterator[Workspaces]:
    """Workspaces with a bridge that is not started yet; `more` is for both of them."""
    slack = {"redeliver_after": (3.0, 0.2, 0.4, 1.0, 3.0, 9.0), **more}
    teams = {"T0ONE": "U0BOT", "T0TWO": other_bot}
    app = SlackApp(*(SlackSimulator(team=t, bot_user=bot, **slack) for t, bot in teams.items()))
    async with (
        serve(app.app) as url,
        World(folder, slack_by_http=True, answer=answer) as world,
        httpx.AsyncClient() as browser,
    ):
        yield Workspaces(world, app, url, browser)
