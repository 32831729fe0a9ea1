"""The app's home of the simulated Slack: what may be published, and what is told of a press."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackSimulator
from tests.sandbox.slack_client import error, events, listening, plain

BUTTON = {"type": "button", "text": plain("Go"), "action_id": "go", "value": "now"}
VIEW: dict[str, Any] = {
    "type": "home",
    "private_metadata": "kept",
    "blocks": [
        {"type": "header", "text": plain("Hello")},
        {"type": "actions", "elements": [BUTTON]},
    ],
}


async def test_a_page_is_for_one_user_and_takes_the_place_of_the_last(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    first = await client.views_publish(user_id="U0ANN", view=VIEW)
    assert (slack.home(), slack.home("U0BEN")) == ("Hello", "")
    second = await client.views_publish(
        user_id="U0ANN", view=VIEW, hash=str(first["view"]["hash"])
    )
    assert second["view"]["id"] == first["view"]["id"]
    late = client.views_publish(user_id="U0ANN", view=VIEW, hash=str(first["view"]["hash"]))
    assert await error(late) == "hash_conflict"


@pytest.mark.parametrize(
    ("user", "view"),
    [
        ("U0NONE", VIEW),
        ("U0BOT", VIEW),
        ("U0ANN", VIEW | {"title": plain("No")}),
        ("U0ANN", VIEW | {"type": "modal"}),
        ("U0ANN", {"type": "home", "blocks": [{"type": "markdown", "text": "*no*"}]}),
        ("U0ANN", {"type": "home", "blocks": [{"type": "divider"}] * 101}),
    ],
)
async def test_a_page_that_slack_would_refuse_is_refused(
    slack: SlackSimulator, client: AsyncWebClient, user: str, view: dict[str, Any]
) -> None:
    assert await error(client.views_publish(user_id=user, view=view)) == "invalid_arguments"
    assert slack.home() == ""


async def test_a_press_tells_the_page_and_no_channel(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    await client.views_publish(user_id="U0ANN", view=VIEW)
    async with listening(client):
        slack.open_home(tab="home")
        [opened] = events(slack)
        slack.press_at_home("Go")
    assert (opened["tab"], opened["user"]) == ("home", "U0ANN")
    body = slack.deliveries[-1].envelope.payload
    assert (body["container"]["type"], "channel" in body) == ("view", False)
    assert body["view"]["private_metadata"] == "kept"
    assert body["actions"][0]["value"] == "now"
    with pytest.raises(LookupError):
        slack.press_at_home("Stay")
