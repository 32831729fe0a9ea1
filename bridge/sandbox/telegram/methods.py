"""The methods of the Bot API that write texts, and what else a bot does in chats."""

from bridge.sandbox.telegram.chats import Body, Chats, Message, Toast
from bridge.sandbox.telegram.errors import bad_request
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.text import clean
from bridge.sandbox.telegram.vocabulary import CHAT_ACTIONS, GIFT_KINDS, REACTIONS
from bridge.sandbox.telegram.writer import Writer, message_of, refuse_parse_mode, thread_of

_GENERAL_TOPIC = 1
_STALE_QUERY = "query is too old and response timeout expired or query ID is invalid"


class ChatMethods:
    """Carries out the calls of one bot.

    Each method takes the call's parameters, returns the API's result and raises `ApiError` for
    a refusal.
    """

    def __init__(self, chats: Chats, writer: Writer) -> None:
        self._chats = chats
        self._writer = writer

    def send_message(self, params: Params) -> Json:
        """The method sendMessage."""
        body = _body(params)
        return self._writer.post(params, [lambda: body])[0].wire()

    def edit_message_text(self, params: Params) -> Json:
        """The method editMessageText."""
        body = _body(params)
        return self._writer.edit(params, lambda _: body, _check_text)

    def edit_message_reply_markup(self, params: Params) -> Json:
        """The method editMessageReplyMarkup."""
        return self._writer.edit(params, lambda body: body)

    def delete_message(self, params: Params) -> bool:
        """The method deleteMessage."""
        if "chat_id" not in params:
            raise bad_request("chat identifier is not specified")
        if not params.integer("message_id"):
            raise bad_request("message identifier is not specified")
        chat = self._writer.chat(params)
        message = message_of(chat, params, "message to delete")
        if not (message.from_bot or chat.private or self._chats.bot.id in chat.admins):
            raise bad_request("message can't be deleted")
        del chat.messages[message.id]
        return True

    def set_message_reaction(self, params: Params) -> bool:
        """The method setMessageReaction."""
        reactions = _reactions(params.get("reaction"))
        message = message_of(self._writer.chat(params), params, "message to react")
        if len(reactions) > 1:
            raise bad_request("REACTIONS_TOO_MANY")
        if not REACTIONS.issuperset(emoji.replace("\ufe0f", "") for emoji in reactions):
            raise bad_request("REACTION_INVALID")
        message.react("".join(reactions))
        return True

    def send_chat_action(self, params: Params) -> bool:
        """The method sendChatAction."""
        action = params.text("action").lower()
        if action not in CHAT_ACTIONS:
            raise bad_request("wrong parameter action in request")
        chat = self._writer.writable(params)
        if params.integer("message_thread_id") != _GENERAL_TOPIC:
            thread_of(chat, params)
        chat.actions.append(action)
        return True

    def answer_callback_query(self, params: Params) -> bool:
        """The method answerCallbackQuery."""
        query, text = params.text("callback_query_id"), params.text("text")
        if len(text) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        if query not in self._chats.open_queries:
            raise bad_request(_STALE_QUERY)
        self._chats.open_queries.remove(query)
        self._chats.answered_queries.add(query)
        if text:
            self._chats.toasts.append(Toast(query, text, alert=bool(params.get("show_alert"))))
        return True

    def get_chat(self, params: Params) -> Json:
        """The method getChat."""
        chat = self._writer.chat(params)
        gifts = dict.fromkeys(GIFT_KINDS, chat.private)
        full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
        return chat.wire() | full


def _body(params: Params) -> Body:
    refuse_parse_mode(params.get("parse_mode"))
    return Body(*clean(params.text("text"), params.get("entities")))


def _check_text(message: Message) -> None:
    if message.body.media:
        raise bad_request("there is no text in the message to edit")


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
