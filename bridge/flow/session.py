"""Commands that wait for their turn in a conversation, but need no answer of its bot."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bridge.core.inputs import typed
from bridge.core.model import Answer, Button, Media, Message, Reply
from bridge.core.ports import Memory
from bridge.core.texts import say
from bridge.flow.bot import Bot

EXPORT = "export:"  # the address of a conversation as a file

SESSION = frozenset({"new", "bot", "vars", "export"})


@dataclass(frozen=True, slots=True)
class SessionCommands:
    """Obeys the commands of SESSION. Raises like `ports.Services` and `ports.Memory`."""

    memory: Memory
    bots: Mapping[str, Bot]

    async def obey(self, message: Message, session: str, bot: Bot, user: str) -> Reply:
        """Do what a command asks for."""
        match message.command:
            case "new":
                await self.memory.forget(f"{session}@{bot.name}")
                await self.memory.wait_for(session, None)
                return _said(say("new", message.user.language))
            case "bot":
                return await self._bot(message, session, bot)
            case "vars":
                return await self._variables(message, session, bot, user)
            case _:
                return await self._export(message, session, bot)

    async def _bot(self, message: Message, session: str, bot: Bot) -> Reply:
        language, name = message.user.language, message.text.strip()
        if name in self.bots:
            await self.memory.choose(session, name)
            await self.memory.wait_for(session, None)
            return _said(say("bot.chosen", language, name=name))
        text = say("bot.unknown" if name else "bot.list", language, name=name or bot.name)
        choices = tuple(Button(known, f"bot:{known}", wide=True) for known in self.bots)
        return Reply(status="done", answers=(Answer("", text),), choices=choices)

    async def _variables(self, message: Message, session: str, bot: Bot, user: str) -> Reply:
        """Show what the bot remembers of its user, or change it."""
        language = message.user.language
        if bot.user_variables == "off":
            return _said(say("vars.off", language))
        talk = await self.memory.talk(f"{session}@{bot.name}")
        user = talk.user if talk else user  # under which Coze knows this conversation
        known = await bot.services.variables(user)
        wanted = typed(message.text, (), "")
        wanted.pop("", None)
        if not wanted:
            lines = "\n".join(f"- {name} = {value}" for name, value in sorted(known.items()))
            key = "vars.none" if not known else "vars.list"
            return _said(say(key, language, lines=lines))
        if bot.user_variables == "read":
            return _said(say("vars.read_only", language))
        if unknown := next((name for name in wanted if name not in known), ""):
            return _said(say("vars.unknown", language, name=unknown))
        for name, value in wanted.items():
            await bot.services.set_variable(user, name, value)
        return _said(say("vars.set", language, names=", ".join(wanted)))

    async def _export(self, message: Message, session: str, bot: Bot) -> Reply:
        talk = await self.memory.talk(f"{session}@{bot.name}")
        if talk is None:
            return _said(say("export.nothing", message.user.language))
        text = say("export", message.user.language)
        return Reply(status="done", answers=(Answer("", text),), enclosure=EXPORT)

    async def export(self, message: Message, session: str, bot: Bot) -> Media:
        """The conversation so far, as a file of Markdown; the caller has it removed."""
        talk = await self.memory.talk(f"{session}@{bot.name}")
        lines = [f"# {message.chat_title or bot.name}", ""]
        if talk:
            async for line in bot.services.history(talk.conversation):
                when = datetime.fromtimestamp(line.at, UTC).strftime(" · %Y-%m-%d %H:%M UTC")
                who = (message.user.name or "user") if line.role == "user" else bot.name
                lines += [f"## {who}{when if line.at else ''}", "", line.text, ""]
        name = f"{bot.name}-{datetime.now(UTC):%Y-%m-%d-%H%M}.md"
        return _file("\n".join(lines).encode(), name)


def removed(media: Media | None) -> None:
    """Remove a file, if there is one."""
    if media:
        Path(media.path).unlink(missing_ok=True)


def _file(content: bytes, name: str) -> Media:
    with tempfile.NamedTemporaryFile(delete=False, suffix=".md") as made:
        made.write(content)
    return Media(str(Path(made.name)), "file", name, "text/markdown", len(content))


def _said(text: str) -> Reply:
    return Reply(status="done", answers=(Answer("", text),))
