"""Buttons, slash commands, and the answers through a response URL."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bridge.sandbox.slack import SlackSimulator
from tests.sandbox.slack_client import GENERAL, call, client_of, listening

LABELS = ("Stop it", "Stop")
BUTTONS = [
    {
        "type": "actions",
        "block_id": "controls",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": label},
                "action_id": label.lower(),
                "value": "7",
            }
            for label in LABELS
        ],
    }
]


async def pressed(slack: SlackSimulator, client: AsyncWebClient, **where: str) -> dict[str, Any]:
    """The payload after Ann pressed Stop in a message of the bot."""
    body = {"channel": GENERAL, "text": "working", "blocks": BUTTONS, **where}
    posted = await call(client, "chat.postMessage", **body)
    slack.press(posted["ts"], "Stop", channel=posted["channel"])
    payload = slack.deliveries[-1].envelope.payload
    assert isinstance(payload, dict)
    return payload


async def test_a_press_tells_who_what_and_where(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client) as ear:
        root = slack.say("hello")
        payload = await pressed(slack, client, thread_ts=root)
        frames = [await ear.frame() for _ in range(3)]
    ts = slack.messages(GENERAL)[1].ts
    assert frames[2]["type"] == "interactive"
    assert frames[2]["accepts_response_payload"]
    assert "retry_attempt" not in frames[2]
    assert frames[2]["payload"] == payload
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", "U0ANN")
    assert (payload["container"]["message_ts"], payload["container"]["thread_ts"]) == (ts, root)
    assert (payload["message"]["ts"], payload["channel"]["id"]) == (ts, GENERAL)
    assert payload["trigger_id"]
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"]) == ("stop", "controls")
    assert (action["value"], action["type"]) == ("7", "button")


async def test_only_a_button_that_is_there_can_be_pressed(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    body = {"channel": GENERAL, "user": "U0BEN", "text": "psst", "blocks": BUTTONS}
    ts = (await call(client, "chat.postEphemeral", **body))["message_ts"]
    for label, user in (("Go", "U0BEN"), ("Stop", "U0ANN"), ("Stop", "U0CAT")):
        with pytest.raises(LookupError):
            slack.press(ts, label, channel=GENERAL, user=user)
    slack.press(ts, "op i", channel=GENERAL, user="U0BEN")


async def test_a_button_is_answered_by_replacing_its_message(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client):
        url = (await pressed(slack, client))["response_url"]
    webhook = AsyncWebhookClient(url)
    await webhook.send(text="only for you")
    await webhook.send(text="stopped", replace_original=True)
    replaced, whispered = slack.messages(GENERAL)
    assert (replaced.text, replaced.buttons, replaced.edits) == ("stopped", [], 1)
    assert (whispered.text, whispered.visible_to) == ("only for you", "U0ANN")
    await webhook.send_dict({"delete_original": True})
    assert [shown.text for shown in slack.messages(GENERAL)] == ["only for you"]


async def test_a_response_url_is_good_for_five_answers_in_mrkdwn(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client):
        await client.auth_test()  # from here the simulator knows its own address
        slack.command("ask")
        url = slack.deliveries[-1].envelope.payload["response_url"]
    webhook = AsyncWebhookClient(url)
    refused = await webhook.send_dict({"markdown_text": "**no**"})
    assert (refused.status_code, "no_text" in refused.body) == (400, True)
    answers = [await webhook.send(text=str(n), response_type="in_channel") for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert "used_url" in answers[5].body
    assert answers[0].body == "ok"
    assert [(shown.text, shown.ephemeral) for shown in slack.messages(GENERAL)] == [
        (str(n), False) for n in range(5)
    ]


async def test_a_command_is_answered_with_its_acknowledgement(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client) as ear:
        slack.command("reset all", user="U0BEN")
        frame = await ear.frame()
        await ear.ack(frame, text="Done.")
        await slack.changes.until(lambda: slack.messages(GENERAL))
    payload = frame["payload"]
    assert (frame["type"], frame["accepts_response_payload"]) == ("slash_commands", True)
    assert (payload["command"], payload["text"]) == ("/coze", "reset all")
    assert (payload["user_id"], payload["channel_id"]) == ("U0BEN", GENERAL)
    assert payload["trigger_id"]
    shown = slack.messages(GENERAL)[0]
    assert (shown.plain(), shown.user, shown.visible_to) == ("Done.", "U0BOT", "U0BEN")
    assert slack.acked == [(frame["envelope_id"], {"text": "Done."})]


async def test_a_command_that_nobody_takes_fails_for_its_user_and_is_not_repeated() -> None:
    slack = SlackSimulator(redeliver_after=(0.1, 0.1))
    slack.command("ask")
    await slack.changes.until(lambda: slack.messages(GENERAL))
    async with client_of(slack) as client, listening(client):
        slack.command("ask", user="U0BEN")
        await slack.changes.until(lambda: len(slack.messages(GENERAL)) == 2)
    assert [(shown.text, shown.visible_to) for shown in slack.messages(GENERAL)] == [
        ('/coze failed with the error "dispatch_failed"', "U0ANN"),
        ('/coze failed with the error "operation_timeout"', "U0BEN"),
    ]
    assert [sent.retry_attempt for sent in slack.deliveries] == [0]


async def test_who_is_not_of_the_workspace_is_told_by_events_and_by_users_info(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.user("U0BEN", "Ben", guest="single")
    slack.user("U0EVE", "Eve", team="T0OTHER")
    slack.robot("U0TWIN", "Twin")
    slack.channel("C0PARTNER", "partner", members=("U0EVE", "U0TWIN", "U0BOT"), shared=True)
    ben, eve = [(await call(client, "users.info", user=u))["user"] for u in ("U0BEN", "U0EVE")]
    assert (ben["team_id"], ben["is_restricted"], ben["is_ultra_restricted"]) == (
        "T0SANDBOX",
        True,
        True,
    )
    assert (eve["team_id"], eve["is_restricted"], eve["is_stranger"]) == ("T0OTHER", False, False)
    async with listening(client) as ear:
        slack.say("hello", channel="C0PARTNER", user="U0EVE")
        slack.say("<@U0BOT> hello", channel="C0PARTNER", user="U0TWIN")
        eve, mention, twin = [(await ear.frame())["payload"]["event"] for _ in range(3)]
    assert (eve["team"], eve["user_team"], eve["source_team"]) == ("T0OTHER",) * 3
    assert [mention["type"], twin["type"]] == ["app_mention", "message"]
    assert (twin["user"], twin["bot_id"], twin["app_id"]) == ("U0TWIN", "B0TWIN", "A0TWIN")
    assert "user_team" not in twin
