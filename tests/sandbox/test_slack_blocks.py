"""The Block Kit of the simulated Slack: what it accepts, and what people press in it."""

from typing import Any

import pytest
from slack_sdk.models import blocks as kit
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bridge.sandbox.slack import Button, SlackSimulator
from bridge.sandbox.slack.expansion import expanded
from bridge.sandbox.slack.model import SlackError
from bridge.sandbox.slack.responses import LIFE, Responses
from tests.sandbox.slack_client import GENERAL, call, listening, payload, plain, refused

Json = dict[str, Any]
CONFIRM = {
    "title": plain("Sure?"),
    "text": {"type": "mrkdwn", "text": "It is *gone* then."},
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
STOP = {"type": "button", "text": plain("Stop"), "action_id": "stop", "style": "danger"}
FEEDBACK = kit.FeedbackButtonsElement(
    action_id="feedback",
    positive_button=kit.FeedbackButtonObject(text="Good", value="7:good"),
    negative_button=kit.FeedbackButtonObject(
        text="Bad", value="7:bad", accessibility_label="Not a good answer"
    ),
).to_dict()
TRASH = kit.IconButtonElement(
    icon="trash", text="Delete", action_id="trash", visible_to_user_ids=["U0BEN"]
).to_dict()
ONE, TWO = ({"text": plain(word), "value": word.lower()} for word in ("One", "Two"))
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
}
TASK = {"type": "task_card", "task_id": "1", "title": "Look it up", "status": "complete"}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": [*elements]}


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": [*elements]}


def context_actions(*elements: Json) -> Json:
    return {"type": "context_actions", "elements": [*elements]}


async def post(client: AsyncWebClient, *blocks: Json) -> str:
    answer = await call(
        client, "chat.postMessage", channel=GENERAL, text="fallback", blocks=[*blocks]
    )
    return str(answer["ts"])


@pytest.mark.parametrize(
    "block",
    [
        context(plain("x" * 3000), {"type": "mrkdwn", "text": "*y*", "verbatim": True}),
        context({"type": "image", "image_url": "https://a.test/x.png", "alt_text": "x"}),
        {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x", "title": plain("y")},
        actions(STOP | {"confirm": CONFIRM, "value": "x" * 2000}),
        actions({"type": "overflow", "options": [ONE, TWO]}),
        actions({"type": "static_select", "options": [ONE], "placeholder": plain("Which?")}),
        actions(
            {
                "type": "static_select",
                "option_groups": [{"label": plain("All"), "options": [ONE, TWO]}],
            }
        ),
        {"type": "section", "text": plain("x"), "accessory": STOP},
        {"type": "section", "fields": [plain("a"), {"type": "mrkdwn", "text": "b"}]},
        context_actions(FEEDBACK, TRASH),
        RICH,
        TASK | {"details": RICH, "sources": [{"type": "url", "url": "https://a", "text": "a"}]},
        {"type": "plan", "title": "My plan", "tasks": [TASK]},
    ],
)
async def test_a_block_of_the_documentation_is_accepted(
    slack: SlackSimulator, client: AsyncWebClient, block: Json
) -> None:
    await post(client, block)
    shown = slack.messages(GENERAL)[0]
    assert shown.blocks[0]["type"] == block["type"]
    assert shown.blocks[0]["block_id"]


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        (context(), "/elements"),
        (context(*[plain("x")] * 11), "/elements"),
        (context(plain("x" * 3001)), "/elements/0/text"),
        (context(plain("")), "/elements/0/text"),
        (context(STOP), "/elements/0/type"),
        (context(plain("x") | {"verbatim": True}), "/elements/0"),
        (context({"type": "image", "image_url": "https://a.test"}), "/elements/0"),
        (actions(STOP | {"style": "loud"}), "/elements/0/style"),
        (actions(STOP | {"label": "x"}), "/elements/0"),
        (actions(STOP | {"confirm": {"title": plain("x")}}), "/elements/0/confirm"),
        (actions(STOP | {"text": {"type": "mrkdwn", "text": "x"}}), "/elements/0/text/type"),
        (actions(FEEDBACK), "/elements/0/type"),
        (actions({"type": "overflow", "options": [ONE] * 6}), "/elements/0/options"),
        (actions({"type": "static_select"}), "/elements/0"),
        (
            actions({"type": "overflow", "options": [ONE | {"value": "x" * 151}]}),
            "/elements/0/options/0/value",
        ),
        (context_actions(STOP), "/elements/0/type"),
        (context_actions(*[FEEDBACK | {"action_id": str(n)} for n in range(6)]), "/elements"),
        (context_actions(FEEDBACK, FEEDBACK), "/elements"),
        (
            context_actions({key: FEEDBACK[key] for key in ("type", "positive_button")}),
            "/elements/0",
        ),
        (
            context_actions(FEEDBACK | {"positive_button": {"text": plain("x" * 76)}}),
            "/elements/0/positive_button",
        ),
        (context_actions(TRASH | {"icon": "rocket"}), "/elements/0/icon"),
        (
            context_actions(TRASH | {"visible_to_user_ids": ["U"] * 11}),
            "/elements/0/visible_to_user_ids",
        ),
        ({"type": "image", "image_url": "https://a.test/x.png"}, ""),
        ({"type": "divider", "text": plain("x")}, ""),
        ({"type": "section", "text": "x"}, "/text"),
        ({"type": "section", "text": plain("x"), "fields": []}, "/fields"),
        (TASK | {"status": "busy"}, "/status"),
        ({"type": "plan", "title": plain("x")}, "/title"),
        ({"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}, "/type"),
        (RICH | {"elements": [{"type": "rich_text_poem", "elements": []}]}, "/elements/0/type"),
    ],
)
async def test_a_block_that_is_none_of_the_documentation_is_refused(
    slack: SlackSimulator, client: AsyncWebClient, block: Json, pointer: str
) -> None:
    posting = call(client, "chat.postMessage", channel=GENERAL, text="x", blocks=[block])
    answer = await refused(posting)
    assert answer["error"] == "invalid_blocks"
    assert f"[json-pointer:/blocks/0{pointer}" in answer["response_metadata"]["messages"][0]
    assert slack.messages(GENERAL) == []


async def test_all_that_can_be_pressed_is_seen(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    menu = {"type": "overflow", "options": [ONE, TWO], "action_id": "more"}
    section = {"type": "section", "text": plain("x"), "accessory": menu}
    await post(client, section, actions(STOP), context_actions(FEEDBACK, TRASH), TASK)
    shown = slack.messages(GENERAL)[0]
    assert shown.buttons == [
        Button("One", "more", "one"),
        Button("Two", "more", "two"),
        Button("Stop", "stop", ""),
        Button("Good", "feedback", "7:good"),
        Button("Bad", "feedback", "7:bad"),
        Button("Delete", "trash", ""),
    ]
    assert shown.plain() == "x\nLook it up"


async def test_a_press_tells_what_kind_of_button_it_was(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    menu = {"type": "static_select", "options": [ONE, TWO], "action_id": "which"}
    stop = STOP | {"confirm": CONFIRM}
    async with listening(client):
        ts = await post(client, actions(stop, menu), context_actions(FEEDBACK, TRASH))

        def pressed(label: str, user: str = "U0ANN") -> Json:
            slack.press(ts, label, channel=GENERAL, user=user)
            action: Json = payload(slack)["actions"][0]
            assert action.pop("action_ts")
            assert action.pop("block_id")
            return action

        assert pressed("Stop") == stop
        assert pressed("Two") == {
            "type": "static_select",
            "action_id": "which",
            "selected_option": TWO,
        }
        assert pressed("Bad") == {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "text": FEEDBACK["negative_button"]["text"],
            "value": "7:bad",
        }
        assert pressed("Delete", "U0BEN")["icon"] == "trash"
        with pytest.raises(LookupError):
            slack.press(ts, "Delete", channel=GENERAL, user="U0ANN")


async def test_a_button_that_only_one_person_sees_can_be_answered(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("root")
    slack.say("reply", thread_ts=root)
    whisper = {"channel": GENERAL, "user": "U0BEN", "thread_ts": root, "text": "psst"}
    async with listening(client):
        told = await call(client, "chat.postEphemeral", blocks=[actions(STOP)], **whisper)
        slack.press(told["message_ts"], "Stop", channel=GENERAL, user="U0BEN")
    body = payload(slack)
    assert body["container"] == {
        "type": "message",
        "message_ts": told["message_ts"],
        "channel_id": GENERAL,
        "is_ephemeral": True,
        "thread_ts": root,
    }
    assert "message" not in body
    webhook = AsyncWebhookClient(body["response_url"])
    await webhook.send_dict({"replace_original": True, "text": "stopped"})
    shown = slack.messages(GENERAL, root)[-1]
    assert (shown.text, shown.visible_to, shown.buttons) == ("stopped", "U0BEN", [])
    await webhook.send_dict({"delete_original": True})
    assert [each.text for each in slack.messages(GENERAL, root)] == ["root", "reply"]


def test_a_response_url_is_good_for_half_an_hour() -> None:
    now = 0.0
    slack = SlackSimulator()
    responses = Responses(slack._workspace, now=lambda: now)
    key = responses.open(slack.channel(), "U0ANN")
    now = LIFE
    responses.answer(key, {"text": "just in time"})
    now += 1
    with pytest.raises(SlackError, match="expired_url"):
        responses.answer(key, {"text": "too late"})
    assert [shown.text for shown in slack.messages(GENERAL)] == ["just in time"]


@pytest.mark.parametrize(
    ("markdown", "made"),
    [
        ("one\n\n- two\n\n> three", 1),
        ("# one\ntwo\n## three\n\n## four", 4),
        ("one\n---\n***\n| a |\n|---|\n| b |\n\nend", 5),
        ("```\n# one\n---\n```\ntext", 1),
    ],
)
def test_markdown_is_made_into_blocks_at_headings_rules_and_tables(markdown: str, made: int):
    assert expanded(markdown) == made
