from typing import Any

import pytest

from bridge.sandbox.telegram.params import Params
from bridge.sandbox.telegram.server import Call
from tests.judges.calls import bot_faults, simulator_faults

SENT: dict[str, Any] = {"chat_id": 501, "text": "Hi"}
SHOWN = {"message_id": 1, "date": 1, "chat": {"id": 501, "type": "private"}, "text": "Hi"}
STOP = {"text": "Stop", "callback_data": "s"}


def call(method: str = "sendMessage", status: int = 200, words: str = "", **params: Any) -> Call:
    return Call(0.0, method, Params(params), status, words)


def test_nothing_is_held_against_what_is_right():
    keyboard = {"inline_keyboard": [[STOP]]}
    right = call(**SENT, reply_markup=keyboard, link_preview_options='{"is_disabled": true}')
    assert bot_faults(right) + simulator_faults(right, SHOWN) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (call("sendMesage"), "sendMesage: there is no such method"),
        (call(**SENT, quiet=True), "sendMessage: quiet is unknown"),
        (call(chat_id=501), "sendMessage: text: Field required, not {'chat_id': 501}"),
        (
            call(**SENT, disable_notification="perhaps"),
            "sendMessage: disable_notification: Input should be a valid boolean",
        ),
        (
            call(**SENT, reply_markup={"inline_keyboard": [[STOP | {"colour": "red"}]]}),
            "sendMessage: reply_markup.inline_keyboard.0.0.colour is unknown",
        ),
        (
            call(**SENT, reply_markup={"inline_keyboard": [[{"text": "Open", "url": "docs"}]]}),
            "sendMessage: inline keyboard button URL 'docs' is invalid: Wrong HTTP URL",
        ),
        (
            call("editMessageMedia", media={"type": "photo", "media": "x", "caption": "y" * 1025}),
            "editMessageMedia: message caption is too long",
        ),
        (call(chat_id=501, text="a <b", parse_mode="HTML"), "Unclosed start tag"),
    ],
)
def test_a_wrong_call_is_found(wrong, fault):
    assert any(fault in found for found in bot_faults(wrong))


def test_entities_that_telegram_would_drop_are_found():
    marks = [{"type": "code", "offset": 2 * at, "length": 1} for at in range(101)]
    assert bot_faults(call(chat_id=501, text="x " * 101, entities=marks)) == [
        "sendMessage: 1 entities too many"
    ]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (SHOWN | {"date": "today"}, "answer to sendMessage: date: Input should be a valid"),
        (SHOWN | {"colour": "red"}, "answer to sendMessage: colour is unknown"),
        (SHOWN | {"text": " Hi"}, "sendMessage: shows ' Hi', not 'Hi'"),
        (
            SHOWN | {"entities": [{"type": "bold", "offset": 0, "length": 1}]},
            "sendMessage: marks [('bold', 0, 1)], not []",
        ),
    ],
)
def test_a_wrong_answer_of_the_simulator_is_found(answer, fault):
    assert any(fault in found for found in simulator_faults(call(**SENT), answer))


def test_a_refusal_in_words_that_are_not_telegrams_is_found():
    refused = call(status=400, words="Bad Request: too much text", chat_id=1, text="x" * 4097)
    (fault,) = simulator_faults(refused, None)
    assert fault.endswith("should be one of ['Bad Request: message is too long']")
