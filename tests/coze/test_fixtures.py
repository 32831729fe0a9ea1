"""Bodies that Coze really sent, as its SDKs keep them for their own tests."""

from pathlib import Path

import pytest

from bridge.core.errors import Uncertain
from bridge.core.model import (
    Answered,
    Finished,
    ReplyEvent,
    Run,
    Said,
    Started,
    Suggested,
    Usage,
)
from bridge.coze.decode import understand
from bridge.coze.errors import CozeError
from bridge.sandbox.coze import HttpError
from tests.coze.rig import CHAT, bytewise, decoded, heard, question, rigged

TEXT_RUN = Run("7382159487131697202", "7381473525342978089")
TEXT_ID = "7382159494123470858"
FLOW_RUN = Run("id_1111", "conv_111111111")
CHAT_NAMES = ["conversation.chat.created", "conversation.chat.in_progress"]
DELTA, WHOLE = "conversation.message.delta", "conversation.message.completed"
COMPLETED = "conversation.chat.completed"

EXPECTED: dict[str, list[str]] = {
    "chat_text_stream_resp.txt": [*CHAT_NAMES, *[DELTA] * 4, WHOLE, COMPLETED, "done"],
    "chat_audio_stream_resp.txt": (
        [*CHAT_NAMES, DELTA, WHOLE, WHOLE, COMPLETED, "conversation.audio.delta", "done"]
    ),
    "workflows_chat_stream_resp.txt": (
        [*CHAT_NAMES, *[DELTA] * 3, WHOLE, WHOLE, COMPLETED, "done"]
    ),
    "chat_failed_resp.txt": ["conversation.chat.failed"],
    "chat_error_resp.txt": ["error"],
    "chat_invalid_resp.txt": ["invalid"],
    "workflow_run_invalid_stream_resp.txt": ["invalid"],
    "workflow_run_stream_resp.txt": ([*["Message"] * 6, "Error", "Message", "Interrupt", "Done"]),
}

ANSWERS: dict[str, list[ReplyEvent]] = {
    "chat_text_stream_resp.txt": [
        Started(TEXT_RUN),
        Said(TEXT_ID, "2"),
        Said(TEXT_ID, "0"),
        Said(TEXT_ID, "星期三"),
        Said(TEXT_ID, "。"),
        Answered(TEXT_ID, "2024 年 10 月 1 日是星期三。"),
        Finished(Usage(633, 614, 19)),
    ],
    "chat_audio_stream_resp.txt": [
        Started(Run("chat_id", "conversation_id")),
        Said("message_id", "delta text"),
        Answered("message_id", "delta text"),
        Finished(Usage(115, 91, 24)),
    ],
    "workflows_chat_stream_resp.txt": [
        Started(FLOW_RUN),
        Said("id_2222", "I"),
        Said("id_2222", "'m fine, thank you. How about you"),
        Said("id_2222", "?"),
        Answered("id_2222", "I'm fine, thank you. How about you?"),
        Finished(Usage(32, 21, 11)),
    ],
}


def test_every_recorded_body_is_looked_at(fixtures: Path) -> None:
    assert {path.name for path in fixtures.glob("*.txt")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_body_decodes_the_same_byte_by_byte(fixtures: Path, name: str) -> None:
    body = (fixtures / name).read_bytes()
    events, stray = decoded([body])
    assert decoded(bytewise(body)) == (events, stray)
    assert decoded([body.replace(b"\n", b"\r\n")]) == (events, stray)
    assert [name for name, _ in events] == EXPECTED[name]
    assert all(data for _, data in events)
    assert not stray


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_recorded_stream_becomes_an_answer(fixtures: Path, name: str) -> None:
    body = (fixtures / name).read_text(encoding="utf-8")
    async with rigged() as rig:
        rig.coze.fail(CHAT, HttpError(200, body, "text/event-stream"))
        assert await heard(rig.backend().ask(question())) == ANSWERS[name]
        assert [exchange.path for exchange in rig.coze.requests] == [CHAT]


@pytest.mark.parametrize("name", ["chat_failed_resp.txt", "chat_error_resp.txt"])
async def test_a_recorded_failure_is_one(fixtures: Path, name: str) -> None:
    body = (fixtures / name).read_text(encoding="utf-8")
    async with rigged() as rig:
        rig.coze.fail(CHAT, HttpError(200, body, "text/event-stream"), times=9)
        with pytest.raises(CozeError) as caught:
            await heard(rig.backend().ask(question()))
    assert caught.value.code == 5000
    assert caught.value.log_id


@pytest.mark.parametrize("name", ["chat_invalid_resp.txt", "workflow_run_stream_resp.txt"])
async def test_a_stream_that_begins_no_chat_leaves_it_open_what_became_of_the_question(
    fixtures: Path, name: str
) -> None:
    body = (fixtures / name).read_text(encoding="utf-8")
    async with rigged() as rig:
        rig.coze.fail(CHAT, HttpError(200, body, "text/event-stream"))
        with pytest.raises(Uncertain):
            await heard(rig.backend().ask(question()))


def test_nothing_of_a_workflow_or_of_a_bots_backstage_is_an_answer(fixtures: Path) -> None:
    for name in ("workflow_run_stream_resp.txt", "workflow_run_invalid_stream_resp.txt"):
        events, _ = decoded([(fixtures / name).read_bytes()])
        assert [understand(*event) for event in events] == [None] * len(events)
    events, _ = decoded([(fixtures / "chat_audio_stream_resp.txt").read_bytes()])
    meanings = [understand(*event) for event in events]
    assert not any(isinstance(meaning, Suggested) for meaning in meanings)
    assert sum(isinstance(meaning, Answered) for meaning in meanings) == 1
