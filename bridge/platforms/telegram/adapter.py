"""One Telegram bot: calls out by the Bot API, messages in by long polling or by webhook."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import telegram
from telegram import LinkPreviewOptions
from telegram.constants import ChatAction, FileSizeLimit, MessageLimit

from bridge.core.commands import Menu
from bridge.core.errors import Gone, Rejected
from bridge.core.model import Address, Button, FileRef, Media, Piece, User
from bridge.core.ports import Accept, Budget, Call, Drafts, Http, Limits, Page, Remark
from bridge.core.splitting import Size
from bridge.platforms.telegram.api import translated
from bridge.platforms.telegram.download import Downloads
from bridge.platforms.telegram.drafts import DraftCalls
from bridge.platforms.telegram.keyboard import keyboard
from bridge.platforms.telegram.markup import rendered, units
from bridge.platforms.telegram.media import send
from bridge.platforms.telegram.parse import GENERAL
from bridge.platforms.telegram.polling import Polling
from bridge.platforms.telegram.reactions import bare
from bridge.platforms.telegram.updates import Updates
from bridge.platforms.telegram.webhook import Webhook, secret_of

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this, 2026-11:
# about 1 message a second in a chat, 20 a minute in a group, 30 a second in all. Edits
# count like messages (tdlib/td#2592).
_EVERY_CHAT, _EVERY_GROUP, _EVERY_BOT = (1.05, 3), (4.0, 5), (0.045, 4)  # seconds, burst
_EDIT_PRIVATE, _EDIT_GROUP, _SLOWER = 1.1, 3.1, 0.5  # seconds; more for each 1000 characters

# A preview lasts for 30 seconds (Bot API, 2026-11). How often it may be drawn is not said;
# others do so each 0.25 to 0.5 seconds. It counts as half a message here, and leaves room.
_DRAFTS, _EVERY_DRAFT = Drafts(0.5, 30.0), (0.5, 6)
_TYPING = 4.0  # seconds; it is shown for five

_LARGEST = FileSizeLimit.FILESIZE_UPLOAD
_LARGEST_LOCAL = FileSizeLimit.FILESIZE_UPLOAD_LOCAL_MODE

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_OURS = Menu()
_NO_STREAMS = "Telegram: no message grows but by edits"


class TelegramAdapter:
    """`ports.Adapter` for Telegram.

    With a `webhook`, which is an address of ours, Telegram posts updates there. `local_api`
    says that `api_base` is a server of one's own that runs with --local.
    """

    platform = "telegram"

    def __init__(
        self,
        channel: str,
        token: str,
        *,
        api_base: str,
        edit_every: float | None = None,
        drafts: bool = False,
        menu: Menu = _OURS,
        react: str = "",
        webhook: str = "",
        local_api: bool = False,
    ) -> None:
        self.channel = channel
        self._react = bare(react)  # one of Telegram's emoji for reactions
        self._edit_every = edit_every
        self._name = token.partition(":")[0]  # the bot's id, which is no secret
        self._updates = updates = Updates(channel, token, api_base, menu)
        self._webhook = Webhook(updates, webhook, secret_of(token)) if webhook else None
        self._polling = Polling(updates)
        self._bot = updates.bot
        self._drafts = DraftCalls(self._bot, on=drafts)
        self._local_api = local_api
        self._downloads = Downloads(self._bot, local_api=local_api)

    def limits(self, to: Address) -> Limits:
        """See `ports.Adapter`."""
        edit_every = self._edit_every or (_EDIT_GROUP if _is_group(to) else _EDIT_PRIVATE)
        size = Size(MessageLimit.MAX_TEXT_LENGTH, units)
        drafts = replace(_DRAFTS, every=max(_DRAFTS.every, self._edit_every or 0.0))
        has_drafts = self._drafts.on and not _is_group(to)
        return Limits(
            size,
            edit_every,
            _TYPING,
            _SLOWER,
            drafts if has_drafts else None,
            after=("retry", "new"),
        )

    def budgets(self, call: Call, to: Address) -> tuple[Budget, ...]:
        """See `ports.Adapter`. All topics of a group share."""
        every, burst = _EVERY_GROUP if _is_group(to) else _EVERY_CHAT
        if call == "draft":
            every, burst = _EVERY_DRAFT
        everywhere = f"telegram:{self._name}"
        return (Budget(f"{everywhere}:{to.chat}", every, burst), Budget(everywhere, *_EVERY_BOT))

    def commands(self, names: Sequence[str]) -> Mapping[str, str]:
        """See `ports.Adapter`."""
        return {name: f"/{name}" for name in names}

    async def post(
        self, to: Address, piece: Piece, *, mark: str, media: Media | None = None
    ) -> str:
        """See `ports.Adapter`. Telegram keeps no mark."""
        reply = to.reply_to and telegram.ReplyParameters(
            int(to.reply_to), allow_sending_without_reply=True
        )
        how: dict[str, Any] = {
            "message_thread_id": int(to.thread) if to.thread and not _is_general(to) else None,
            "reply_parameters": reply or None,
            "reply_markup": keyboard(piece.buttons),
        }
        if media:
            text, marked = rendered(piece, MessageLimit.CAPTION_LENGTH)
            how |= {"caption": text or None, "caption_entities": marked or None}
            most = _LARGEST_LOCAL if self._local_api else _LARGEST
            message = await send(self._bot, to.chat, media, most=most, **how)
            return str(message.message_id)
        text, marked = rendered(piece)
        with translated():
            message = await self._bot.send_message(
                to.chat, text, entities=marked or None, link_preview_options=_NO_PREVIEW, **how
            )
        return str(message.message_id)

    async def find(self, to: Address, *, mark: str) -> str | None:
        """See `ports.Adapter`. A bot cannot search a chat: there is no telling."""
        return None

    async def edit(self, to: Address, id_: str, piece: Piece) -> None:
        """See `ports.Adapter`."""
        text, marked = rendered(piece)
        with translated():
            await self._bot.edit_message_text(
                text,
                chat_id=to.chat,
                message_id=int(id_),
                entities=marked or None,
                reply_markup=keyboard(piece.buttons),
                link_preview_options=_NO_PREVIEW,
            )

    async def draft(self, to: Address, piece: Piece, *, turn: str) -> None:
        """See `ports.Adapter`. In private chats only."""
        await self._drafts.show(to, piece, turn)

    async def begin(self, to: Address, text: str, *, asker: User) -> str:
        """See `ports.Adapter`."""
        raise Rejected(_NO_STREAMS)

    async def append(self, to: Address, id_: str, text: str) -> None:
        """See `ports.Adapter`."""
        raise Rejected(_NO_STREAMS)

    async def end(self, to: Address, id_: str, text: str, buttons: Sequence[Button]) -> None:
        """See `ports.Adapter`."""
        raise Rejected(_NO_STREAMS)

    async def delete(self, to: Address, id_: str) -> None:
        """See `ports.Adapter`."""
        with translated():
            await self._bot.delete_message(to.chat, int(id_))

    async def typing(self, to: Address) -> None:
        """See `ports.Adapter`. Here the General topic has to be named, as it must not be above."""
        thread = int(to.thread) if to.thread else None
        with translated():
            await self._bot.send_chat_action(to.chat, ChatAction.TYPING, message_thread_id=thread)

    async def idle(self, to: Address) -> None:
        """See `ports.Adapter`. It is gone after seconds."""

    async def react(self, to: Address, id_: str, *, on: bool) -> None:
        """See `ports.Reacts`."""
        with translated():
            await self._bot.set_message_reaction(to.chat, int(id_), self._react if on else None)

    async def leave(self, to: Address) -> None:
        """See `ports.Adapter`."""
        with contextlib.suppress(Gone), translated():
            await self._bot.leave_chat(to.chat)

    async def download(self, file: FileRef, into: BinaryIO, *, most: int) -> None:
        """See `ports.Adapter`. Telegram itself lets bots fetch files of up to 20 MB."""
        await self._downloads.download(file, into, most=most)

    async def prompts(self, to: Address, questions: Sequence[str]) -> bool:
        """See `ports.Adapter`. There is no such place."""
        return False

    async def entitle(self, to: Address, title: str) -> None:
        """See `ports.Adapter`. People name their topics themselves."""

    async def publish(self, to: Address, page: Page) -> None:
        """See `ports.Adapter`. There is none."""

    async def earlier(self, to: Address, *, before: str, most: int) -> Sequence[Remark]:
        """See `ports.Adapter`. A bot hears what is said now, and nothing else."""
        return ()

    async def show_menu(self, menu: Menu) -> None:
        """See `ports.Adapter`. There is a menu for each language."""
        await self._updates.show_menu(menu)

    async def whoami(self) -> str:
        """See `ports.Adapter`."""
        return await self._updates.whoami()

    async def listen(self, accept: Accept) -> None:
        """See `ports.Adapter`.

        Raises:
            Denied: the token is wrong.
        """
        await (self._webhook or self._polling).run(accept)

    @property
    def http(self) -> Http | None:
        """See `ports.Adapter`."""
        return self._webhook

    @property
    def trouble(self) -> str:
        """See `ports.Adapter`."""
        return self._updates.patience.trouble

    async def aclose(self) -> None:
        """Close all connections."""
        await self._bot.aclose()
        await self._downloads.aclose()


def _is_general(to: Address) -> bool:
    """Whether this is the topic that Telegram refuses to be told of when something is sent."""
    return _is_group(to) and to.thread == GENERAL


def _is_group(to: Address) -> bool:
    """Telegram numbers groups below zero."""
    return to.chat.startswith("-")
