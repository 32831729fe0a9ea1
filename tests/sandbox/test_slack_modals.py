"""Modals of the simulated Slack: how they open, what they take, and how they go on."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models import views as kit
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackSimulator, View
from tests.sandbox.slack_client import (
    Socket,
    bolt,
    call,
    client_of,
    error,
    listening,
    payload,
    plain,
    refused,
)

Json = dict[str, Any]
WHY: Json = {
    "type": "input",
    "block_id": "why",
    "label": plain("Why?"),
    "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
}
OPTIONS = [{"text": plain(word), "value": word.lower()} for word in ("Wrong", "Slow")]
WHAT = {
    "type": "input",
    "block_id": "what",
    "label": plain("What?"),
    "optional": True,
    "element": {"type": "static_select", "action_id": "kind", "options": OPTIONS},
}
ALL = {
    "type": "input",
    "block_id": "all",
    "label": plain("All?"),
    "optional": True,
    "element": {"type": "checkboxes", "action_id": "kinds", "options": OPTIONS},
}
MODAL = {
    "type": "modal",
    "title": plain("Feedback"),
    "submit": plain("Send"),
    "callback_id": "feedback",
    "private_metadata": "turn 7",
    "blocks": [WHY, WHAT, ALL],
}


@dataclass
class Desk:
    """An app with one socket, and the slash commands that give it triggers."""

    slack: SlackSimulator
    client: AsyncWebClient
    ear: Socket

    async def trigger(self, user: str = "U0ANN") -> str:
        self.slack.command("ask", user=user)
        return str(payload(self.slack)["trigger_id"])

    async def open(self, user: str = "U0ANN", **changes: object) -> View:
        trigger = await self.trigger(user)
        answer = await self.client.views_open(trigger_id=trigger, view=MODAL | changes)
        return next(view for view in self.slack.views if view.id == answer["view"]["id"])

    async def answer(self, envelope: str, **ack: object) -> None:
        """Acknowledges, with a payload if there is one, and waits until that is known."""
        await self.ear.ack({"envelope_id": envelope}, **ack)
        await self.slack.changes.until(
            lambda: any(each.envelope_id == envelope for each in self.slack.acked)
        )


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    slack = SlackSimulator(limits=None, redeliver_after=(1000.0,), trigger_lasts=1000.0)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(client_of(slack))
        yield Desk(slack, client, await stack.enter_async_context(listening(client)))


async def test_a_modal_opens_for_whoever_pressed(desk: Desk) -> None:
    trigger = await desk.trigger("U0BEN")
    view = kit.View(type="modal", title="Hello", blocks=[{"type": "divider"}])
    answer = await desk.client.views_open(trigger_id=trigger, view=view)
    [seen] = desk.slack.views
    assert (seen.id, seen.user, seen.title) == (answer["view"]["id"], "U0BEN", "Hello")
    assert answer["view"]["blocks"][0]["block_id"]
    assert (answer["view"]["callback_id"], answer["view"]["private_metadata"]) == ("", "")
    assert answer["view"]["root_view_id"] == seen.id
    assert answer["view"]["state"] == {"values": {}}


async def test_a_trigger_opens_one_modal_in_time(desk: Desk) -> None:
    trigger = await desk.trigger()
    await desk.client.views_open(trigger_id=trigger, view=MODAL)
    again = desk.client.views_open(trigger_id=trigger, view=MODAL)
    assert await error(again) == "exchanged_trigger_id"
    unknown = desk.client.views_open(trigger_id="1.2.abc", view=MODAL)
    assert await error(unknown) == "invalid_trigger_id"
    assert await error(desk.client.views_open(view=MODAL)) == "invalid_arguments"


async def test_a_trigger_that_is_too_old_opens_nothing() -> None:
    slack = SlackSimulator(limits=None, trigger_lasts=-1.0)
    async with client_of(slack) as client, listening(client):
        slack.command("ask")
        opening = client.views_open(trigger_id=payload(slack)["trigger_id"], view=MODAL)
        assert await error(opening) == "expired_trigger_id"
    assert slack.views == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": plain("x" * 25)}, "/view/title/text"),
        ({"submit": plain("x" * 25)}, "/view/submit/text"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"callback_id": "x" * 256}, "/view/callback_id"),
        ({"blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "/view/blocks/0/type"),
        ({"blocks": [WHY, WHY]}, "/view/blocks"),
        ({"blocks": [WHY | {"element": {"type": "button"}}]}, "/view/blocks/0/element/type"),
        ({"type": "home"}, "/view/type"),
        ({"footer": "x"}, "/view"),
    ],
)
async def test_a_view_beyond_its_limits_is_refused(
    desk: Desk, changes: Json, pointer: str
) -> None:
    trigger = await desk.trigger()
    answer = await refused(desk.client.views_open(trigger_id=trigger, view=MODAL | changes))
    assert answer["error"] == "invalid_arguments"
    assert f"[json-pointer:{pointer}]" in answer["response_metadata"]["messages"][0]


async def test_an_input_needs_a_button_to_submit_it(desk: Desk) -> None:
    mute = {key: value for key, value in MODAL.items() if key != "submit"}
    opening = desk.client.views_open(trigger_id=await desk.trigger(), view=mute)
    assert "must define `submit`" in (await refused(opening))["response_metadata"]["messages"][0]
    large = [{"type": "section", "text": plain("x" * 3000)}] * 90
    opening = desk.client.views_open(
        trigger_id=await desk.trigger(), view=MODAL | {"blocks": large}
    )
    assert await error(opening) == "view_too_large"


async def test_what_is_filled_in_arrives(desk: Desk) -> None:
    view = await desk.open()
    values = {"why": {"text": "It was wrong."}, "what": {"kind": "Wrong"}}
    envelope = desk.slack.submit(view.id, values | {"all": {"kinds": ["wrong", "Slow"]}})
    body = payload(desk.slack)
    assert (body["type"], body["user"]["id"]) == ("view_submission", "U0ANN")
    assert body["view"]["state"]["values"] == {
        "why": {"text": {"type": "plain_text_input", "value": "It was wrong."}},
        "what": {"kind": {"type": "static_select", "selected_option": OPTIONS[0]}},
        "all": {"kinds": {"type": "checkboxes", "selected_options": OPTIONS}},
    }
    assert (body["view"]["callback_id"], body["view"]["private_metadata"]) == (
        "feedback",
        "turn 7",
    )
    assert desk.slack.views == [view]
    await desk.answer(envelope)
    assert desk.slack.views == []


async def test_what_the_client_would_not_send_is_not_sent(desk: Desk) -> None:
    element = WHY["element"] | {"min_length": 3, "max_length": 5}
    view = await desk.open(blocks=[WHY | {"element": element}, WHAT])
    sent = len(desk.slack.deliveries)
    for text in ("", "ab", "abcdef"):
        with pytest.raises(ValueError, match=r"filled in|characters"):
            desk.slack.submit(view.id, {"why": {"text": text}})
    for values in ({"why": {"words": "abc"}}, {"why": {"text": "abc"}, "what": {"kind": "Odd"}}):
        with pytest.raises(LookupError):
            desk.slack.submit(view.id, values)
    with pytest.raises(LookupError):
        desk.slack.submit("V0NONE", {})
    assert len(desk.slack.deliveries) == sent


async def test_errors_keep_a_modal_open(desk: Desk) -> None:
    view = await desk.open()
    why = {"why": {"text": "?"}}
    errors = {"response_action": "errors", "errors": {"why": "Say more."}}
    await desk.answer(desk.slack.submit(view.id, why), **errors)
    assert (desk.slack.views, view.errors) == ([view], {"why": "Say more."})
    nonsense = {"response_action": "errors", "errors": {"who": "Nobody asked."}}
    await desk.answer(desk.slack.submit(view.id, why), **nonsense)
    assert (desk.slack.views, bool(view.trouble)) == ([view], True)


async def test_a_submission_goes_on_to_other_views(desk: Desk) -> None:
    view = await desk.open()
    why = {"why": {"text": "?"}}
    next_one = {"response_action": "push", "view": MODAL | {"title": plain("Second")}}
    await desk.answer(desk.slack.submit(view.id, why), **next_one)
    [second] = desk.slack.views
    assert (second.title, second.body["previous_view_id"]) == ("Second", view.id)
    changed = {"response_action": "update", "view": MODAL | {"title": plain("Changed")}}
    await desk.answer(desk.slack.submit(second.id, why), **changed)
    assert (desk.slack.views, second.title) == ([second], "Changed")
    await desk.answer(desk.slack.submit(second.id, why))
    assert desk.slack.views == [view]
    await desk.answer(desk.slack.submit(view.id, why), **next_one)
    third = desk.slack.views[0]
    await desk.answer(desk.slack.submit(third.id, why), response_action="clear")
    assert desk.slack.views == []


async def test_a_submission_that_nobody_answers_is_in_trouble() -> None:
    slack = SlackSimulator(limits=None, redeliver_after=(0.1,), trigger_lasts=1000.0)
    async with client_of(slack) as client, listening(client):
        slack.command("ask")
        await client.views_open(trigger_id=payload(slack)["trigger_id"], view=MODAL)
        view = slack.views[0]
        slack.submit(view.id, {"why": {"text": "?"}})
        await slack.changes.until(lambda: view.trouble)
        assert slack.views == [view]


async def test_a_view_is_updated_unless_it_has_changed(desk: Desk) -> None:
    view = await desk.open(external_id="mine")
    stale = view.body["hash"]
    new = MODAL | {"title": plain("New"), "external_id": "mine"}
    answer = await desk.client.views_update(external_id="mine", view=new, hash=stale)
    assert (view.title, answer["view"]["id"]) == ("New", view.id)
    again = desk.client.views_update(view_id=view.id, view=MODAL, hash=stale)
    assert await error(again) == "hash_conflict"
    missing = desk.client.views_update(view_id="V0NONE", view=MODAL)
    assert await error(missing) == "not_found"
    theirs = desk.client.views_open(trigger_id=await desk.trigger("U0BEN"), view=new)
    assert await error(theirs) == "duplicate_external_id"


async def test_at_most_three_views_are_stacked(desk: Desk) -> None:
    view = await desk.open()
    for title in ("Second", "Third", "Fourth"):
        desk.slack.submit(desk.slack.views[0].id, {"why": {"text": "?"}})
        args = {"trigger_id": payload(desk.slack)["trigger_id"]}
        pushing = call(desk.client, "views.push", view=MODAL | {"title": plain(title)}, **args)
        if title == "Fourth":
            assert await error(pushing) == "push_limit_reached"
        else:
            await pushing
    third = desk.slack.views[0]
    assert (third.title, third.body["root_view_id"]) == ("Third", view.id)
    outside = call(desk.client, "views.push", view=MODAL, trigger_id=await desk.trigger())
    assert await error(outside) == "not_found"


async def test_bolt_opens_a_modal_and_answers_it() -> None:
    slack = SlackSimulator(limits=None, redeliver_after=(1000.0,), trigger_lasts=1000.0)
    async with client_of(slack) as client:
        app = AsyncApp(client=client)

        async def ask(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        async def take(ack: AsyncAck, view: Json) -> None:
            said = view["state"]["values"]["why"]["text"]["value"]
            await ack(response_action="errors", errors={"why": f"{said}?"})

        app.command("/coze")(ask)
        app.view("feedback")(take)
        async with bolt(app):
            slack.command("ask")
            view = (await slack.changes.until(lambda: slack.views))[0]
            slack.submit(view.id, {"why": {"text": "Wrong"}})
            await slack.changes.until(lambda: view.errors)
    assert view.errors == {"why": "Wrong?"}


async def test_the_app_is_told_of_a_closed_modal_if_it_asks(desk: Desk) -> None:
    quiet = await desk.open()
    assert desk.slack.close(quiet.id) is None
    told = await desk.open(notify_on_close=True, clear_on_close=True)
    assert desk.slack.close(told.id)
    body = payload(desk.slack)
    assert (body["type"], body["is_cleared"]) == ("view_closed", True)
    assert body["view"]["id"] == told.id
    assert desk.slack.views == []
    with pytest.raises(LookupError):
        desk.slack.close(told.id)


async def test_a_shortcut_tells_its_message_and_opens_a_modal_once() -> None:
    slack = SlackSimulator(limits=None, redeliver_after=(1000.0,))
    slack.channel("C0ELSE", "else", members=("U0ANN", "U0BEN"))
    async with client_of(slack) as client, listening(client):
        said = slack.say("hello", channel="C0ELSE", user="U0BEN")
        slack.shortcut(said, callback_id="explain", channel="C0ELSE")
        await slack.changes.until(lambda: slack.deliveries)
        body = slack.deliveries[-1].envelope.payload
        assert (body["type"], body["callback_id"]) == ("message_action", "explain")
        assert (body["user"]["id"], body["channel"]["id"]) == ("U0ANN", "C0ELSE")
        assert (body["message"]["text"], body["message_ts"]) == ("hello", said)
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        again = client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        assert await error(again) == "exchanged_trigger_id"
