"""One Slack app in many workspaces: the adapter of each, behind one."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import BinaryIO

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bridge.core.commands import Menu
from bridge.core.errors import ChatClosed, ChatGone, StoreUnavailable
from bridge.core.model import Address, Button, FileRef, Media, Piece, User
from bridge.core.ports import (
    Accept,
    Budget,
    Call,
    Http,
    Installations,
    Limits,
    Page,
    Remark,
)
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.api import Revoked, make_client
from bridge.platforms.slack.deliveries import BETWEEN, Deliveries
from bridge.platforms.slack.grants import Grants
from bridge.platforms.slack.http import PATH, Requests
from bridge.platforms.slack.install import PAGES, Pages
from bridge.platforms.slack.socket import Socket
from bridge.platforms.slack.workspaces import Workspaces

_LOOK = 30.0  # seconds after which what could not be read is looked at again


class _Door:
    """An ASGI application of what is served below the door of the channel."""

    def __init__(self, rooms: Mapping[str, Http]) -> None:
        self._rooms = rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        below = scope["path_params"].get("below")
        served = self._rooms.get(below) or PlainTextResponse("not found\n", 404)
        await served(scope, receive, send)


class ManySlackAdapter:
    """`ports.Adapter` for the workspaces that a Slack app is installed in.

    Every address names its workspace. `make` makes the adapter of one by its id, without a
    token yet; `public_url` is where browsers reach the door of the channel.
    """

    platform = "slack"

    def __init__(
        self,
        channel: str,
        make: Callable[[str], SlackAdapter],
        installations: Installations,
        *,
        client_id: str,
        client_secret: str,
        public_url: str,
        api_base: str,
        app_token: str = "",
        signing_secret: str = "",
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        self.channel = channel
        self._plain = make("")
        self._client = make_client("", api_base)
        grants = Grants(self._client, client_id, client_secret, f"{public_url}/{PAGES[1]}")
        self._workspaces = Workspaces(installations, grants, make)
        self._deliveries = Deliveries(channel, self._workspaces, installations, grants)
        self._way = (
            Requests(self._deliveries, signing_secret)
            if signing_secret
            else Socket(self._deliveries, self._client, app_token)
        )
        pages = Pages(grants, installations, allowed=allowed, installed=self._installed)
        self.pages: Mapping[str, Http] = {name: pages.page(name) for name in PAGES}

    def limits(self, to: Address) -> Limits:
        """See `ports.Adapter`."""
        return self._known(to).limits(to)

    def budgets(self, call: Call, to: Address) -> tuple[Budget, ...]:
        """See `ports.Adapter`. Slack counts the calls of each workspace for itself."""
        budgets = self._known(to).budgets(call, to)
        return tuple(replace(each, key=f"{each.key}@{to.team}") for each in budgets)

    def commands(self, names: Sequence[str]) -> Mapping[str, str]:
        """See `ports.Adapter`."""
        return self._plain.commands(names)

    async def post(
        self, to: Address, piece: Piece, *, mark: str, media: Media | None = None
    ) -> str:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            return await adapter.post(to, piece, mark=mark, media=media)

    async def find(self, to: Address, *, mark: str) -> str | None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            return await adapter.find(to, mark=mark)

    async def edit(self, to: Address, id_: str, piece: Piece) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.edit(to, id_, piece)

    async def draft(self, to: Address, piece: Piece, *, turn: str) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.draft(to, piece, turn=turn)

    async def delete(self, to: Address, id_: str) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.delete(to, id_)

    async def typing(self, to: Address) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.typing(to)

    async def begin(self, to: Address, text: str, *, asker: User) -> str:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            return await adapter.begin(to, text, asker=asker)

    async def append(self, to: Address, id_: str, text: str) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.append(to, id_, text)

    async def end(self, to: Address, id_: str, text: str, buttons: Sequence[Button]) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.end(to, id_, text, buttons)

    async def idle(self, to: Address) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.idle(to)

    async def entitle(self, to: Address, title: str) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.entitle(to, title)

    async def publish(self, to: Address, page: Page) -> None:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            await adapter.publish(to, page)

    async def earlier(self, to: Address, *, before: str, most: int) -> Sequence[Remark]:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            return await adapter.earlier(to, before=before, most=most)

    async def leave(self, to: Address) -> None:
        """See `ports.Adapter`. Here only people remove an app."""

    async def download(self, file: FileRef, into: BinaryIO, *, most: int) -> None:
        """See `ports.Adapter`."""
        team, _, id_ = file.id.partition(BETWEEN)
        async with self._in(team) as adapter:
            await adapter.download(replace(file, id=id_), into, most=most)

    async def prompts(self, to: Address, questions: Sequence[str]) -> bool:
        """See `ports.Adapter`."""
        async with self._in(to.team) as adapter:
            return await adapter.prompts(to, questions)

    async def show_menu(self, menu: Menu) -> None:
        """See `ports.Adapter`."""
        await self._workspaces.show_menu(menu)

    async def whoami(self) -> str:
        """See `ports.Adapter`."""
        return await self._way.whoami()

    async def listen(self, accept: Accept) -> None:
        """See `ports.Adapter`. Nothing need be installed yet.

        Raises:
            Denied: the app's token is wrong.
        """
        beside = (self._look(), self._deliveries.catch_up(accept))
        tasks = [asyncio.create_task(each) for each in beside]
        try:
            await self._way.run(accept)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def http(self) -> Http:
        """See `ports.Adapter`. The pages are served whether somebody listens or not."""
        events = {PATH: self._way} if isinstance(self._way, Requests) else {}
        return _Door({**self.pages, **events})

    @property
    def trouble(self) -> str:
        """See `ports.Adapter`."""
        return self._way.trouble or self._deliveries.unreadable

    async def aclose(self) -> None:
        """Close all connections."""
        await self._workspaces.aclose()
        await self._plain.aclose()
        if self._client.session:
            await self._client.session.close()

    def _known(self, to: Address) -> SlackAdapter:
        """The adapter of a workspace, or one that is like it but for the token."""
        return self._workspaces.known(to.team) or self._plain

    @asynccontextmanager
    async def _in(self, team: str) -> AsyncGenerator[SlackAdapter, None]:
        """The adapter of a workspace; where there is none nobody waits for an answer.

        Raises:
            ChatGone: the app is not installed there (any more).
            ChatClosed: its token is no good any more.
        """
        adapter = await self._workspaces.at(team)
        if adapter is None:
            raise ChatGone(f"Slack: the app is not installed in {team}")
        if self._workspaces.off(team):
            raise ChatClosed(f"Slack: the token of {team} is no good")
        try:
            yield adapter
        except Revoked as error:
            self._workspaces.refused(team, error)
            raise ChatClosed(str(error)) from error

    async def _installed(self, id_: str) -> None:
        """Let a new installation count at once, in this replica."""
        self._workspaces.forget(id_)
        if self._deliveries.unreadable:
            with suppress(StoreUnavailable):
                await self._deliveries.look()

    async def _look(self) -> None:
        """See whether what could not be read can be by now."""
        while True:
            await asyncio.sleep(_LOOK)
            if self._deliveries.unreadable:
                with suppress(StoreUnavailable):
                    await self._deliveries.look()
