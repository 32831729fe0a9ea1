"""The methods of the Bot API that read and write chats."""

from bridge.sandbox.telegram.chats import Chat, Chats, Message
from bridge.sandbox.telegram.errors import ApiError, bad_request
from bridge.sandbox.telegram.keyboards import Keyboard, parse_keyboard
from bridge.sandbox.telegram.limits import Budgets
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.text import clean
from bridge.sandbox.telegram.vocabulary import CHAT_ACTIONS, GIFT_KINDS, REACTIONS

_GENERAL_TOPIC = 1
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the"
    " same as a current content and reply markup of the message"
)
_STALE_QUERY = "query is too old and response timeout expired or query ID is invalid"


class ChatMethods:
    """Carries out the calls of one bot.

    Each method takes the call's parameters, returns the API's result and raises `ApiError` for
    a refusal. As with the real servers, a call that is wrong in itself is refused before it
    counts against a budget, one that would change nothing after.
    """

    def __init__(self, chats: Chats, budgets: Budgets) -> None:
        self._chats = chats
        self._budgets = budgets

    def send_message(self, params: Params) -> Json:
        """The method sendMessage."""
        text, entities = _content(params)
        keyboard = parse_keyboard(params.get("reply_markup"))
        chat = self._writable(params)
        thread = _thread(chat, params)
        replied = _replied(chat, params)
        self._spend(chat, keyboard)
        message = chat.post(
            self._chats.bot,
            text,
            entities,
            thread=thread or (replied.thread if replied else None),
            reply_to=replied.id if replied else None,
            keyboard=keyboard,
        )
        return message.wire()

    def edit_message_text(self, params: Params) -> Json:
        """The method editMessageText."""
        text, entities = _content(params)
        return self._edit(params, text, entities)

    def edit_message_reply_markup(self, params: Params) -> Json:
        """The method editMessageReplyMarkup."""
        return self._edit(params)

    def _edit(
        self, params: Params, text: str | None = None, entities: list[Json] | None = None
    ) -> Json:
        keyboard = parse_keyboard(params.get("reply_markup"))
        if "chat_id" not in params and "message_id" not in params:
            raise bad_request("message identifier is not specified")
        chat = self._writable(params)
        message = _message(chat, params, "message to edit")
        if not message.from_bot or (message.keyboard and not message.keyboard.rows):
            raise bad_request("message can't be edited")
        if keyboard and not keyboard.rows:
            raise bad_request("inline keyboard expected")
        if text is None:
            text, entities = message.text, message.entities
        self._spend(chat, keyboard)
        now = (message.text, message.entities, message.keyboard)
        if now == (text, entities, keyboard):
            raise bad_request(_NOT_MODIFIED)
        message.edit(text, entities or [], keyboard)
        return message.wire(with_reply=False)

    def delete_message(self, params: Params) -> bool:
        """The method deleteMessage."""
        if "chat_id" not in params:
            raise bad_request("chat identifier is not specified")
        if not params.integer("message_id"):
            raise bad_request("message identifier is not specified")
        chat = self._chat(params)
        message = _message(chat, params, "message to delete")
        if not message.from_bot and not chat.private:
            raise bad_request("message can't be deleted")  # the bot is no administrator
        del chat.messages[message.id]
        return True

    def set_message_reaction(self, params: Params) -> bool:
        """The method setMessageReaction."""
        reactions = _reactions(params.get("reaction"))
        message = _message(self._chat(params), params, "message to react")
        if len(reactions) > 1:
            raise bad_request("REACTIONS_TOO_MANY")
        if not REACTIONS.issuperset(emoji.replace("\ufe0f", "") for emoji in reactions):
            raise bad_request("REACTION_INVALID")
        message.react("".join(reactions))
        return True

    def send_chat_action(self, params: Params) -> bool:
        """The method sendChatAction."""
        if params.text("action").lower() not in CHAT_ACTIONS:
            raise bad_request("wrong parameter action in request")
        chat = self._writable(params)
        if params.integer("message_thread_id") != _GENERAL_TOPIC:
            _thread(chat, params)
        chat.actions += 1
        return True

    def answer_callback_query(self, params: Params) -> bool:
        """The method answerCallbackQuery."""
        query = params.text("callback_query_id")
        if len(params.text("text")) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        if query not in self._chats.open_queries:
            raise bad_request(_STALE_QUERY)
        self._chats.open_queries.remove(query)
        self._chats.answered_queries.add(query)
        return True

    def get_chat(self, params: Params) -> Json:
        """The method getChat."""
        chat = self._chat(params)
        gifts = dict.fromkeys(GIFT_KINDS, chat.private)
        full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
        return chat.wire() | full

    def _chat(self, params: Params) -> Chat:
        if params.get("chat_id", "") == "":
            raise bad_request("chat_id is empty")
        chat = self._chats.get(params.integer("chat_id"))
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def _writable(self, params: Params) -> Chat:
        chat = self._chat(params)
        if chat.blocked and chat.private:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was kicked from the supergroup chat")
        return chat

    def _spend(self, chat: Chat, keyboard: Keyboard | None) -> None:
        self._budgets.charge(chat.id)
        if keyboard:
            keyboard.check_data()


def _content(params: Params) -> tuple[str, list[Json]]:
    if params.text("parse_mode").lower() not in {"", "none"}:
        raise bad_request("parse_mode is not simulated")
    return clean(params.text("text"), params.get("entities"))


def _thread(chat: Chat, params: Params) -> int | None:
    thread = params.integer("message_thread_id")
    if not thread:
        return None
    if thread not in chat.threads:
        raise bad_request("message thread not found")
    return thread


def _message(chat: Chat, params: Params, what: str) -> Message:
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request(f"{what} not found")
    return message


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


def _reactions(given: object) -> list[str]:
    if given in (None, ""):
        return []
    if isinstance(given, str):
        raise bad_request("can't parse reaction types JSON object")
    if not isinstance(given, list):
        raise bad_request("expected an Array of ReactionType")
    for reaction in given:
        if not isinstance(reaction, dict) or reaction.get("type") not in {"emoji", "custom_emoji"}:
            raise bad_request("can't parse ReactionType: invalid reaction type specified")
    # A custom emoji is only for those whom the chat already shows it.
    return [str(reaction.get("emoji", "")) for reaction in given]
