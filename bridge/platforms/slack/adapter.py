"""One Slack app: calls out by the Web API, messages in by Socket Mode or HTTP."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import BinaryIO, Literal

from bridge.core.commands import Menu
from bridge.core.errors import Fatal, Gone, Rejected
from bridge.core.model import Address, Button, FileRef, Media, Piece, User
from bridge.core.ports import Accept, Budget, Call, Http, Limits, Page, Places, Remark
from bridge.platforms.slack import streaming as native
from bridge.platforms.slack.about import About
from bridge.platforms.slack.api import make_client, translated
from bridge.platforms.slack.arrival import Arrivals
from bridge.platforms.slack.backfill import Backfill, Nowhere
from bridge.platforms.slack.home import publish
from bridge.platforms.slack.http import Requests
from bridge.platforms.slack.markup import SIZE, rendered
from bridge.platforms.slack.outside import Outside
from bridge.platforms.slack.pane import STATUS_EVERY, Pane, is_direct
from bridge.platforms.slack.parse import Body
from bridge.platforms.slack.people import People
from bridge.platforms.slack.rates import Rates
from bridge.platforms.slack.reasons import Reasons
from bridge.platforms.slack.socket import Socket
from bridge.platforms.slack.streaming import StreamCalls, mark_of
from bridge.platforms.slack.threads import Threads
from bridge.platforms.slack.transfer import Transfer

_EDIT_EVERY, _SLOWER = 1.2, 0.2  # seconds; more for each thousand characters, of 12 at most


class SlackAdapter:
    """`ports.Adapter` for Slack. Make it inside of a running loop.

    With a `signing_secret` messages come by HTTP, else by Socket Mode.
    """

    platform = "slack"

    def __init__(
        self,
        channel: str,
        bot_token: str,
        app_token: str,
        *,
        api_base: str,
        rates: Rates = Rates(),  # noqa: B008 - frozen
        menu: Menu = Menu(),  # noqa: B008 - frozen
        external: bool = False,
        signing_secret: str = "",
        streaming: Literal["edits", "auto", "native"] = "edits",
        places: Places = Nowhere(),  # noqa: B008 - it has no state
    ) -> None:
        self.channel, self._rates = channel, rates
        self._client = make_client(bot_token, api_base)
        self._people, self._transfer = People(self._client), Transfer(self._client)
        self._pane, self._threads = Pane(self._client), Threads(self._client, self._people)
        self._reasons = Reasons(self._client)
        # Where everybody is let in nothing has to be found out.
        self._outside = None if external else Outside(self._client, self._people)
        about = About(self._client, self._people, self._threads)
        self._arrivals = Arrivals(
            channel,
            self._client,
            menu=menu.threaded(),
            people=self._people,
            transfer=self._transfer,
            places=places,
            about=about,
        )
        self._backfill = Backfill(self._arrivals, self._client, places, self._outside)
        self._way = (
            Requests(self._arrivals, signing_secret)
            if signing_secret
            else Socket(self._arrivals, self._client, app_token)
        )
        self._native, everywhere = streaming != "edits", streaming == "native"
        self._streams = StreamCalls(self._client, everywhere=everywhere, every=rates.edit_every)

    def limits(self, to: Address) -> Limits:
        """See `ports.Adapter`. A new conversation is a new thread, which needs no button."""
        streams = self._streams.of(to) if self._native else None
        size = native.SIZE if streams else SIZE
        pace = (self._rates.edit_every or _EDIT_EVERY, STATUS_EVERY, _SLOWER)
        return Limits(size, *pace, after=("retry",), streams=streams)

    def budgets(self, call: Call, to: Address) -> tuple[Budget, ...]:
        """See `ports.Adapter`. Edits of all answers in a workspace share."""
        return self._rates.budgets(self.channel, call, to)

    def commands(self, names: Sequence[str]) -> Mapping[str, str]:
        """See `ports.Adapter`."""
        return {name: f"/coze {name}" for name in names}

    async def post(
        self, to: Address, piece: Piece, *, mark: str, media: Media | None = None
    ) -> str:
        """See `ports.Adapter`. A file cannot be for one user only, but in a chat with them."""
        if media:
            if to.only_for and not is_direct(to):
                raise Rejected("Slack: a file cannot be for one user only")
            return await self._transfer.upload(to, media, piece.text, mark=mark)
        with translated():
            if to.only_for:
                seen = await self._client.chat_postEphemeral(
                    channel=to.chat, thread_ts=to.thread, user=to.only_for, **rendered(piece)
                )
                return str(seen["message_ts"])
            posted = await self._client.chat_postMessage(
                channel=to.chat,
                thread_ts=to.thread,
                **rendered(piece),
                metadata=mark_of(mark),
                unfurl_links=False,
                unfurl_media=False,
            )
        return str(posted["ts"])

    async def find(self, to: Address, *, mark: str) -> str | None:
        """See `ports.Adapter`. Without the permission to read the thread there is no telling."""
        try:
            shared = await self._transfer.find(to, mark=mark)
            if shared or to.thread is None or to.only_for:
                return shared
            with translated():
                replies = await self._client.conversations_replies(
                    channel=to.chat, ts=to.thread, include_all_metadata=True, limit=1000
                )
        except Fatal:
            return None
        for message in replies["messages"]:
            if message.get("metadata", {}).get("event_payload", {}).get("mark") == mark:
                return str(message["ts"])
        return await self._streams.unfinished(replies["messages"]) if self._native else None

    async def edit(self, to: Address, id_: str, piece: Piece) -> None:
        """See `ports.Adapter`."""
        try:
            await self._update(to, id_, piece)
        except Rejected as error:
            await self._streams.ended(to, id_, error)
            await self._update(to, id_, piece)

    async def _update(self, to: Address, id_: str, piece: Piece) -> None:
        """One that is known needs no mark any more, but is to be told from half a stream."""
        told = mark_of("") if self._native else None
        with translated():
            await self._client.chat_update(
                channel=to.chat, ts=id_, **rendered(piece), metadata=told
            )

    async def begin(self, to: Address, text: str, *, asker: User) -> str:
        """See `ports.Adapter`."""
        return await self._streams.begin(to, text, asker=asker)

    async def append(self, to: Address, id_: str, text: str) -> None:
        """See `ports.Adapter`."""
        await self._streams.append(to, id_, text)

    async def end(self, to: Address, id_: str, text: str, buttons: Sequence[Button]) -> None:
        """See `ports.Adapter`."""
        await self._streams.end(to, id_, text, buttons)

    async def draft(self, to: Address, piece: Piece, *, turn: str) -> None:
        """See `ports.Adapter`."""
        raise Rejected("Slack: there are no previews")

    async def delete(self, to: Address, id_: str) -> None:
        """See `ports.Adapter`."""
        if self._transfer.knows(id_):
            await self._transfer.remove(id_)
            return
        try:
            await self._delete(to, id_)
        except Rejected as error:
            await self._streams.ended(to, id_, error)
            await self._delete(to, id_)

    async def _delete(self, to: Address, id_: str) -> None:
        try:
            with translated():
                await self._client.chat_delete(channel=to.chat, ts=id_)
        except Gone as error:
            if "message_not_found" not in str(error):
                raise

    async def typing(self, to: Address) -> None:
        """See `ports.Adapter`."""
        await self._pane.status(to, on=True)

    async def idle(self, to: Address) -> None:
        """See `ports.Adapter`."""
        await self._pane.status(to, on=False)

    async def leave(self, to: Address) -> None:
        """See `ports.Adapter`. Here only people remove an app."""

    async def download(self, file: FileRef, into: BinaryIO, *, most: int) -> None:
        """See `ports.Adapter`."""
        await self._transfer.download(file, into, most=most)

    async def prompts(self, to: Address, questions: Sequence[str]) -> bool:
        """See `ports.Adapter`."""
        return await self._pane.prompts(to, questions)

    async def entitle(self, to: Address, title: str) -> None:
        """See `ports.Adapter`."""
        await self._pane.entitle(to, title)

    async def publish(self, to: Address, page: Page) -> None:
        """See `ports.Adapter`."""
        await publish(self._client, to, page)

    async def earlier(self, to: Address, *, before: str, most: int) -> Sequence[Remark]:
        """See `ports.Adapter`."""
        return await self._threads.earlier(to, before, most, me=self._arrivals.me)

    async def show_menu(self, menu: Menu) -> None:
        """See `ports.Adapter`. What can be typed behind `/coze` is known to nobody but us."""
        self._arrivals.menu = menu.threaded()

    async def whoami(self) -> str:
        """See `ports.Adapter`."""
        return await self._way.whoami()

    async def listen(self, accept: Accept) -> None:
        """See `ports.Adapter`.

        Raises:
            Denied: a token is wrong.
        """
        told = self._told(accept)
        catching_up = asyncio.create_task(self._backfill.run(told))
        try:
            await self._way.run(told)
        finally:
            catching_up.cancel()
            await asyncio.gather(catching_up, return_exceptions=True)

    def _told(self, accept: Accept) -> Accept:
        asked = self._reasons.asked(accept)
        return self._outside.told(asked) if self._outside else asked

    def belongs(self, me: str, token: str) -> None:
        """From here on `token` opens the workspace, where the bot is the user `me`."""
        self._arrivals.me, self._client.token = me, token

    async def catch_up(self, accept: Accept) -> None:
        """Take in what was missed, as `listen` does by itself."""
        self._arrivals.behind.suspect()
        await self._backfill.once(self._told(accept))

    async def take(self, body: Body, accept: Accept) -> bool:
        """Take one delivery, as `listen` takes each; False if it has to come again."""
        return await self._arrivals.take(body, self._told(accept))

    @property
    def http(self) -> Http | None:
        """See `ports.Adapter`."""
        return self._way if isinstance(self._way, Requests) else None

    @property
    def trouble(self) -> str:
        """See `ports.Adapter`."""
        return self._way.trouble

    async def aclose(self) -> None:
        """Close all connections."""
        await self._arrivals.aclose()
        await self._people.aclose()
        if self._client.session:
            await self._client.session.close()
