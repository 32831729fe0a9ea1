"""Reactions, edits and deletions of people in the simulated Slack, and who the people are."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackSimulator, Upload
from tests.sandbox.slack_client import GENERAL, error, events, listening


async def test_reactions_of_people_come_as_events(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client):
        ts = str((await client.chat_postMessage(channel=GENERAL, text="hi"))["ts"])
        slack.react(ts, "thumbsup", user="U0BEN")
        slack.unreact(ts, "thumbsup", user="U0BEN")
        slack.scopes.discard("reactions:read")
        slack.react(ts, "tada")
    added, removed = events(slack, "reaction_added", "reaction_removed")
    assert (added["type"], removed["type"]) == ("reaction_added", "reaction_removed")
    assert (added["user"], added["reaction"], added["item_user"]) == (
        "U0BEN",
        "thumbsup",
        "U0BOT",
    )
    assert added["item"] == {"type": "message", "channel": GENERAL, "ts": ts}
    with pytest.raises(ValueError, match="already"):
        slack.react(ts, "tada")
    with pytest.raises(LookupError):
        slack.unreact(ts, "thumbsup")


async def test_everybodys_reactions_can_be_read(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    ts = slack.say("hello")
    await client.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    slack.react(ts, "eyes", user="U0BEN")
    slack.react(ts, "tada", user="U0BEN")
    got = await client.reactions_get(channel=GENERAL, timestamp=ts)
    assert got["message"]["reactions"] == [
        {"name": "eyes", "users": ["U0BOT", "U0BEN"], "count": 2},
        {"name": "tada", "users": ["U0BEN"], "count": 1},
    ]
    await client.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes")
    assert slack.messages(GENERAL)[0].reactions == ()
    again = client.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes")
    assert await error(again) == "no_reaction"
    nothing = client.reactions_get(channel=GENERAL)
    assert await error(nothing) == "no_item_specified"


async def test_edits_and_deletions_of_people_come_as_events(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client):
        root = slack.say("question", files=[Upload("a.txt", b"a")])
        ts = slack.say("typo", thread_ts=root)
        slack.edit(ts, "better")
        slack.edit(root, "a question")
        slack.delete(ts)
    better, question, deleted = events(slack)[2:]
    assert (better["subtype"], better["hidden"]) == ("message_changed", True)
    assert (better["message"]["text"], better["previous_message"]["text"]) == ("better", "typo")
    assert better["message"]["edited"]["user"] == "U0ANN"
    assert better["message"]["thread_ts"] == root
    assert question["message"]["files"] == question["previous_message"]["files"]
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
    assert deleted["previous_message"]["text"] == "better"


async def test_people_have_a_language_and_a_time(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.user("U0LI", "Li", locale="zh-CN", tz="Asia/Shanghai", tz_offset=28800)
    asked = (await client.users_info(user="U0LI", include_locale=True))["user"]
    assert (asked["real_name"], asked["name"], asked["locale"]) == ("Li", "li", "zh-CN")
    assert (asked["tz"], asked["tz_offset"]) == ("Asia/Shanghai", 28800)
    assert "locale" not in (await client.users_info(user="U0LI"))["user"]


async def test_people_are_listed_in_pages(slack: SlackSimulator, client: AsyncWebClient) -> None:
    slack.user("U0LI", "Li")
    pages = [page["members"] async for page in await client.users_list(limit=3)]
    assert [[member["id"] for member in page] for page in pages] == [
        ["U0BOT", "U0ANN", "U0BEN"],
        ["U0LI"],
    ]
    assert pages[0][0]["is_bot"]
    assert await error(client.users_list(cursor="nowhere")) == "invalid_cursor"
