"""From what a user sent to what Coze is asked: words, files, a recording, a pressed button."""

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TypeVar, cast

from bridge.core.errors import BridgeError, Gone, NothingToAsk, RateLimited, Retryable
from bridge.core.inputs import typed
from bridge.core.model import FileRef, Heard, Message, Noted, Prompt, ReplyEvent, Upload
from bridge.core.parts import given, quoted
from bridge.core.ports import Adapter, Memory, Parameter, Records, Services, Shortcut
from bridge.core.texts import say

log = logging.getLogger(__name__)
T = TypeVar("T")

IN_MEMORY = 1 << 20  # bytes of a file that are kept in memory; the rest is on disk
LARGEST = 512 << 20  # bytes, https://www.coze.cn/open/docs/developer_guides/upload_files
LONGEST_RECORDING = (
    10 << 20
)  # bytes, https://www.coze.cn/open/docs/developer_guides/audio_transcriptions
AT_ONCE = 3  # files of one message that are on their way
TRIES, PAUSE = 3, 1.0  # of one file; seconds between two
LONGEST_PAUSE = 30.0  # seconds; the far side may ask for any


@dataclass(frozen=True, slots=True)
class Preparing:
    """Makes prompts of the messages to one bot. Raises like `ports.Services`."""

    adapter: Adapter
    services: Services
    memory: Memory
    records: Records

    async def prompt(
        self, message: Message, talk: str, *, shortcut: Shortcut | None = None
    ) -> tuple[Sequence[ReplyEvent], Prompt]:
        """What a message asks, and what to tell its user first. `talk`: whose last prompt it is.

        Raises:
            NothingToAsk: nothing.
        """
        match message.command:
            case "retry":
                return (), await self._again(talk)
            case "ask":
                asked = await self._suggestion(message.text)
                return (Heard(asked),), Prompt(asked)
            case "about":  # of the question nothing is to be seen, of what it is about all
                events, prompt = await self._written(message, quoted(message), None)
                return (Heard(message.text), *events), prompt
            case "answer":  # to a question that nobody waits for any more
                raise NothingToAsk("ask.late")
            case _:
                said = await self._said(message, talk)
                return await self._written(message, said, shortcut)

    async def _said(self, message: Message, talk: str) -> str:
        """The words of a message, below what it answers unless that was said to it just now."""
        quote = message.quote
        if message.command or quote is None:
            return given(message)
        if quote.of and message.text and not quote.exact:
            turn = await self.records.behind(message.address, quote.of)
            if turn and turn == await self.records.last(talk):
                return message.text
        return quoted(message)

    async def _again(self, talk: str) -> Prompt:
        prompt = await self.memory.prompt(talk)
        if prompt is None:
            raise NothingToAsk("retry.nothing")
        return prompt

    async def _suggestion(self, which: str) -> str:
        """The question behind a button, "turn:number"."""
        turn, _, number = which.partition(":")
        record = await self.records.record(turn)
        if record is None or not number.isdigit() or int(number) >= len(record.suggestions):
            raise NothingToAsk("ask.late")
        return record.suggestions[int(number)]

    async def _written(
        self, message: Message, said: str, shortcut: Shortcut | None
    ) -> tuple[Sequence[ReplyEvent], Prompt]:
        """Words, with files; what went wrong with a file is told, and the rest goes through."""
        language = message.user.language
        results = await self._all(message.files)
        events: list[ReplyEvent] = []
        uploads, words = [], [said] if said else []
        for file, result in zip(message.files, results, strict=True):
            match result:
                case Upload():
                    uploads.append(result)
                case str():
                    words.append(result)
                    events.append(Heard(result, spoken=True))
                case BridgeError() if len(message.files) == 1 and not said:
                    raise NothingToAsk(_trouble(result), name=file.name)
                case BridgeError():
                    events.append(Noted(say(_trouble(result), language, name=file.name)))
        if not (words or uploads or shortcut):
            raise NothingToAsk("file.none" if message.files else "ask.empty")
        text = "\n".join(words)
        if shortcut is None:
            return events, Prompt(text, tuple(uploads))
        inputs = _inputs(text, shortcut)
        return events, Prompt(text or f"/{shortcut.name}", tuple(uploads), shortcut.id, inputs)

    async def _all(self, files: Sequence[FileRef]) -> Sequence[Upload | str | BridgeError]:
        """Each file at Coze, or its words, or why not."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(file: FileRef) -> Upload | str | BridgeError:
            async with room:
                try:
                    return await self._taken(file)
                except BridgeError as error:
                    log.warning(
                        "a file is left out", extra={"kind": file.kind, "error": str(error)}
                    )
                    return error

        return await asyncio.gather(*map(one, files))

    async def _taken(self, file: FileRef) -> Upload | str:
        """Fetch a file from the platform and pass it on; it never is in memory as a whole."""
        voice = file.kind == "voice"
        with _scratch() as copy:
            most = LONGEST_RECORDING if voice else LARGEST
            await _patiently(lambda: self._download(file, copy, most))
            if not voice:
                return await _patiently(lambda: self.services.upload(copy, file.name, file.kind))
            words = await _patiently(lambda: self.services.transcribe(copy, file.name))
        if not words.strip():
            raise NothingToAsk("voice.silent")
        return words.strip()

    async def _download(self, file: FileRef, copy: BinaryIO, most: int) -> None:
        copy.seek(0)
        copy.truncate()
        await self.adapter.download(file, copy, most=most)

    async def upload(self, file: FileRef) -> Upload:
        """A file at Coze, e.g. for an input of a workflow.

        Raises:
            NothingToAsk: it cannot be taken.
        """
        try:
            taken = await self._taken(file)
        except BridgeError as error:
            if error.alert:
                raise
            raise NothingToAsk(_trouble(error), name=file.name) from error
        if isinstance(taken, Upload):
            return taken
        raise NothingToAsk("file.type", name=file.name)


def _trouble(error: BridgeError) -> str:
    """Which sentence says why a file is left out."""
    if isinstance(error, Retryable):
        return "file.unavailable"
    return "file.gone" if isinstance(error, Gone) else error.say


def _inputs(text: str, shortcut: Shortcut) -> tuple[tuple[str, str], ...]:
    """What was typed behind a shortcut, by the names of its inputs."""
    if not (shortcut.inputs and text):
        return ()
    known = [Parameter(name) for name in shortcut.inputs]
    return tuple(typed(text, known, shortcut.inputs[0]).items())


@contextmanager
def _scratch() -> Iterator[BinaryIO]:
    """A file that is gone afterwards."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
        yield cast(BinaryIO, copy)


async def _patiently(step: Callable[[], Awaitable[T]]) -> T:
    """Do what may be done again, a few times."""
    for _ in range(TRIES - 1):
        try:
            return await step()
        except RateLimited as limit:
            await asyncio.sleep(min(max(limit.retry_after, PAUSE), LONGEST_PAUSE))
        except Retryable:
            await asyncio.sleep(PAUSE)
    return await step()
