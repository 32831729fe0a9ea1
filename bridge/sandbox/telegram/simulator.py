"""The simulated Telegram, seen from both sides: the people's here, the bot's over HTTP."""

import time
from collections.abc import Callable

from bridge.sandbox.changes import Changes
from bridge.sandbox.telegram.chats import Chat, Chats, Message, Shown, User
from bridge.sandbox.telegram.commands import CommandMenus
from bridge.sandbox.telegram.errors import ApiError
from bridge.sandbox.telegram.limits import NO_LIMITS, REAL_LIMITS, Budgets, TelegramLimits
from bridge.sandbox.telegram.methods import ChatMethods
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.server import BotApiServer, Method
from bridge.sandbox.telegram.text import clean, found, piece
from bridge.sandbox.telegram.updates import UpdateQueue


class TelegramSimulator(BotApiServer):
    """One bot and the people who write to it; serve `app` and give the bot its URL.

    In groups the bot sees only what concerns it, unless `privacy` is turned off. `topics` says
    whether private chats can have topics. `limits=None` turns every budget off. `clock` counts
    the seconds of budgets and polls.
    """

    def __init__(
        self,
        *,
        token: str = "100:sandbox-token",  # noqa: S107 - it opens nothing
        username: str = "coze_sandbox_bot",
        limits: TelegramLimits | None = REAL_LIMITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        limits = limits or NO_LIMITS
        changes = Changes()
        bot = User(int(token.partition(":")[0]), "Coze sandbox", bot_name=username)
        self.privacy = True
        self.topics = True
        self._chats = Chats(bot)
        self._updates = UpdateQueue(changes, slowdown=limits.polling, clock=clock)
        super().__init__(token, self._methods_of(Budgets(limits, clock)), changes, clock)

    def _methods_of(self, budgets: Budgets) -> dict[str, Method]:
        chat, menu = ChatMethods(self._chats, budgets), CommandMenus(self._chats)
        return {
            "getMe": self._get_me,
            "getUpdates": self._updates.get_updates,
            "setWebhook": self._updates.set_webhook,
            "deleteWebhook": self._updates.delete_webhook,
            "getWebhookInfo": self._updates.webhook_info,
            "sendMessage": chat.send_message,
            "editMessageText": chat.edit_message_text,
            "editMessageReplyMarkup": chat.edit_message_reply_markup,
            "deleteMessage": chat.delete_message,
            "setMessageReaction": chat.set_message_reaction,
            "sendChatAction": chat.send_chat_action,
            "answerCallbackQuery": chat.answer_callback_query,
            "getChat": chat.get_chat,
            "setMyCommands": menu.set_my_commands,
            "getMyCommands": menu.get_my_commands,
            "deleteMyCommands": menu.delete_my_commands,
        }

    @property
    def polling(self) -> bool:
        """Whether a getUpdates is waiting for updates now."""
        return self._updates.polling

    def say(
        self,
        text: str,
        *,
        chat: int = 501,
        user: int = 501,
        name: str = "Ann",
        language: str = "en",
        thread: int | None = None,
        reply_to: int | None = None,
        title: str | None = None,
        via_edit_of: int | None = None,
    ) -> int:
        """Let a person write, or change what they wrote; returns the update's id.

        The id is 0 if the bot does not get to see it. A negative `chat` is a supergroup; in a
        private chat (`chat` is the person's own id) `user` is ignored. Writing in a blocked chat
        unblocks it.

        Raises:
            ValueError: no client sends such a text.
            LookupError: there is no message to reply to, or none of this person's to edit.
        """
        try:
            text, _ = clean(text, None)
        except ApiError as error:
            raise ValueError(error.description) from error
        sender = self._chats.meet(User(chat if chat > 0 else user, name, language))
        room = self._chats.enter(chat, name if chat > 0 else title or "")
        room.blocked = False
        if via_edit_of is None:
            message = _post(room, sender, text, thread, reply_to)
        else:
            message = _rewrite(room, sender, text, via_edit_of)
        kind = "message" if via_edit_of is None else "edited_message"
        update = self._updates.add(kind, message.wire()) if self._sees(message) else 0
        self.changes.notify()
        return update

    def press(self, message_id: int, label: str, *, chat: int, user: int = 501) -> str:
        """Press the button of a message that is, or contains, `label`; returns the query's id.

        Raises:
            LookupError: there is no such button now.
        """
        room = self._chats.get(chat)
        message = room.messages.get(message_id) if room else None
        if message is None:
            raise LookupError(f"no message {message_id} in chat {chat}")
        query: Json = {
            "id": "",
            "from": self._chats.user(chat if chat > 0 else user).wire(),
            "message": message.wire(),
            "chat_instance": str(chat),
            "data": _data(message.shown, label),
        }
        query["id"] = self._chats.open_query()
        self._updates.add("callback_query", query)
        self.changes.notify()
        return str(query["id"])

    def block(self, chat: int) -> None:
        """Let the person block the bot, or the group remove it, until somebody writes again.

        Raises:
            LookupError: nobody has written in that chat.
        """
        room = self._chats.get(chat)
        if room is None:
            raise LookupError(f"no chat {chat}")
        room.blocked = True
        self.changes.notify()

    def messages(self, chat: int) -> list[Shown]:
        """What the chat shows now, oldest first."""
        room = self._chats.get(chat)
        return [message.shown for message in room.messages.values()] if room else []

    def typing(self, chat: int) -> int:
        """How many times the bot has shown a chat action so far."""
        room = self._chats.get(chat)
        return room.actions if room else 0

    def answered(self) -> set[str]:
        """The ids of the callback queries that the bot has answered."""
        return set(self._chats.answered_queries)

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

    def _sees(self, message: Message) -> bool:
        if message.chat.private or not self.privacy:
            return True
        replied = message.chat.messages.get(message.reply_to or 0)
        return bool(replied and replied.from_bot) or any(
            self._addresses(entity["type"], piece(message.text, entity))
            for entity in message.entities
        )

    def _addresses(self, kind: str, words: str) -> bool:
        _, at, username = words.partition("@")
        mine = username.lower() == self._chats.bot.bot_name.lower()
        return mine or (kind == "bot_command" and not at)


def _post(
    chat: Chat, sender: User, text: str, thread: int | None, reply_to: int | None
) -> Message:
    if reply_to is not None and reply_to not in chat.messages:
        raise LookupError(f"no message {reply_to} in chat {chat.id}")
    if thread is not None:
        chat.threads.add(thread)
    return chat.post(sender, text, found(text), thread=thread, reply_to=reply_to)


def _rewrite(chat: Chat, sender: User, text: str, message_id: int) -> Message:
    message = chat.messages.get(message_id)
    if message is None or message.sender.id != sender.id:
        raise LookupError(f"{sender.name} wrote no message {message_id} in chat {chat.id}")
    message.edit(text, found(text), None)
    return message


def _data(message: Shown, label: str) -> str:
    buttons = {text: data for row in message.buttons for text, data in row if data}
    texts = [text for text in buttons if text == label]
    texts += [text for text in buttons if label in text]
    if not texts:
        raise LookupError(f"message {message.id} has no button {label!r}")
    return buttons[texts[0]]
