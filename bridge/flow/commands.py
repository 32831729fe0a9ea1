"""What the bridge answers by itself, without Coze."""

from bridge.core.model import Answer, Message, Reply
from bridge.core.ports import ALL, Adapter, Inbox
from bridge.core.texts import say

CONTROLS = frozenset({"start", "stop", "help", "full", "unsupported"})
"""Commands that overtake: they do not queue behind the answer that they may be about."""


def spoken(text: str) -> Reply:
    """A reply that says just this."""
    return Reply(status="done", answers=(Answer("", text),))


async def control(message: Message, lane: str, *, adapter: Adapter, turns: Inbox) -> Reply | None:
    """Obey a command of CONTROLS; the reply is None where the effect is to be seen anyway."""
    language = message.user.language
    match message.command:
        case "stop":
            return await _stop(message, lane, turns)
        case "start":
            return spoken(say("start", language) + "\n\n" + _help(message, adapter))
        case "help":
            return spoken(_help(message, adapter))
        case _:
            return spoken(say(message.command, language))


async def _stop(message: Message, lane: str, turns: Inbox) -> Reply | None:
    language, turn = message.user.language, message.text
    count = await turns.stop(lane, turn or ALL)
    if count == 0:
        return spoken(say("stop.late" if turn else "stop.nothing", language))
    return spoken(say("stop.dropped", language, count=count - 1)) if count > 1 else None


def _help(message: Message, adapter: Adapter) -> str:
    language, typed = message.user.language, adapter.commands(("new", "stop", "retry", "help"))
    text = say("help", language, **typed)
    if adapter.platform == "slack":
        return text + "\n\n" + say("help.slack", language)
    return text if message.private else text + "\n\n" + say("help.group", language)
