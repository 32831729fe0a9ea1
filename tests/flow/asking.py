"""One question on its way through the bridge, between a chat and a Coze in memory."""

from bridge.core.errors import BridgeError
from bridge.core.model import Message, Reply
from bridge.core.routing import turn_id
from bridge.core.texts import say
from bridge.flow.asking import Asking, Place
from bridge.flow.bot import Bot
from bridge.flow.operator import Operator
from bridge.flow.preparing import Preparing
from bridge.flow.present import Screen, Stage
from bridge.flow.throttle import Throttle
from bridge.flow.turn import Turn
from tests.flow.fake_coze import FakeCoze, FakeServices
from tests.flow.fake_store import FakeLease, FakeLimiter, FakeMemory, FakeRecords
from tests.flow.fakes import FakeChat, Fate, message

SESSION = "telegram:7::@bot"


class Chat:
    """Everything that outlives a process, and the turn of one process after another."""

    def __init__(self, coze: FakeCoze | None = None, *, timeout: float = 600.0) -> None:
        self.coze, self.chat, self.memory = coze or FakeCoze(), FakeChat(), FakeMemory()
        self.records, self.services = FakeRecords(), FakeServices()
        variables = {"company": "ACME"}
        self.bot = Bot("bot", self.coze, self.services, variables=variables, turn_timeout=timeout)
        self.lease = FakeLease()

    def turn(self, question: Message | None = None) -> Turn:
        """Another message, or a successor's attempt at this one."""
        self.chat.confirmed.clear()
        if question:
            self.lease = FakeLease(question)
        message = self.lease.message
        preparing = Preparing(self.chat, self.services, self.memory, self.records)
        work = Asking(
            self.lease,
            lambda: preparing.prompt(message, SESSION),
            bot=self.bot,
            place=Place(SESSION.partition("@")[0], "user", "telegram", self.memory, self.records),
            operator=Operator(self.records),
        )
        return Turn(
            work,
            Screen(Stage(self.chat, Throttle(FakeLimiter())), self.lease),
            language=message.user.language,
            timeout=self.bot.turn_timeout,
            stopped=self.lease.progress.stop,
        )

    async def ask(self, id_: str = "1", text: str = "why?", language: str = "en") -> Reply:
        return await self.turn(message(id_, text, language=language)).run()

    async def again(self) -> Reply:
        return await self.turn().run()

    def live(self, fate: Fate) -> None:
        """From here on it is this process that does everything."""
        for each in (self.coze, self.chat, self.memory, self.records, self.lease):
            each.fate = fate

    @property
    def said(self) -> str:
        """What stands in the chat."""
        return "\n---\n".join(piece.text for piece in self.chat.messages.values())

    def says(self, text: str, error: type[BridgeError] | str, language: str = "en") -> bool:
        """Whether the chat shows `text`, and below it why there is no more."""
        key = error if isinstance(error, str) else error.say
        trouble = f"⚠️ {say(key, language)} "
        trouble += say("turn", language, turn=turn_id(self.lease.message.id))
        return self.said == "\n\n".join(filter(None, [text, trouble]))
