import pytest

from bridge.core.commands import COMMANDS, OPTIONAL, Entry, Menu, pressed
from bridge.core.model import Address, Message, User
from bridge.core.ports import Waiting
from bridge.core.texts import say
from bridge.flow.allowance import Allowance
from bridge.flow.bot import Bot
from bridge.flow.commands import CONTROLS, Controls, spoken
from tests.flow.fake_coze import FakeCoze, FakeServices
from tests.flow.fake_inbox import FakeInbox
from tests.flow.fake_store import FakeLimiter, FakeMemory, FakeRecords
from tests.flow.fakes import FakeChat, message

LANE = "lane"


def asked(command: str, text: str = "", *, language: str = "en", private: bool = True) -> Message:
    user = User("501", language=language)
    return Message("9", Address("telegram", "7"), user, text, command, private=private)


class Counter:
    """Where commands are obeyed; `waiting` are the ids in the lane."""

    def __init__(self, *, waiting: str = "", platform: str = "telegram") -> None:
        self.turns, self.chat, self.memory = FakeInbox(), FakeChat(), FakeMemory()
        self.records = FakeRecords()
        self.chat.platform = platform
        self.turns.jobs[LANE] = [message(id_) for id_ in waiting]
        self.bot = Bot("bot", FakeCoze(), FakeServices())
        allowance = Allowance(FakeLimiter(), self.records, 0, 0)
        self.allowance, self.menu = allowance, Menu()

    async def answer(self, given: Message) -> str | None:
        """What the bridge says to a command."""
        its = (self.chat, self.turns, self.memory, self.records, self.allowance, self.menu)
        reply = await Controls(*its).obey(given, LANE, self.bot)
        assert reply is None or reply.status == "done"
        return reply.text if reply else None


async def answer(given: Message, *, waiting: str = "", platform: str = "telegram") -> str | None:
    return await Counter(waiting=waiting, platform=platform).answer(given)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
async def test_help_names_each_command_as_it_is_typed(language: str):
    text = await answer(asked("help", language=language))
    assert text
    typed = ("new", "stop", "retry", "usage", "export", "help")
    assert all(f"/{name} – " in text for name in typed)
    assert "{" not in text


async def test_help_tells_of_workflows_and_shortcuts_too():
    counter = Counter()
    counter.menu = Menu((*COMMANDS, "bot"), (Entry("summary", "Sum it up"), Entry("poem", "")))
    text = await counter.answer(asked("help")) or ""
    assert text.splitlines()[-3:] == [
        f"/bot – {say('command.bot', 'en')}",
        "/summary – Sum it up",
        "/poem – poem",
    ]


async def test_help_in_a_group_tells_of_what_makes_sense_there():
    text = await answer(asked("help", private=False)) or ""
    told = [line.partition(" ")[0] for line in text.splitlines() if " – " in line]
    assert told == ["/new", "/stop", "/retry", "/help"]
    slack = await answer(asked("help", private=False), platform="slack") or ""
    assert "/export – " in slack  # which the person alone sees


async def test_help_says_how_to_talk_to_the_bot_here():
    group = say("help.group", "en")
    slack = say("help.slack", "en")
    alone = await answer(asked("help")) or ""
    assert group not in alone
    assert slack not in alone
    assert group in (await answer(asked("help", private=False)) or "")
    assert slack in (await answer(asked("help", private=False), platform="slack") or "")


async def test_who_starts_is_greeted_and_helped():
    assert await answer(asked("start")) == f"{say('start', 'en')}\n\n{await answer(asked('help'))}"


@pytest.mark.parametrize("command", ["full", "unsupported"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_some_sentences_are_just_said(command: str, language: str):
    assert await answer(asked(command, language=language)) == say(command, language)


async def test_a_stop_that_is_to_be_seen_needs_no_words():
    assert await answer(asked("stop"), waiting="1") is None
    assert await answer(asked("stop", "1"), waiting="1") is None


async def test_a_stop_tells_how_many_waiting_messages_it_dropped():
    assert await answer(asked("stop"), waiting="123") == say("stop.dropped", "en", count=2)


async def test_a_stop_with_nothing_to_stop_says_so():
    assert await answer(asked("stop")) == say("stop.nothing", "en")


async def test_a_button_of_an_answer_that_has_ended_says_so():
    assert await answer(asked("stop", "1"), waiting="2") == say("stop.late", "en")


@pytest.mark.parametrize(("text", "which"), [("", "*"), ("2", "2")])
async def test_a_command_stops_all_and_a_button_its_own_answer(text: str, which: str):
    counter = Counter()
    await counter.answer(asked("stop", text))
    assert counter.turns.stopped == [(LANE, which)]


async def test_a_stop_ends_the_waiting_of_a_workflow():
    counter = Counter()
    counter.memory.waits[LANE] = Waiting("summary")
    assert await counter.answer(asked("stop")) == say("stop.waiting", "en")
    assert counter.memory.waits == {}


async def test_a_stop_ends_the_answer_and_the_waiting():
    counter = Counter(waiting="1")
    counter.memory.waits[LANE] = Waiting("summary")
    assert await counter.answer(asked("stop")) == say("stop.waiting", "en")
    assert counter.memory.waits == {}
    assert counter.turns.stopped == [(LANE, "*")]


async def test_the_button_of_an_answer_leaves_a_workflow_waiting():
    counter = Counter(waiting="1")
    counter.memory.waits[LANE] = Waiting("summary")
    await counter.answer(asked("stop", "1"))
    assert list(counter.memory.waits) == [LANE]


async def test_every_control_is_obeyed():
    for command in CONTROLS:
        await answer(asked(command))


def test_every_command_of_a_user_is_told_in_the_menu():
    for command in (*COMMANDS, *OPTIONAL):
        assert all(say(f"command.{command}", language) for language in ("en", "zh"))


@pytest.mark.parametrize(
    ("button", "meant"),
    [("stop:42", ("stop", "42")), ("retry:", ("retry", "")), ("a:b:c", ("a", "b:c"))],
)
def test_a_button_stands_for_a_command_and_its_argument(button: str, meant: tuple[str, str]):
    assert pressed(button) == meant


def test_what_is_spoken_is_complete():
    reply = spoken("Hello")
    assert (reply.status, reply.text) == ("done", "Hello")
