"""Socket Mode in the simulated Slack: what is sent, to whom, and how often."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackSimulator, schedule
from tests.sandbox.slack_client import GENERAL, bolt, client_of, listening, socket

FOREVER = 1000.0


@pytest.fixture
def slack() -> SlackSimulator:
    return SlackSimulator(limits=None, redeliver_after=(FOREVER,))


@pytest.fixture
async def client(slack: SlackSimulator) -> AsyncIterator[AsyncWebClient]:
    async with client_of(slack) as client:
        yield client


async def test_a_socket_is_greeted(client: AsyncWebClient) -> None:
    async with listening(client), socket(client) as second:
        hello = await second.frame()
    assert hello["num_connections"] == 2
    assert hello["connection_info"] == {"app_id": "A0SANDBOX"}
    assert hello["debug_info"]["approximate_connection_time"] > 0


async def test_a_url_is_good_for_one_handshake(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
    slack.refuse_next_ticket()
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with socket(client, url):
                pass
    async with listening(client):
        assert slack.connections == 1


async def test_the_eleventh_socket_is_sent_away(client: AsyncWebClient) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(10):
            await stack.enter_async_context(listening(client))
        async with socket(client) as eleventh:
            frame = await eleventh.frame()
            closing = await eleventh.websocket.receive(timeout=30)
    assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")
    assert closing.type is aiohttp.WSMsgType.CLOSE


async def test_a_mention_makes_two_events_of_one_message(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client) as ear:
        ts = slack.say("<@U0BOT> is 1 < 2 & so on? https://a.test/?b=1&c=2.")
        frames = [await ear.frame(), await ear.frame()]
    mention, message = (frame["payload"]["event"] for frame in frames)
    assert frames[0]["payload"]["event_id"] != frames[1]["payload"]["event_id"]
    assert mention["client_msg_id"] == message["client_msg_id"]
    assert (mention["type"], message["type"]) == ("app_mention", "message")
    assert "channel_type" not in mention
    assert message["channel_type"] == "channel"
    assert (message["ts"], message["event_ts"], message["channel"]) == (ts, ts, GENERAL)
    assert message["text"] == ("<@U0BOT> is 1 &lt; 2 &amp; so on? <https://a.test/?b=1&amp;c=2>.")
    assert message["blocks"][0]["type"] == "rich_text"
    shown = slack.messages(GENERAL)[0]
    assert shown.plain() == "<@U0BOT> is 1 < 2 & so on? https://a.test/?b=1&c=2."


async def test_an_event_comes_in_its_envelope(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client) as ear:
        root = slack.say("<@U0BOT>", channel="D0ANN", subtype="file_share")
        slack.say("more", channel="D0ANN", thread_ts=root)
        first, second = await ear.frame(), await ear.frame()
    assert first["type"] == "events_api"
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert not first["accepts_response_payload"]
    body = first["payload"]
    assert (body["type"], body["team_id"]) == ("event_callback", "T0SANDBOX")
    assert (body["api_app_id"], body["is_ext_shared_channel"]) == ("A0SANDBOX", False)
    assert body["authorizations"][0]["user_id"] == "U0BOT"
    event = body["event"]
    assert (event["type"], event["channel_type"]) == ("message", "im")
    assert (event["subtype"], event["user"]) == ("file_share", "U0ANN")
    reply = second["payload"]["event"]
    assert (reply["thread_ts"], reply["parent_user_id"]) == (root, "U0ANN")


async def test_the_app_hears_itself_and_edits_but_not_other_rooms(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.channel("C0OTHER", "other", members=["U0ANN"])
    async with listening(client) as ear:
        slack.say("not for the bot", channel="C0OTHER")
        ts = (await client.chat_postMessage(channel=GENERAL, text="one"))["ts"]
        await client.chat_update(channel=GENERAL, ts=ts, text="two")
        await client.chat_delete(channel=GENERAL, ts=ts)
        slack.edit(slack.say("mine"), "still mine")
        posted, changed, deleted, _, edited = [
            (await ear.frame())["payload"]["event"] for _ in range(5)
        ]
    assert (posted["bot_id"], posted["user"], posted.get("subtype")) == ("B0BOT", "U0BOT", None)
    assert changed["subtype"] == "message_changed"
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("two", "one")
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
    assert edited["message"]["edited"]["user"] == "U0ANN"
    with pytest.raises(LookupError):
        slack.say("let me in", channel="C0OTHER", user="U0BEN")


async def test_each_event_goes_to_one_socket_in_turn(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client) as one, listening(client) as two:
        for index in range(4):
            slack.say(str(index))
        heard = [
            [(await ear.frame())["payload"]["event"]["text"] for _ in range(2)]
            for ear in (one, two)
        ]
    assert sorted(heard) == [["0", "2"], ["1", "3"]]


async def test_an_unacknowledged_event_is_sent_again_and_then_given_up() -> None:
    slack = SlackSimulator(redeliver_after=(0.05, 0.05, 0.05))
    async with client_of(slack) as client, listening(client) as ear:
        slack.say("hello?")
        frames = [await ear.frame() for _ in range(4)]
        assert await slack.changes.until(lambda: slack.lost)
    assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2, 3]
    assert {frame["retry_reason"] for frame in frames[1:]} == {"timeout"}
    assert len({frame["payload"]["event_id"] for frame in frames}) == 1
    assert [sent.retry_attempt for sent in slack.deliveries] == [0, 1, 2, 3]


async def test_the_times_between_attempts_are_those_of_slack_scaled() -> None:
    slack = SlackSimulator(redeliver_after=schedule(0.001))
    async with client_of(slack) as client, listening(client):
        slack.say("hello?")
        assert await slack.changes.until(lambda: slack.lost)
    at = [sent.at for sent in slack.deliveries]
    gaps = [after - before for before, after in pairwise(at)]
    assert schedule() == (3.0, 60.0, 300.0)
    assert all(gap > least for gap, least in zip(gaps, (0.0029, 0.059, 0.299), strict=True))


async def test_an_acknowledged_event_is_not_sent_again() -> None:
    slack = SlackSimulator(redeliver_after=(FOREVER, 0.0))
    async with client_of(slack) as client, listening(client) as ear:
        slack.say("one")
        frame = await ear.frame()
        await ear.ack(frame)
        assert await slack.changes.until(lambda: slack.acked)
    assert slack.acked == [(frame["envelope_id"], None)]
    assert slack._platform.courier._pending == {}


async def test_what_nobody_heard_is_a_retry_for_the_next_socket(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.say("anyone?")
    assert slack.deliveries == []
    async with listening(client) as ear:
        frame = await ear.frame()
        assert frame["retry_attempt"] == 1
        await ear.ack(frame)
        slack.deafen()
        slack.say("and now?")
        assert len(slack.deliveries) == 1
        async with listening(client) as second:
            assert (await second.frame())["payload"]["event"]["text"] == "and now?"
        await slack.changes.until(lambda: slack.connections == 1)
        slack.say("hello?")
        slack.hear()
        assert (await ear.frame())["payload"]["event"]["text"] == "hello?"


async def test_a_disconnect_asks_for_another_socket(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client) as old:
        slack.disconnect()
        frame = await old.frame()
        assert (frame["type"], frame["reason"]) == ("disconnect", "refresh_requested")
        async with listening(client) as new:
            slack.say("hello")
            assert (await new.frame())["type"] == "events_api"
            slack.sever()
            closing = await new.websocket.receive(timeout=30)
    assert closing.type is aiohttp.WSMsgType.CLOSE


async def test_bolt_acknowledges_what_it_listens_to_and_nothing_else() -> None:
    slack = SlackSimulator(redeliver_after=(3.0, FOREVER))
    asked: list[str] = []

    async def answer(event: dict[str, Any], client: AsyncWebClient) -> None:
        asked.append(event["text"])
        await client.chat_postMessage(channel=GENERAL, thread_ts=event["ts"], text="hi")

    async with client_of(slack) as client:
        app = AsyncApp(client=client, signing_secret="unused")
        app.event("app_mention")(answer)
        async with bolt(app):
            root = slack.say("<@U0BOT> hello")
            await slack.changes.until(lambda: len(slack.messages(GENERAL, root)) == 2)
            retries = await slack.changes.until(
                lambda: [sent for sent in slack.deliveries if sent.retry_attempt]
            )
            # The mention is acknowledged, and the app's own post, which bolt swallows.
            await slack.changes.until(lambda: len(slack.acked) == 2)
    assert asked == ["<@U0BOT> hello"]
    assert retries[0].envelope.payload["event"]["type"] == "message"
    assert retries[0].envelope.id not in {ack.envelope_id for ack in slack.acked}


async def test_bolt_moves_to_a_new_socket_when_asked(slack: SlackSimulator) -> None:
    async def hear() -> None:
        """Only acknowledge."""

    def opened() -> int:
        return [call.method for call in slack.calls].count("apps.connections.open")

    async with client_of(slack) as client:
        app = AsyncApp(client=client, signing_secret="unused")
        app.event("message")(hear)
        async with bolt(app):
            await slack.changes.until(lambda: slack.connections)
            slack.disconnect()
            await slack.changes.until(lambda: opened() == 2)
            slack.say("still there?")
            assert await slack.changes.until(lambda: slack.acked)


async def test_bolt_knocks_for_ever_with_a_ticket_that_was_refused(slack: SlackSimulator) -> None:
    """What the bridge has to survive; slack_sdk asks for no other ticket."""

    def opened() -> int:
        return [call.method for call in slack.calls].count("apps.connections.open")

    async with client_of(slack) as client:
        app = AsyncApp(client=client, signing_secret="unused")
        handler = AsyncSocketModeHandler(app, "xapp-sandbox", ping_interval=0.05)
        await handler.connect_async()
        try:
            await slack.changes.until(lambda: slack.connections)
            slack.refuse_next_ticket()
            slack.disconnect()
            await slack.changes.until(lambda: len(slack.refused_tickets) == 4)
        finally:
            await handler.close_async()
    assert len({*slack.refused_tickets}) == 1
    assert opened() == 2


async def test_a_mute_socket_loses_what_another_gets_later() -> None:
    slack = SlackSimulator(redeliver_after=(0.05, FOREVER))
    async with client_of(slack) as client, listening(client), listening(client) as other:
        slack.mute()
        slack.say("hello")
        frame = await other.frame()
    assert frame["retry_attempt"] == 1
    assert [delivery.retry_attempt for delivery in slack.deliveries] == [0, 1]
