"""Commands that overtake: they do not queue behind the answer that they may be about."""

from dataclasses import dataclass

from bridge.core.commands import THREADED, Menu
from bridge.core.model import Answer, Message, Reply
from bridge.core.ports import ALL, HEAD, Adapter, Inbox, Memory, Records
from bridge.core.routing import coze_user, person
from bridge.core.texts import say
from bridge.flow.allowance import Allowance
from bridge.flow.bot import Bot
from bridge.flow.feedback import rate
from bridge.flow.greeting import greeting
from bridge.flow.home import welcome

CONTROLS = frozenset(
    {
        *("start", "stop", "help", "usage", "mute", "unmute", "halt", "home"),
        *("up", "down", "why", "full", "unsupported"),
    }
)

_OURS = Menu()


def spoken(text: str) -> Reply:
    """A reply that says just this."""
    return Reply(status="done", answers=(Answer("", text),))


@dataclass(frozen=True, slots=True)
class Controls:
    """Obeys the commands of CONTROLS in one channel."""

    adapter: Adapter
    turns: Inbox
    memory: Memory
    records: Records
    allowance: Allowance
    menu: Menu = _OURS

    async def obey(self, message: Message, lane: str, bot: Bot) -> Reply | None:
        """Do it; the reply is None where the effect is to be seen anyway."""
        language = message.user.language
        match message.command:
            case "stop" | "halt":
                return await self._stop(message, lane)
            case "start":
                hello = await greeting(message, bot, self.adapter, self.records)
                return hello or spoken(f"{say('start', language)}\n\n{self._help(message)}")
            case "help" | "usage":
                usage = message.command == "usage"
                return spoken(await self._usage(message) if usage else self._help(message))
            case "home":
                about = (self._help(message), await self._usage(message))
                await welcome(message, bot, self.adapter, self.records, about)
                return None
            case "up" | "down" | "why":
                return await rate(message, bot, self.records)
            case _:
                return spoken(say(await self._mute(message), language))

    async def _stop(self, message: Message, lane: str) -> Reply | None:
        language, turn = message.user.language, message.text
        if message.command == "halt":  # the platform's own button: all is told by the answer
            await self.turns.stop(lane, HEAD)
            return None
        count = await self.turns.stop(lane, turn or ALL)
        if not turn and await self.memory.waiting(lane):
            await self.memory.wait_for(lane, None)
            return spoken(say("stop.waiting", language))
        if count == 0 and turn and not language:
            return None  # a preview was stopped whose message is there by now
        if count == 0:
            return spoken(say("stop.late" if turn else "stop.nothing", language))
        return spoken(say("stop.dropped", language, count=count - 1)) if count > 1 else None

    async def _usage(self, message: Message) -> str:
        user = coze_user(self.adapter.platform, person(message))
        return await self.allowance.told(user, message.user.language)

    async def _mute(self, message: Message) -> str:
        """Be quiet in this thread, or no longer; returns the sentence that answers a command."""
        to, command = message.address, message.command
        if command not in THREADED:
            return command
        if message.private or to.thread is None:
            return "mute.nowhere"
        await self.memory.mute(to, on=command == "mute")
        return command

    def _help(self, message: Message) -> str:
        """How to talk to the bot here, and the commands that make sense here."""
        language = message.user.language
        slack = self.adapter.platform == "slack"
        menu = self.menu.threaded() if slack else self.menu
        does = dict(menu.entries(language, private=message.private or slack))
        typed = self.adapter.commands([*does])
        lines = "\n".join(f"{typed[name]} – {does[name]}" for name in does if name != "start")
        where = "help.slack" if slack else "" if message.private else "help.group"
        parts = (say("help", language), lines, where and say(where, language))
        return "\n\n".join(filter(None, parts))
