"""One question on its way through the bridge, between a chat and a Coze in memory."""

from bridge.core.errors import BridgeError
from bridge.core.model import Message, Reply
from bridge.core.texts import say
from bridge.flow.present import Screen, Stage
from bridge.flow.throttle import Throttle
from bridge.flow.turn import Bot, Turn
from tests.flow.fake_coze import FakeCoze
from tests.flow.fake_store import FakeLease, FakeLimiter, FakeMemory
from tests.flow.fakes import FakeChat, Fate, message

SESSION = "telegram:7::@bot"


class Asking:
    """Everything that outlives a process, and the turn of one process after another."""

    def __init__(self, coze: FakeCoze | None = None, *, timeout: float = 600.0) -> None:
        self.coze, self.chat, self.memory = coze or FakeCoze(), FakeChat(), FakeMemory()
        self.bot = Bot("bot", self.coze, {"company": "ACME"}, timeout)
        self.lease = FakeLease()

    def turn(self, question: Message | None = None) -> Turn:
        """Another message, or a successor's attempt at this one."""
        self.chat.confirmed.clear()
        if question:
            self.lease = FakeLease(question)
        stage = Stage(self.chat, Throttle(FakeLimiter()))
        return Turn(
            self.lease,
            self.lease.message.text,
            session=SESSION,
            user="user",
            bot=self.bot,
            screen=Screen(stage, self.lease),
            memory=self.memory,
        )

    async def ask(self, id_: str = "1", text: str = "why?", language: str = "en") -> Reply:
        return await self.turn(message(id_, text, language=language)).run()

    async def again(self) -> Reply:
        return await self.turn().run()

    def live(self, fate: Fate) -> None:
        """From here on it is this process that does everything."""
        for each in (self.coze, self.chat, self.memory, self.lease):
            each.fate = fate

    @property
    def said(self) -> str:
        """What stands in the chat."""
        return "\n---\n".join(piece.text for piece in self.chat.messages.values())

    def says(self, text: str, error: type[BridgeError] | str, language: str = "en") -> bool:
        """Whether the chat shows `text`, and below it why there is no more."""
        key = error if isinstance(error, str) else error.say
        return self.said == "\n\n".join(filter(None, [text, "⚠️ " + say(key, language)]))
