"""The simulated Slack's signed requests to an app that has a public URL."""

import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bridge.sandbox.slack import SlackSimulator, schedule
from bridge.wire.serve import serve
from tests.sandbox.slack_client import GENERAL, client_of

FOREVER = 1000.0


@dataclass
class Receiver:
    """An app that keeps what it gets and answers as it is told."""

    slack: SlackSimulator
    answer: Callable[[], Response] = PlainTextResponse
    got: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    async def receive(self, request: Request) -> Response:
        self.got.append((await request.body(), dict(request.headers)))
        return self.answer()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver(SlackSimulator(redeliver_after=(30.0, FOREVER)))
    async with serve(Starlette(routes=[Route("/", receiver.receive, methods=["POST"])])) as url:
        receiver.slack.events_url = url
        yield receiver


async def test_an_event_is_posted_with_a_signature(receiver: Receiver) -> None:
    slack = receiver.slack
    slack.say("hello")
    await slack.changes.until(lambda: slack.acked)
    body, headers = receiver.got[0]
    assert SignatureVerifier("sandbox-secret").is_valid_request(body, headers)
    assert not SignatureVerifier("another").is_valid_request(body, headers)
    assert json.loads(body) == slack.deliveries[0].envelope.payload
    assert headers["content-type"] == "application/json"
    assert "x-slack-retry-num" not in headers


async def test_a_command_and_a_press_are_posted_as_signed_forms(receiver: Receiver) -> None:
    slack = receiver.slack
    receiver.answer = lambda: JSONResponse({"text": "Done.", "response_type": "in_channel"})
    slack.command("ask me")
    await slack.changes.until(lambda: slack.messages(GENERAL))
    receiver.answer = lambda: PlainTextResponse("As text.")
    slack.command("ask me")
    await slack.changes.until(lambda: len(slack.messages(GENERAL)) == 2)
    posted, whispered = slack.messages(GENERAL)
    assert (posted.text, posted.visible_to) == ("Done.", None)
    assert (whispered.text, whispered.visible_to) == ("As text.", "U0ANN")
    body, headers = receiver.got[0]
    assert SignatureVerifier("sandbox-secret").is_valid_request(body, headers)
    assert parse_qs(body.decode())["text"] == ["ask me"]


async def test_a_refused_event_is_sent_again_with_the_reason(receiver: Receiver) -> None:
    receiver.slack = slack = SlackSimulator(
        redeliver_after=(1.0, 1.0), events_url=receiver.slack.events_url
    )
    receiver.answer = lambda: PlainTextResponse(status_code=500)
    slack.say("hello")
    await slack.changes.until(lambda: slack.lost)
    headers = [headers for _, headers in receiver.got]
    assert [each.get("x-slack-retry-num") for each in headers] == [None, "1", "2"]
    assert headers[1]["x-slack-retry-reason"] == "http_error"
    assert slack.acked == []


async def test_a_refused_event_is_sent_again_at_once_and_after_one_and_five_minutes_scaled(
    receiver: Receiver,
) -> None:
    receiver.answer = lambda: PlainTextResponse(status_code=503)
    slack = SlackSimulator(
        redeliver_after=(30.0, *schedule(0.001)[1:]), events_url=receiver.slack.events_url
    )
    slack.say("hello")
    await slack.changes.until(lambda: len(slack.deliveries) == 4)
    second, third, fourth = (sent.at for sent in slack.deliveries[1:])
    assert third - second > 0.059
    assert fourth - third > 0.299


async def test_an_unreachable_app_is_tried_again() -> None:
    slack = SlackSimulator(redeliver_after=(1.0, FOREVER))
    with socket.create_server(("127.0.0.1", 0)) as sock:
        slack.events_url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    slack.say("hello")
    await slack.changes.until(lambda: len(slack.deliveries) == 2)
    assert slack.deliveries[1].retry_reason == "connection_failed"


async def test_an_app_can_ask_for_no_retry(receiver: Receiver) -> None:
    headers = {"X-Slack-No-Retry": "1"}
    receiver.answer = lambda: PlainTextResponse(status_code=400, headers=headers)
    receiver.slack.say("hello")
    await receiver.slack.changes.until(lambda: receiver.slack.lost)
    assert len(receiver.got) == 1


async def test_bolt_takes_the_requests_for_real() -> None:
    slack = SlackSimulator(redeliver_after=(30.0, FOREVER))

    async def reset(ack: AsyncAck) -> None:
        await ack("Forgotten.")

    async with client_of(slack) as client:
        app = AsyncApp(client=client, signing_secret="sandbox-secret")
        app.command("/coze")(reset)
        handler = AsyncSlackRequestHandler(app)
        routes = [Route("/slack/events", handler.handle, methods=["POST"])]
        async with serve(Starlette(routes=routes)) as url:
            slack.events_url = f"{url}/slack/events"
            slack.command("reset")
            await slack.changes.until(lambda: slack.messages(GENERAL))
    assert slack.messages(GENERAL)[0].plain() == "Forgotten."


async def test_a_refused_command_fails_at_once_and_a_refused_event_comes_again(
    receiver: Receiver,
) -> None:
    slack = receiver.slack
    receiver.answer = lambda: PlainTextResponse(status_code=503)
    slack.command("help")
    await slack.changes.until(lambda: slack.lost)
    [told] = slack.messages(GENERAL)
    assert told.plain() == '/coze failed with the error "dispatch_failed"'
    receiver.got.clear()
    slack.say("hello")
    await slack.changes.until(lambda: len(slack.deliveries) > 2)
    assert [delivery.retry_attempt for delivery in slack.deliveries] == [0, 0, 1]


@pytest.mark.parametrize("answer", ["", "another", '{"challenge": "another"}'])
async def test_an_address_that_does_not_return_the_challenge_is_not_taken(
    receiver: Receiver, answer: str
) -> None:
    slack, url = receiver.slack, receiver.slack.events_url
    assert url
    slack.events_url = None
    kind = "application/json" if answer.startswith("{") else "text/plain"
    receiver.answer = lambda: Response(answer, media_type=kind)
    with pytest.raises(LookupError, match="challenge"):
        await slack.subscribe(url)
    assert slack.events_url is None
    body, headers = receiver.got[0]
    assert SignatureVerifier("sandbox-secret").is_valid_request(body, headers)
    assert json.loads(body)["type"] == "url_verification"
