"""Where the prompts of a chat are made, of what its users send."""

import pytest

from bridge.core.errors import NothingToAsk
from bridge.core.model import FileRef, Message, Prompt, ReplyEvent
from bridge.core.ports import Shortcut
from bridge.core.texts import say
from bridge.flow.preparing import Preparing
from tests.flow.fake_coze import FakeServices
from tests.flow.fake_store import FakeMemory, FakeRecords
from tests.flow.fakes import FakeChat, message

TALK = "telegram:7::@bot"
CAT = FileRef("cat", "image", "cat.png")
REPORT = FileRef("report", "file", "report.pdf")
VOICE = FileRef("voice", "voice", "voice.ogg")


class Kitchen:
    """Where prompts are made."""

    def __init__(self) -> None:
        self.chat, self.services = FakeChat(), FakeServices()
        self.memory, self.records = FakeMemory(), FakeRecords()
        self.chat.uploads = {"cat": b"png", "report": b"pdf", "voice": b"ogg"}
        self.preparing = Preparing(self.chat, self.services, self.memory, self.records)

    async def make(
        self, given: Message, shortcut: Shortcut | None = None
    ) -> tuple[list[ReplyEvent], Prompt]:
        events, prompt = await self.preparing.prompt(given, TALK, shortcut=shortcut)
        return list(events), prompt

    async def says(self, given: Message) -> str:
        """Why there is nothing to ask."""
        with pytest.raises(NothingToAsk) as nothing:
            await self.make(given)
        return say(nothing.value.say, given.user.language, **nothing.value.values)


def sent(*files: FileRef, text: str = "", **more: str) -> Message:
    return message("1", text, files=files, **more)
