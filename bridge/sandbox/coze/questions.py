"""What the bot is asked: the messages of a chat's body, read in their conversation."""

from collections.abc import Iterator

import msgspec

from bridge.sandbox.coze import objects
from bridge.sandbox.coze.bodies import ChatBody, EnterMessage, ShortcutCommand
from bridge.sandbox.coze.bots import Bot
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.memory import Conversation, Message
from bridge.sandbox.coze.objects import Item, Uploads, text_of, words_of
from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.script import Attached, Command, Question


class Reader:
    """Reads bodies in one dialect, for a bot with its shortcuts, from one that has `uploads`."""

    def __init__(self, dialect: Cloud, bot: Bot, uploads: Uploads) -> None:
        self._dialect = dialect
        self._bot = bot
        self._uploads = uploads

    def entered(self, body: ChatBody) -> list[EnterMessage]:
        """The messages that the body brings, with the one that its shortcut makes.

        Raises:
            Refused: the shortcut is unknown, or its parameters are.
        """
        messages: list[EnterMessage] = self._dialect.enters(body.additional_messages or [])
        if body.shortcut_command and self._dialect.shortcuts_ask:
            return [*messages, self._made(body.shortcut_command)]
        return messages

    def question(
        self, body: ChatBody, messages: list[EnterMessage], conversation: Conversation
    ) -> Question:
        """The turn as the bot sees it.

        Raises:
            Refused: a file is unknown.
        """
        user_id = body.user_id if self._dialect.users_are_isolated else None
        context = conversation.context(user_id)
        known: list[Message | EnterMessage] = [*context, *messages]
        said = [(each.role, text_of(each.content, each.content_type)) for each in known]
        return Question(
            text=_text(messages) or (said[-1][1] if said else ""),
            user_id=body.user_id,
            conversation_id=conversation.id,
            history=tuple(said[:-1]),
            custom_variables=body.custom_variables or {},
            turn=len({message.chat_id for message in context if message.chat_id}) + 1,
            files=tuple(self._files(messages)),
            command=_command(body.shortcut_command) if body.shortcut_command else None,
        )

    def _files(self, messages: list[EnterMessage]) -> Iterator[Attached]:
        for message in messages:
            if message.content_type == "object_string":
                yield from objects.attached(message.content, self._uploads)

    def _made(self, command: ShortcutCommand) -> EnterMessage:
        """The question of a shortcut: its template, filled in, and the files it was given."""
        found = [each for each in self._bot.shortcuts if each.id == command.command_id]
        if not found:
            raise Refused(Why.PARAMETER)
        text, files = found[0].query_template, list[Item]()
        for name, content in (command.parameters or {}).items():
            items = objects.read(content)
            text = text.replace(f"{{{{{name}}}}}", words_of(content, "object_string"))
            files += [item for item in items if item.type != "text"]
        if not files:
            return EnterMessage("user", text, "text", "question")
        content = msgspec.json.encode([Item("text", text), *files]).decode()
        return EnterMessage("user", content, "object_string", "question")


def _command(command: ShortcutCommand) -> Command:
    parameters = command.parameters or {}
    typed = {name: words_of(each, "object_string") for name, each in parameters.items()}
    return Command(command.command_id, typed)


def _text(messages: list[EnterMessage]) -> str:
    """That of the last message; where there are only files, of the one before."""
    spoken = (words_of(each.content, each.content_type) for each in messages[:-3:-1])
    return next(filter(None, spoken), "")
