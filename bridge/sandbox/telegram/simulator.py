"""The simulated Telegram, seen from both sides: the people's here, the bot's over HTTP."""

import functools
import time
from collections.abc import Callable
from pathlib import Path

from bridge.sandbox.changes import Changes
from bridge.sandbox.telegram.chats import Chat, Chats, Shown, Toast, User
from bridge.sandbox.telegram.commands import CommandMenus
from bridge.sandbox.telegram.downloads import Downloads
from bridge.sandbox.telegram.files import FileStore
from bridge.sandbox.telegram.limits import NO_LIMITS, REAL_LIMITS, Budgets, TelegramLimits
from bridge.sandbox.telegram.media_methods import MediaMethods
from bridge.sandbox.telegram.methods import ChatMethods
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.people import People
from bridge.sandbox.telegram.server import BotApiServer, Method
from bridge.sandbox.telegram.updates import UpdateQueue
from bridge.sandbox.telegram.webhooks import Post
from bridge.sandbox.telegram.writer import Writer

_MAX_UPLOAD = 50 << 20  # bytes
_MAX_LOCAL_UPLOAD = 2000 << 20  # bytes


class TelegramSimulator(People, BotApiServer):
    """One bot and the people who write to it; serve `app` and give the bot its URL.

    `topics` says whether private chats can have topics. `limits=None` turns every budget off.
    `clock` counts the seconds of budgets and polls. With `local` it is a self-hosted Bot API
    server: uploads may have 2000 MB and downloads any size. If `local` is a folder, getFile
    copies files there and answers with absolute paths, as the `--local` server does. Webhooks
    at any address are taken by such a server, or with `hooks_anywhere`; they are called only on
    this machine. `hook_second` is how long a second lasts between two attempts of theirs.
    """

    def __init__(
        self,
        *,
        token: str = "100:sandbox-token",  # noqa: S107 - it opens nothing
        username: str = "coze_sandbox_bot",
        limits: TelegramLimits | None = REAL_LIMITS,
        clock: Callable[[], float] = time.monotonic,
        local: bool | Path = False,
        hooks_anywhere: bool = False,
        hook_second: float = 1.0,
    ) -> None:
        limits = limits or NO_LIMITS
        changes = Changes()
        bot = User(int(token.partition(":")[0]), "Coze sandbox", bot_name=username)
        self.topics = True
        self._menus = CommandMenus(chats := Chats(bot))
        store = FileStore()
        updates = UpdateQueue(
            changes,
            slowdown=limits.polling,
            clock=clock,
            anywhere=bool(local) or hooks_anywhere,
            second=hook_second,
        )
        People.__init__(self, chats, store, updates, changes)
        writer = self._writer = Writer(chats, Budgets(limits, clock))
        methods = self._own_methods() | _chat_methods(ChatMethods(chats, writer))
        BotApiServer.__init__(
            self,
            token,
            methods | _media_methods(MediaMethods(writer, store, local=_folder(local, token))),
            Downloads(token, store, changes),
            changes,
            clock,
            most_uploaded=_MAX_LOCAL_UPLOAD if local else _MAX_UPLOAD,
        )

    def _own_methods(self) -> dict[str, Method]:
        return {
            "getMe": self._get_me,
            "leaveChat": self.leave_chat,
            "getUpdates": self._updates.get_updates,
            "setWebhook": self._updates.set_webhook,
            "deleteWebhook": self._updates.delete_webhook,
            "getWebhookInfo": self._updates.webhook_info,
            "setMyCommands": self._menus.set_my_commands,
            "getMyCommands": self._menus.get_my_commands,
            "deleteMyCommands": self._menus.delete_my_commands,
        }

    @property
    def polling(self) -> bool:
        """Whether a getUpdates is waiting for updates now."""
        return self._updates.polling

    @property
    def webhook(self) -> str:
        """The address that updates are posted to, if there is one."""
        return self._updates.webhook

    @property
    def posts(self) -> list[Post]:
        """The attempts to deliver to the webhook that is set, in order."""
        return self._updates.posts

    def lose_answers(self, count: int) -> None:
        """Do not hear so many answers of the webhook: what they confirm is sent again."""
        self._updates.lose_answers(count)

    def messages(self, chat: int) -> list[Shown]:
        """What the chat shows now, oldest first."""
        room = self._chats.get(chat)
        return [message.shown for message in room.messages.values()] if room else []

    def typing(self, chat: int) -> int:
        """How many times the bot has shown a chat action so far."""
        room = self._chats.get(chat)
        return len(room.actions) if room else 0

    def actions(self, chat: int) -> list[str]:
        """The chat actions that the bot has shown so far."""
        room = self._chats.get(chat)
        return list(room.actions) if room else []

    def answered(self) -> set[str]:
        """The ids of the callback queries that the bot has answered."""
        return set(self._chats.answered_queries)

    @property
    def toasts(self) -> list[Toast]:
        """What the bot told those who pressed its buttons, in order."""
        return list(self._chats.toasts)

    def menu(
        self, *, chat: int = 501, user: int = 501, language: str | None = None
    ) -> dict[str, str]:
        """The commands with their descriptions, as that person sees them there.

        Without a `language`, in the one that the person was last seen with.
        """
        person = self._chats.user(chat if chat > 0 else user)
        return self._menus.shown_to(
            self._chats.get(chat) or Chat(chat, ""),
            person.id,
            person.language if language is None else language,
        )

    def _get_me(self, _: Params) -> Json:
        return self._chats.bot.wire() | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": False,
            "supports_guest_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": self.topics,
            "allows_users_to_create_topics": self.topics,
            "can_manage_bots": False,
        }


def _folder(local: bool | Path, token: str) -> bool | Path:  # noqa: FBT001 - as it is given
    """A server keeps the files of each bot apart, by its token."""
    return local / token if isinstance(local, Path) else local


def _chat_methods(chat: ChatMethods) -> dict[str, Method]:
    return {
        "sendMessage": chat.send_message,
        "editMessageText": chat.edit_message_text,
        "editMessageReplyMarkup": chat.edit_message_reply_markup,
        "deleteMessage": chat.delete_message,
        "setMessageReaction": chat.set_message_reaction,
        "sendChatAction": chat.send_chat_action,
        "answerCallbackQuery": chat.answer_callback_query,
        "getChat": chat.get_chat,
    }


def _media_methods(media: MediaMethods) -> dict[str, Method]:
    kinds = ("photo", "document", "audio", "voice", "video", "animation")
    senders = {f"send{kind.capitalize()}": functools.partial(media.send, kind) for kind in kinds}
    return senders | {
        "sendMediaGroup": media.send_media_group,
        "sendLocation": media.send_location,
        "editMessageCaption": media.edit_message_caption,
        "editMessageMedia": media.edit_message_media,
        "getFile": media.get_file,
    }
