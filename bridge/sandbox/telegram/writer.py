"""How a bot's messages get into chats, and how they change there."""

from collections.abc import Callable

from bridge.sandbox.telegram.chats import Body, Chat, Chats, Message
from bridge.sandbox.telegram.errors import ApiError, bad_request
from bridge.sandbox.telegram.keyboards import Keyboard, parse_keyboard
from bridge.sandbox.telegram.limits import Budgets
from bridge.sandbox.telegram.params import Json, Params

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)

_UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"


class Writer:
    """Finds the chat that a call is about, and writes in it within the budgets.

    As with the real servers, a call that is wrong in itself is refused before it counts against
    a budget; one that would change nothing, or whose file is not what it should be, after.
    """

    def __init__(self, chats: Chats, budgets: Budgets) -> None:
        self._chats = chats
        self._budgets = budgets

    def post(self, params: Params, bodies: list[Callable[[], Body]]) -> list[Message]:
        """Send what the bodies will be, as an album if there are several.

        Raises:
            ApiError: it cannot be sent.
        """
        keyboard = parse_keyboard(params.get("reply_markup"))
        chat = self.writable(params)
        thread = thread_of(chat, params)
        replied = _replied(chat, params)
        self._spend(chat, keyboard, len(bodies))
        ready = [body() for body in bodies]
        album = self._chats.new_album() if len(bodies) > 1 else ""
        return [
            chat.post(
                self._chats.bot,
                body,
                thread=thread or (replied.thread if replied else None),
                reply_to=replied.id if replied else None,
                keyboard=keyboard,
                album=album,
            )
            for body in ready
        ]

    def edit(
        self,
        params: Params,
        new: Callable[[Body], Body],
        allow: Callable[[Message], None] = lambda _: None,
    ) -> Json:
        """Let a message say what `new` makes of what it says, if `allow` lets it.

        Raises:
            ApiError: it cannot be edited so.
        """
        keyboard = parse_keyboard(params.get("reply_markup"))
        if "chat_id" not in params and "message_id" not in params:
            raise bad_request("message identifier is not specified")
        chat = self.writable(params)
        message = message_of(chat, params, "message to edit")
        if not message.from_bot or (message.keyboard and not message.keyboard.rows):
            raise bad_request("message can't be edited")
        allow(message)
        if keyboard and not keyboard.rows:
            raise bad_request("inline keyboard expected")
        self._spend(chat, keyboard)
        body = new(message.body)
        if (body, keyboard) == (message.body, message.keyboard):
            raise bad_request(_NOT_MODIFIED)
        message.edit(body, keyboard)
        return message.wire(with_reply=False)

    def chat(self, params: Params) -> Chat:
        """The chat that is meant.

        Raises:
            ApiError: there is no such chat.
        """
        if params.get("chat_id", "") == "":
            raise bad_request("chat_id is empty")
        chat = self._chats.get(params.integer("chat_id"))
        if chat is None:
            raise bad_request("chat not found")
        if chat.moved_to:
            raise ApiError(400, _UPGRADED, moved_to=chat.moved_to)
        return chat

    def writable(self, params: Params) -> Chat:
        """The chat that is meant, if the bot may write in it.

        Raises:
            ApiError: it may not, or there is no such chat.
        """
        chat = self.chat(params)
        if chat.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if chat.blocked and chat.private:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat.blocked or chat.out == "kicked":
            raise ApiError(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
        if chat.out:
            raise ApiError(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
        return chat

    def _spend(self, chat: Chat, keyboard: Keyboard | None, messages: int = 1) -> None:
        self._budgets.charge(chat.id, messages)
        if keyboard:
            keyboard.check_data()


def thread_of(chat: Chat, params: Params) -> int | None:
    """The topic that is meant.

    Raises:
        ApiError: there is no such topic.
    """
    thread = params.integer("message_thread_id")
    if not thread:
        return None
    if thread not in chat.threads:
        raise bad_request("message thread not found")
    return thread


def message_of(chat: Chat, params: Params, what: str) -> Message:
    """The message that is meant; `what` names it in the refusal.

    Raises:
        ApiError: there is no such message.
    """
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request(f"{what} not found")
    return message


def refuse_parse_mode(mode: object) -> None:
    """Refuse a text that is still to be parsed.

    Raises:
        ApiError: it is.
    """
    if mode and str(mode).lower() != "none":
        raise bad_request("parse_mode is not simulated")


def _replied(chat: Chat, params: Params) -> Message | None:
    reply = params.get("reply_parameters")
    if isinstance(reply, str) and reply:
        raise bad_request("can't parse reply parameters JSON object")
    if not reply:
        reply = {
            "message_id": params.integer("reply_to_message_id"),
            "allow_sending_without_reply": params.get("allow_sending_without_reply"),
        }
    elif not isinstance(reply, dict):
        raise bad_request("object expected as reply parameters")
    elif "message_id" not in reply:
        raise bad_request('can\'t find field "message_id"')
    elif not isinstance(reply["message_id"], int):
        raise bad_request('field "message_id" must be of type Number')
    if not reply["message_id"]:
        return None
    message = chat.messages.get(reply["message_id"])
    if message is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message
