"""Messages in from Slack: confirmed once they are stored, whatever happens on the way."""

import asyncio

import pytest

from bridge.core.commands import Menu
from bridge.core.errors import Denied, StoreUnavailable
from bridge.core.model import Button, Message, Piece
from bridge.platforms.slack import arrival, connections, link
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.mrkdwn import Named
from bridge.platforms.slack.parse import Body
from bridge.platforms.slack.parse import parse as understand
from bridge.sandbox.slack import SlackSimulator
from bridge.wire import patience
from bridge.wire.serve import serve
from tests.platforms.slack.rig import BOT, DIRECT, GENERAL, adapter_at, adapter_of, to
from tests.platforms.waiting import Heard, free_port, listening, until


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.05)
    monkeypatch.setattr(connections, "_APART", 0.05)
    monkeypatch.setattr(link, "_FAREWELL", 0.05)


def attempts(slack: SlackSimulator) -> list[int]:
    """Which attempt each delivery was."""
    return [delivery.retry_attempt for delivery in slack.deliveries]


def acked(slack: SlackSimulator) -> set[str]:
    return {ack.envelope_id for ack in slack.acked}


def tickets(slack: SlackSimulator) -> int:
    """How many addresses were asked for."""
    return [call.method for call in slack.calls].count("apps.connections.open")


async def test_what_people_say_type_and_press_arrives_and_is_confirmed(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        root = slack.say("hello", channel=DIRECT)
        slack.command("help")
        buttons = (Button("Stop", "stop:sl:1"),)
        id_ = await adapter.post(to(root, chat=DIRECT), Piece("…", buttons), mark="1")
        slack.press(id_, "Stop", channel=DIRECT)
        await until(lambda: len(heard.messages) == 3)
        await until(lambda: len(acked(slack)) == len(slack.deliveries))
    assert sorted(m.command for m in heard.messages) == ["", "help", "stop"]
    assert {*attempts(slack)} == {0}
    assert slack.lost == []


async def test_a_mention_comes_as_two_events_with_one_id(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say(f"{BOT} hello")
        await until(lambda: len(acked(slack)) == 2)
    assert [m.text for m in heard.messages] == ["hello", "hello"]
    assert len({m.id for m in heard.messages}) == 1


async def test_an_event_is_confirmed_only_once_it_is_stored():
    slack = SlackSimulator(limits=None, redeliver_after=(1000.0,))
    stored, begun = asyncio.Event(), asyncio.Event()

    async def accept(_: Message) -> None:
        begun.set()
        await stored.wait()

    async with adapter_of(slack) as adapter, listening(adapter, accept):
        await until(lambda: slack.connections)
        slack.say("hello", channel=DIRECT)
        await begun.wait()
        for _ in range(20):  # time for a confirmation, if there were one
            await adapter.whoami()
        assert slack.acked == []
        stored.set()
        await slack.changes.until(lambda: slack.acked)


@pytest.mark.parametrize("fault", [StoreUnavailable("Redis is away"), RuntimeError("a bug")])
async def test_what_is_not_stored_is_not_confirmed_and_comes_again(
    slack: SlackSimulator, adapter: SlackAdapter, fault: Exception
):
    heard = Heard(fault)
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("hello", channel=DIRECT)
        await until(lambda: slack.acked)
    assert heard.offered == ["hello", "hello"]
    assert heard.texts == ["hello"]
    assert attempts(slack) == [0, 1]
    assert slack.lost == []


async def test_what_is_not_meant_for_the_bot_is_confirmed_all_the_same(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("lunch?")
        ts = slack.say("yes")
        slack.edit(ts, "no")
        slack.delete(ts)
        await adapter.post(to(), Piece("I am the bot"), mark="1")
        await until(lambda: len(acked(slack)) == 5)
    assert heard.messages == []
    assert {*attempts(slack)} == {0}


async def test_a_delivery_that_cannot_be_understood_does_not_come_for_ever(
    slack: SlackSimulator, adapter: SlackAdapter, monkeypatch: pytest.MonkeyPatch
):
    def parse(body: Body, channel: str, me: str, menu: Menu, named: Named) -> Message | None:
        if body["event"]["text"] == "two":
            raise KeyError("surprise")
        return understand(body, channel, me, menu, named)

    monkeypatch.setattr(arrival, "parse", parse)
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        for text in ("one", "two", "three"):
            slack.say(text, channel=DIRECT)
        await until(lambda: len(acked(slack)) == 3)
    assert sorted(heard.texts) == ["one", "three"]


@pytest.mark.parametrize(
    ("tokens", "named"),
    [
        ({"bot": "xoxb-wrong"}, "SLACK_BOT_TOKEN"),
        ({"app": "xapp-wrong"}, "SLACK_APP_TOKEN"),
        ({"bot": "xapp-sandbox", "app": "xoxb-sandbox"}, "SLACK_APP_TOKEN must begin with xapp-"),
    ],
)
async def test_wrong_tokens_end_it_and_name_the_variable(
    slack: SlackSimulator, tokens: dict[str, str], named: str
):
    async with adapter_of(slack, **tokens) as adapter:
        with pytest.raises(Denied, match=named):
            async with asyncio.timeout(10):
                await adapter.listen(Heard())
        assert named in adapter.trouble
        assert "wrong" not in adapter.trouble


async def test_the_token_of_the_socket_in_both_places_ends_it(slack: SlackSimulator):
    async with adapter_of(slack, bot="xapp-sandbox") as adapter:
        with pytest.raises(Denied, match="SLACK_BOT_TOKEN"):
            async with asyncio.timeout(10):
                await adapter.listen(Heard())


async def test_a_slack_that_is_away_at_the_start_is_tried_again(slack: SlackSimulator):
    port, heard = free_port(), Heard()
    async with adapter_at(f"http://127.0.0.1:{port}") as adapter:
        assert adapter.trouble == "not connected yet"
        async with listening(adapter, heard):
            await until(lambda: "SLACK_API_BASE" in adapter.trouble)
            async with serve(slack.app, port=port):
                await until(lambda: slack.connections)
                slack.say("hello", channel=DIRECT)
                await until(lambda: heard.texts == ["hello"])
                await until(lambda: not adapter.trouble)


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
@pytest.mark.parametrize(
    "fault",
    [{"drop": True}, {"error": "internal_error"}, {"error": "ratelimited", "retry_after": 0}],
)
async def test_a_slack_that_fails_at_the_start_is_tried_again(
    slack: SlackSimulator, adapter: SlackAdapter, method: str, fault: dict[str, object]
):
    slack.fail(method, times=2, **fault)  # type: ignore[arg-type]
    async with listening(adapter, Heard()):
        await until(lambda: slack.connections and not adapter.trouble)


async def test_it_stops_and_leaves_no_connection(slack: SlackSimulator, adapter: SlackAdapter):
    async with listening(adapter, Heard()):
        await until(lambda: slack.connections and not adapter.trouble)
    assert adapter.trouble == "disconnected"
    await until(lambda: not slack.connections)
    assert slack.messages(GENERAL) == []


async def test_who_may_not_press_is_told_so_alone(slack: SlackSimulator, adapter: SlackAdapter):
    async def refuse(message: Message) -> str | None:
        return "Not yours." if message.on else None

    thread = slack.say("hello")
    ts = await adapter.post(to(thread), Piece("…", (Button("Stop", "stop:1"),)), mark="1")
    async with listening(adapter, refuse):
        await until(lambda: slack.connections)
        slack.press(ts, "Stop", channel=GENERAL, user="U0BEN")
        alone = await until(lambda: [m for m in slack.messages(GENERAL, thread) if m.ephemeral])
    assert [(each.visible_to, each.text) for each in alone] == [("U0BEN", "Not yours.")]
