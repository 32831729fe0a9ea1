"""A chat platform in memory, and ways to make things go wrong."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from bridge.core.commands import Menu
from bridge.core.errors import Ended, Gone, Rejected, TooLarge
from bridge.core.layout import visible
from bridge.core.model import Address, Button, FileRef, Media, Message, Piece, User
from bridge.core.ports import Accept, Budget, Call, Drafts, Limits, Page, Remark, Streams
from bridge.core.splitting import Size
from tests.flow.clock import now

HERE = Address("telegram", "7", reply_to="70")


def message(id_: str = "1", text: str = "why?", command: str = "", **more: Any) -> Message:
    user = User(more.pop("user", "501"), "Ann", more.pop("language", "en"))
    to = replace(HERE, thread=more.pop("thread", None))
    return Message(id_, to, user, text, command, **more)


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Fate:
    """Counts the calls that leave the process, and ends it before or after one of them."""

    dies_at: int = -1
    after: bool = False  # the call had its effect
    steps: int = 0

    def before(self) -> None:
        if self.dies_at in (-2, self.steps) and not (self.after and self.dies_at != -2):
            self._die()

    def done(self) -> None:
        at, self.steps = self.steps, self.steps + 1
        if self.after and self.dies_at == at:
            self._die()

    def _die(self) -> None:
        self.dies_at = -2  # the dead do nothing more
        raise Crash


@dataclass(frozen=True)
class Fault:
    error: BaseException
    happened: bool = False  # the call had its effect all the same


class Faults:
    """What goes wrong with the next calls of each kind; None is a call that goes well."""

    def __init__(self) -> None:
        self._next: dict[str, deque[Fault | None]] = defaultdict(deque)

    def add(self, kind: str, *errors: BaseException | None, happened: bool = False) -> None:
        self._next[kind] += [Fault(error, happened) if error else None for error in errors]

    def take(self, kind: str) -> Fault | None:
        return self._next[kind].popleft() if self._next[kind] else None


@dataclass(frozen=True)
class Called:
    at: float
    kind: str
    id: str
    piece: Piece | None = None


class FakeChat:
    """`ports.Adapter`: one chat. Complains of what a platform could not put up with."""

    channel = platform = "telegram"
    trouble = ""

    def __init__(
        self,
        *,
        most: int = 100,
        edit_every: float = 1.0,
        slower: float = 0.0,
        drafts: Drafts | None = None,
        streams: Streams | None = None,
        searchable: bool = True,
    ) -> None:
        self.messages: dict[str, Piece] = {}
        self.marks: dict[str, str] = {}
        self.calls: list[Called] = []
        self.replied_to: list[str | None] = []
        self.addressed: list[str] = []  # the chats of all posts and edits
        self.complaints: list[str] = []
        self.confirmed: set[str] = set()  # messages whose look the bridge must know
        self.faults, self.fate = Faults(), Fate()
        self.prices: tuple[Budget, ...] = (Budget("chat", 0.0, 1),)
        self.typed = self.idled = 0
        self.pages: list[tuple[str | None, Page]] = []
        self.titles: list[tuple[str | None, str]] = []
        self.files: dict[str, bytes] = {}  # by id of the message
        self.uploads: dict[str, bytes] = {}  # what users sent, by id of the file
        self.menu = Menu()
        self.http = None
        self.asked: list[Sequence[str]] = []  # questions in a place of their own
        self.has_prompts = False
        self.remarks: list[Remark] = []  # what was said in the thread before
        self.looked_back: list[tuple[str | None, str]] = []
        self.preview: str | None = None
        self.after: tuple[str, ...] = ()
        self.growing: set[str] = set()  # messages that can be added to
        self._unmarked: set[str] = set()  # ... or could be, and were never ended
        self._streams = streams
        self._most, self._searchable = most, searchable
        self._pace = edit_every, 4.0, slower, drafts
        self._posted = 0

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.messages.values())

    def called(self, kind: str) -> list[Called]:
        return [call for call in self.calls if call.kind == kind]

    def limits(self, to: Address) -> Limits:
        return Limits(Size(self._most, len), *self._pace, self.after, self._streams)

    def budgets(self, call: Call, to: Address) -> tuple[Budget, ...]:
        return self.prices

    def commands(self, names: Sequence[str]) -> Mapping[str, str]:
        return {name: f"/{name}" for name in names}

    async def leave(self, to: Address) -> None:
        self._begin("leave", to.chat)

    async def post(
        self, to: Address, piece: Piece, *, mark: str, media: Media | None = None
    ) -> str:
        self.addressed.append(to.chat)
        fault = self._begin("post", f"m{self._posted}", piece)
        if piece.media:
            assert media, "a file without its bytes"
            self.files[f"m{self._posted}"] = _bytes(media)
        self._posted, self.preview = self._posted + 1, None
        id_ = f"m{self._posted - 1}"
        self.messages[id_], self.marks[id_] = piece, mark
        self.replied_to.append(to.reply_to)
        self._end(fault)
        self.confirmed.add(id_)
        return id_

    async def find(self, to: Address, *, mark: str) -> str | None:
        self._end(self._begin("find", mark))
        found = [id_ for id_, its in self.marks.items() if its == mark and id_ in self.messages]
        found += [id_ for id_ in self.messages if id_ in self._unmarked][-1:]
        return found[0] if found and self._searchable else None

    async def edit(self, to: Address, id_: str, piece: Piece) -> None:
        self.addressed.append(to.chat)
        fault = self._begin("edit", id_, piece)
        if id_ not in self.messages:
            raise Gone("message to edit not found")
        self.messages[id_] = piece
        self._ends_growing(id_)
        self._end(fault)
        self.confirmed.add(id_)

    async def draft(self, to: Address, piece: Piece, *, turn: str) -> None:
        fault = self._begin("draft", turn, piece)
        assert not piece.buttons, "a preview has none"
        self.preview = piece.text
        self._end(fault)

    async def begin(self, to: Address, text: str, *, asker: User) -> str:
        id_ = f"m{self._posted}"
        fault = self._begin("begin", id_, Piece(text))
        self._posted += 1
        self.messages[id_] = Piece(text)
        self.growing.add(id_)
        self._unmarked.add(id_)
        self._end(fault)
        return id_

    async def append(self, to: Address, id_: str, text: str) -> None:
        assert text
        self._grow("append", id_, text, ())

    async def end(self, to: Address, id_: str, text: str, buttons: Sequence[Button]) -> None:
        self._grow("end", id_, text, tuple(buttons))

    def _grow(self, kind: str, id_: str, text: str, buttons: tuple[Button, ...]) -> None:
        fault = self.faults.take(kind)
        if fault and isinstance(fault.error, Ended):
            self.growing.discard(id_)
        self.fate.before()
        self.calls.append(Called(now(), kind, id_, Piece(text)))
        if fault and not fault.happened:
            raise fault.error
        if id_ not in self.growing:
            raise Ended("message_not_in_streaming_state")
        whole = self.messages[id_].text + text
        if len(whole) > self._most:
            self.complaints.append(f"{id_} is too long")
        self.messages[id_] = Piece(whole, buttons)
        if kind == "end":
            self._ends_growing(id_)
        self._end(fault)

    def _ends_growing(self, id_: str) -> None:
        self.growing.discard(id_)
        self._unmarked.discard(id_)

    async def delete(self, to: Address, id_: str) -> None:
        fault = self._begin("delete", id_)
        self.messages.pop(id_, None)
        self._ends_growing(id_)
        self._end(fault)

    async def typing(self, to: Address) -> None:
        self.typed += 1
        if fault := self.faults.take("typing"):
            raise fault.error

    async def idle(self, to: Address) -> None:
        self.idled += 1
        if fault := self.faults.take("idle"):
            raise fault.error

    async def entitle(self, to: Address, title: str) -> None:
        if fault := self.faults.take("entitle"):
            raise fault.error
        self.titles.append((to.thread, title))

    async def download(self, file: FileRef, into: BinaryIO, *, most: int) -> None:
        fault = self.faults.take("download")
        if fault:
            raise fault.error
        if file.id not in self.uploads:
            raise Gone("file not found")
        if len(self.uploads[file.id]) > most:
            raise TooLarge(f"more than {most} bytes")
        into.write(self.uploads[file.id])

    async def prompts(self, to: Address, questions: Sequence[str]) -> bool:
        if fault := self.faults.take("prompts"):
            raise fault.error
        if self.has_prompts:
            self.asked.append(questions)
        return self.has_prompts

    async def publish(self, to: Address, page: Page) -> None:
        if fault := self.faults.take("publish"):
            raise fault.error
        self.pages.append((to.only_for, page))

    async def earlier(self, to: Address, *, before: str, most: int) -> Sequence[Remark]:
        self.looked_back.append((to.thread, before))
        if fault := self.faults.take("earlier"):
            raise fault.error
        return self.remarks[:1] + self.remarks[1:][-most:]

    async def show_menu(self, menu: Menu) -> None:
        if fault := self.faults.take("menu"):
            raise fault.error
        self.menu = menu

    async def whoami(self) -> str:
        return "@fake"

    async def aclose(self) -> None: ...

    async def listen(self, accept: Accept) -> None: ...

    def _begin(self, kind: str, id_: str, piece: Piece | None = None) -> Fault | None:
        self.fate.before()
        self.calls.append(Called(now(), kind, id_, piece))
        if kind != "draft" and piece and not piece.media and not 0 < len(piece.text) <= self._most:
            raise Rejected("message is too long, or empty")
        if kind != "draft" and piece and not piece.media and not visible(piece.text):
            raise Rejected("message is too long, or empty")
        if kind == "edit" and id_ in self.confirmed and self.messages.get(id_) == piece:
            self.complaints.append(f"{id_} is drawn as it is")
        self.confirmed.discard(id_)
        fault = self.faults.take(kind)
        if fault and not fault.happened:
            raise fault.error
        return fault

    def _end(self, fault: Fault | None) -> None:
        self.fate.done()
        if fault:
            raise fault.error


def _bytes(media: Media) -> bytes:
    return Path(media.path).read_bytes()
