"""What arrives is passed on with what Slack tells when it is asked, and in its order."""

import asyncio

import pytest

from bridge.core.commands import Entry, Menu
from bridge.core.model import Button, FileRef, Message, Piece
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.order import Order
from bridge.sandbox.slack import SlackSimulator, Upload
from tests.platforms.slack.oddslack import OddSlack, adapter_before
from tests.platforms.slack.rig import ANN, BOT, DIRECT, GENERAL, adapter_of, to
from tests.platforms.waiting import Heard, listening, until

BEN = "U0BEN"


def asked_for(slack: SlackSimulator) -> list[str]:
    """The users of whom Slack was asked."""
    return sorted(str(c.params["user"]) for c in slack.calls if c.method == "users.info")


def named(heard: Heard) -> dict[str, str]:
    """The names of those who were heard."""
    return {message.user.id: message.user.name for message in heard.messages}


async def test_a_message_tells_the_name_and_the_language_of_its_writer(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.user(BEN, "Ben", locale="zh-CN")
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("hello", channel=DIRECT)
        slack.command("help")
        slack.say(f"{BOT} hi", user=BEN)
        await until(lambda: len(slack.acked) == 4)
    assert named(heard) == {ANN: "Ann", BEN: "Ben"}
    assert {m.user.id: m.user.language for m in heard.messages} == {ANN: "en-US", BEN: "zh-CN"}
    assert asked_for(slack) == [ANN, BEN]


async def test_who_writes_chinese_is_answered_in_chinese(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("你好", channel=DIRECT)
        await until(lambda: slack.acked)
    assert [message.user.language for message in heard.messages] == ["zh"]


@pytest.mark.parametrize(
    "fault", [{"error": "missing_scope"}, {"error": "internal_error"}, {"drop": True}]
)
async def test_where_everybody_is_let_in_nobody_waits_to_learn_who_writes(
    slack: SlackSimulator, fault: dict[str, object]
):
    slack.fail("users.info", times=3, **fault)  # type: ignore[arg-type]
    heard = Heard()
    async with adapter_of(slack, external=True) as adapter, listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("你好", channel=DIRECT)
        await until(lambda: slack.acked)
    [message] = heard.messages
    assert (message.text, message.user.name, message.user.language) == ("你好", "", "zh")
    assert slack.lost == []


async def test_others_who_are_known_are_called_by_their_names(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say(f"{BOT} hi", user=BEN)
        await until(lambda: len(slack.acked) == 2)
        slack.say(f"{BOT} do as <@{BEN}> and <@{ANN}> do")
        await until(lambda: len(slack.acked) == 4)
    assert heard.texts[2:] == ["do as @Ben and @U0ANN do"] * 2


async def test_nobody_is_asked_for_who_speaks_neither_to_the_bot_nor_in_a_thread(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        root = slack.say(f"{BOT} hi")
        slack.say("lunch?", user=BEN)
        await until(lambda: len(slack.acked) == 3)
        assert asked_for(slack) == [ANN]
        slack.say("and me", user=BEN, thread_ts=root)  # who may be a guest
        await until(lambda: len(slack.acked) == 4)
    assert asked_for(slack) == [ANN, BEN]
    assert sorted(message.addressed for message in heard.messages) == [False, True, True]


async def test_what_came_first_is_passed_on_first():
    """Of the first nothing is told before the second, who is not asked for, has long arrived."""
    odd, heard = OddSlack(), Heard()
    odd.slow.clear()

    def said(ts: str, text: str) -> dict[str, object]:
        event = {"type": "message", "channel": GENERAL, "user": ANN, "ts": ts, "text": text}
        event["thread_ts"] = "4.000001"
        return {"type": "event_callback", "team_id": "T1", "event": event}

    async with adapter_before(odd) as adapter:
        take, me = adapter._arrivals.take, adapter._arrivals
        me.me = "U0BOT"
        first = asyncio.create_task(take(said("5.000001", f"{BOT} one"), heard))
        await until(lambda: odd.calls)
        others = [asyncio.create_task(take(said(f"6.{n:06d}", f"{n}"), heard)) for n in range(5)]
        other_chat = said("7.000001", "elsewhere")
        other_chat["event"] = {**other_chat["event"], "channel": "C2"}  # type: ignore[dict-item]
        await take(other_chat, heard)
        assert heard.texts == ["elsewhere"]
        odd.slow.set()
        await asyncio.gather(first, *others)
    assert heard.texts == ["elsewhere", "one", "0", "1", "2", "3", "4"]


async def test_what_cannot_be_stored_does_not_hold_up_what_follows():
    order, left = Order(), []
    async with order.place("C1") as first:
        await first()

    async def fails() -> None:
        async with order.place("C1") as first:
            await first()
            raise RuntimeError

    async def follows() -> None:
        async with order.place("C1") as first:
            await first()
            left.append("second")

    await asyncio.gather(fails(), follows(), return_exceptions=True)
    assert left == ["second"]
    assert order._last == {}


async def test_a_press_on_what_is_for_one_user_only_arrives(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        root = slack.say(f"{BOT} hi")
        await adapter.post(to(root), Piece("hello"), mark="1")
        buttons = (Button("Wrong", "why:1:wrong"),)
        id_ = await adapter.post(to(root, only_for=ANN), Piece("Why?", buttons), mark="2")
        slack.press(id_, "Wrong", channel=GENERAL)
        press = (await until(lambda: [m for m in heard.messages if m.command]))[0]
    assert press.address == to(root, only_for=ANN)
    assert (press.command, press.text, press.on) == ("why", "1:wrong", "")


async def test_a_press_tells_which_message_it_was_on(slack: SlackSimulator, adapter: SlackAdapter):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        root = slack.say(f"{BOT} hi")
        id_ = await adapter.post(to(root), Piece("hello", (Button("👎", "down:1"),)), mark="1")
        slack.press(id_, "👎", channel=GENERAL, user=BEN)
        press = (await until(lambda: [m for m in heard.messages if m.command]))[0]
        asked = await adapter.post(press.address, Piece("Why?"), mark="2")
    assert (press.on, press.address) == (id_, to(root, only_for=BEN))
    [shown] = [shown for shown in slack.messages(GENERAL, root) if shown.ts == asked]
    assert shown.visible_to == BEN


async def test_the_menu_says_what_can_be_typed(slack: SlackSimulator, adapter: SlackAdapter):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.command("translate hello")
        await until(lambda: len(heard.messages) == 1)
        before = len(slack.calls)
        await adapter.show_menu(Menu(extra=(Entry("translate", ""),)))
        assert len(slack.calls) == before
        slack.command("translate hello")
        await until(lambda: len(heard.messages) == 2)
    assert [message.command for message in heard.messages] == ["help", "translate"]


async def test_files_arrive_with_a_message_or_as_one(slack: SlackSimulator, adapter: SlackAdapter):
    picture = Upload("cat.png", b"picture")
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("look", channel=DIRECT, files=[picture, Upload("plan.pdf", size=10)])
        await until(lambda: len(heard.messages) == 1)
        slack.say(BOT, files=[picture])
        await until(lambda: len(heard.messages) == 3)
    one, *two = heard.messages
    assert [(f.kind, f.name, f.size) for f in one.files] == [
        ("image", "cat.png", 7),
        ("file", "plan.pdf", 10),
    ]
    assert [(m.command, m.text, [f.name for f in m.files]) for m in two] == [
        ("", "", ["cat.png"])
    ] * 2


async def arrived(slack: SlackSimulator, adapter: SlackAdapter, *files: Upload) -> Message:
    """What arrives when Ann shares these files."""
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("", channel=DIRECT, files=files)
        await until(lambda: heard.messages)
    return heard.messages[0]


async def test_of_files_from_another_company_more_is_asked(
    slack: SlackSimulator, adapter: SlackAdapter
):
    message = await arrived(slack, adapter, Upload("cat.png", b"picture", connect=True))
    [file] = message.files
    assert (file.kind, file.name, file.size) == ("image", "cat.png", 7)


async def test_a_file_of_which_nothing_is_told_arrives_all_the_same(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.scopes.remove("files:read")
    message = await arrived(slack, adapter, Upload("cat.png", b"picture", connect=True))
    [file] = message.files
    assert file == FileRef(file.id, "file", file.id)


async def test_a_file_that_is_elsewhere_is_told_to_be_unsupported(
    slack: SlackSimulator, adapter: SlackAdapter
):
    elsewhere = Upload("plan", mode="external", url="https://evil.test/plan")
    message = await arrived(slack, adapter, elsewhere)
    assert (message.command, message.files) == ("unsupported", ())
