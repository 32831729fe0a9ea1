"""What arrives is told apart with what Slack tells when it is asked."""

import pytest

from bridge.core.commands import Entry, Menu
from bridge.core.model import FileRef, Piece
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator
from tests.platforms.slack.rig import ANN, BOT, DIRECT, GENERAL, happen, to
from tests.platforms.waiting import Heard, listening, until

BEN = "U0BEN"


def asked_for(slack: SlackSimulator) -> list[object]:
    """The users of whom Slack was asked."""
    return [call.params["user"] for call in slack.calls if call.method == "users.info"]


async def test_a_message_tells_the_name_of_its_writer(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("hello", channel=DIRECT)
        slack.command("help")
        slack.say(f"{BOT} hi", user=BEN)
        await until(lambda: len(slack.acked) == 4)
    assert {message.user.name for message in heard.messages} == {"Ann", "Ben"}
    assert sorted(map(str, asked_for(slack))) == [ANN, BEN]


@pytest.mark.parametrize(
    "fault", [{"error": "missing_scope"}, {"error": "internal_error"}, {"drop": True}]
)
async def test_a_message_of_whose_writer_nothing_is_told_arrives_all_the_same(
    slack: SlackSimulator, adapter: SlackAdapter, fault: dict[str, object]
):
    slack.fail("users.info", times=3, **fault)  # type: ignore[arg-type]
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("你好", channel=DIRECT)
        await until(lambda: slack.acked)
    [message] = heard.messages
    assert (message.text, message.user.name, message.user.language) == ("你好", "", "zh")


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
    assert heard.texts[-2:] == ["do as @Ben and @U0ANN do"] * 2 or heard.texts[-1].endswith("do")


async def test_nobody_is_asked_for_who_does_not_speak_to_the_bot(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        root = slack.say(f"{BOT} hi")
        slack.say("and me", user=BEN, thread_ts=root)
        slack.say("and I", user=ANN, thread_ts=root)
        slack.say("lunch?", user=BEN)
        await until(lambda: len(slack.acked) == 5)
    assert set(asked_for(slack)) == {ANN}
    assert [m.addressed for m in heard.messages] == [True, True, False, False]


async def test_a_press_on_what_is_for_one_user_only_arrives(
    slack: SlackSimulator, adapter: SlackAdapter
):
    from bridge.core.model import Button

    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        root = slack.say(f"{BOT} hi")
        await adapter.post(to(root), Piece("hello"), mark="1")
        buttons = (Button("Wrong", "why:1:wrong"),)
        id_ = await adapter.post(to(root, only_for=ANN), Piece("Why?", buttons), mark="2")
        slack.press(id_, "Wrong", channel=GENERAL)
        await until(lambda: any(message.command for message in heard.messages))
    [press] = [message for message in heard.messages if message.command]
    assert press.address == to(root, only_for=ANN)
    assert (press.command, press.text, press.on) == ("why", "1:wrong", "")


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


async def test_files_arrive_with_a_message(slack: SlackSimulator, adapter: SlackAdapter):
    file = {"id": "F1", "name": "a.png", "mimetype": "image/png", "mode": "hosted", "size": 5}
    bare = {"id": "F2", "mode": "file_access", "file_access": "check_file_info"}
    event = {"type": "message", "subtype": "file_share", "channel": DIRECT, "user": ANN}
    event |= {"text": "", "ts": "5.000001", "channel_type": "im", "files": [file, bare]}
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        happen(slack, event)
        await until(lambda: slack.acked)
    [message] = heard.messages
    assert message.command == ""
    assert message.files == (FileRef("F1", "image", "a.png", 5), FileRef("F2", "file", "F2"))
