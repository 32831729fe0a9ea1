import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import Attached, Command, Question
from tests.sandbox.coze_talk import Talk, answer, code, ids, names, parsed, talking

TEXT = {"type": "text", "text": "What is it?"}
URL = "https://example.com/a/cat.png"
IMAGE = {"type": "image", "file_url": URL}
AUDIO = {"type": "audio", "file_url": "https://example.com/hello.ogg"}
SAID = {"role": "user", "type": "question", "content": "Look", "content_type": "text"}


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


@pytest.fixture
async def studio() -> AsyncIterator[Talk]:
    async with talking(dialect="studio") as talk:
        yield talk


def objects(*items: dict[str, Any]) -> dict[str, Any]:
    return SAID | {"content_type": "object_string", "content": json.dumps(items)}


def bringing(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"additional_messages": list(messages)}


async def uploaded(talk: Talk, name: str = "cat.png", content: bytes = b"meow") -> str:
    response = await talk.http.post("/v1/files/upload", files={"file": (name, content)})
    return str(response.json()["data"]["id"])


@pytest.mark.parametrize(
    "messages",
    [
        [objects(TEXT, IMAGE)],
        [objects(IMAGE, IMAGE, TEXT)],
        [SAID, objects(IMAGE)],
        [objects(IMAGE), SAID],
        [objects(AUDIO)],
        [objects(TEXT, AUDIO, IMAGE)],
        [objects({"type": "file", "text": None, "file_id": None, "file_url": URL}), SAID],
    ],
)
async def test_the_cloud_takes_files_beside_text(
    talk: Talk, messages: list[dict[str, Any]]
) -> None:
    assert answer(await talk.events(**bringing(*messages)))
    assert talk.coze.asked[0].files


@pytest.mark.parametrize(
    "messages",
    [
        [objects(IMAGE)],
        [objects(TEXT)],
        [objects(TEXT, AUDIO)],
        [objects(TEXT, TEXT, IMAGE)],
        [SAID, objects(TEXT, IMAGE), objects(IMAGE)],
        [objects()],
        [objects({"type": "video", "file_url": URL}), SAID],
        [objects({"type": "image"}), SAID],
        [objects({"type": "image", "file_id": ""}), SAID],
        [objects({"type": "image", "file_id": 7}), SAID],
        [objects({"type": "image", "file_id": "7"}), SAID],
        [objects({"type": "image", "file_url": "ftp://example.com/cat.png"}), SAID],
        [objects({"type": "image", "file_url": "/cat.png"}), SAID],
        [SAID | {"content": "[]", "content_type": "object_string"}],
        [SAID | {"content": "no JSON", "content_type": "object_string"}],
        [SAID | {"content": "{}", "content_type": "object_string"}],
        [SAID | {"type": "answer"}],
        [SAID | {"role": "assistant"}],
    ],
)
async def test_the_cloud_refuses_other_mixtures(
    talk: Talk, messages: list[dict[str, Any]]
) -> None:
    assert code(await talk.chat(**bringing(*messages))) == (200, 4000)
    assert not talk.coze.asked


async def test_a_script_sees_the_files_of_its_question() -> None:
    seen: list[Question] = []

    def script(question: Question) -> str:
        seen.append(question)
        return "I see."

    async with talking(answer=script) as talk:
        cat = await uploaded(talk, "cat.png", b"meow")
        events = await talk.events(
            **bringing(objects(TEXT, {"type": "image", "file_id": cat}, AUDIO))
        )
        files = (
            Attached("image", cat, None, "cat.png", 4),
            Attached("audio", None, AUDIO["file_url"]),
        )
        assert seen[0].files == talk.coze.asked[0].files == files
        assert seen[0].text == talk.coze.asked[0].text == "What is it?"
        await talk.events("And now?", ids(events)[0])
    assert seen[1].files == ()
    assert seen[1].history[0] == ("user", "What is it? [image] [audio]")


@pytest.mark.parametrize("order", [1, -1])
async def test_a_picture_alone_is_about_the_text_beside_it(talk: Talk, order: int) -> None:
    await talk.events(**bringing(*[SAID, objects(IMAGE)][::order]))
    assert talk.coze.asked[0].text == "Look"
    assert [file.file_url for file in talk.coze.asked[0].files] == [URL]


async def test_a_file_that_expired_is_refused(talk: Talk) -> None:
    cat = await uploaded(talk)
    message = objects(TEXT, {"type": "image", "file_id": cat})
    conversation, _ = ids(await talk.events(**bringing(message)))
    talk.coze.expire(cat)
    assert code(await talk.chat(**bringing(message))) == (200, 4000)
    assert len((await talk.listed(conversation))["data"]) == 2


async def test_an_object_string_is_listed_as_it_was_sent(talk: Talk) -> None:
    message = objects(TEXT, IMAGE)
    conversation, _ = ids(await talk.events(**bringing(message)))
    listed = (await talk.listed(conversation, order="asc"))["data"][0]
    assert (listed["content"], listed["content_type"]) == (message["content"], "object_string")


@pytest.mark.parametrize(("item", "spoken"), [(AUDIO, 1), (IMAGE, 0)])
async def test_who_speaks_is_spoken_to(talk: Talk, item: dict[str, Any], spoken: int) -> None:
    events = await talk.events(**bringing(SAID, objects(item)))
    assert names(events)[-2 - spoken :] == [
        "chat.completed",
        *["audio.delta"] * spoken,
        "done",
    ]
    assert all(d["content_type"] == "audio" for n, d in events if n == "conversation.audio.delta")


async def test_studio_looks_at_an_address_before_an_id(studio: Talk) -> None:
    both = objects(TEXT, IMAGE | {"file_id": "7"}, AUDIO)
    assert answer(await studio.events(**bringing(both)))
    assert studio.coze.asked[0].files == (Attached("image", None, URL),)


async def test_studio_notices_an_unknown_file_when_it_already_streams(studio: Talk) -> None:
    message = bringing(objects({"type": "file", "file_id": "7"}))
    ((name, error),) = parsed((await studio.chat(**message)).content)
    assert (name, error["code"]) == ("error", 103100001)
    assert "record not found" in error["msg"]
    assert code(await studio.chat(stream=False, **message)) == (400, 400)
    ((name, error),) = parsed(
        (await studio.chat(**bringing(objects(IMAGE) | {"type": "answer"}))).content
    )
    assert error["msg"] == " answer messages only support text content"


@pytest.mark.parametrize(
    "unreadable",
    [
        objects({"type": "file", "file_id": "seven"}),
        objects({"type": "file", "file_id": 7}),
        SAID | {"content": "no JSON", "content_type": "object_string"},
        SAID | {"content": ""},
    ],
)
async def test_studio_leaves_out_what_it_cannot_read(
    studio: Talk, unreadable: dict[str, Any]
) -> None:
    conversation, _ = ids(await studio.events(**bringing(SAID, unreadable)))
    assert studio.coze.asked[0].text == "Look"
    assert len((await studio.listed(conversation))["data"]) == 2


async def test_studio_takes_text_and_files_on_their_own(studio: Talk) -> None:
    cat = await uploaded(studio)
    await studio.events(**bringing(objects(TEXT)))
    conversation, chat = ids(
        await studio.events(**bringing(objects({"type": "image", "file_id": cat})))
    )
    assert [asked.files for asked in studio.coze.asked] == [
        (),
        (Attached("image", cat, None, "cat.png", 4),),
    ]
    found = await studio.call(
        "GET", "/v3/chat/message/list", conversation_id=conversation, chat_id=chat
    )
    assert (found["Messages"][0]["content_type"], found["Messages"][0]["content"]) == ("mix", "")


def shortcut(**parameters: str) -> dict[str, Any]:
    command = {"command_id": "7457010833525570001", "parameters": parameters}
    return {"additional_messages": [], "shortcut_command": command}


async def test_a_shortcut_asks_the_question_of_its_template(talk: Talk) -> None:
    topic = json.dumps([{"type": "text", "text": "cats"}])
    conversation, _ = ids(await talk.events(**shortcut(topic=topic)))
    asked = talk.coze.asked[0]
    assert asked.text == "Sum up what was said about cats"
    assert asked.command == Command("7457010833525570001", {"topic": "cats"})
    assert (await talk.listed(conversation))["data"][1]["content"] == asked.text


async def test_a_shortcut_can_be_given_a_file(talk: Talk) -> None:
    cat = await uploaded(talk)
    picture = json.dumps([{"type": "image", "file_id": cat}])
    await talk.events(**shortcut(topic=picture))
    assert [file.name for file in talk.coze.asked[0].files] == ["cat.png"]


@pytest.mark.parametrize(
    "fields",
    [
        {"shortcut_command": {"command_id": "1"}},
        {"shortcut_command": {}},
        shortcut(topic="cats"),
        {"custom_variables": {"user-name": "Ada"}},
        {"custom_variables": {"name1": "Ada"}},
        {"extra_params": {"altitude": "30"}},
        {"extra_params": {"latitude": 30}},
        {"parameters": []},
    ],
)
async def test_the_cloud_refuses_what_the_bot_does_not_know(
    talk: Talk, fields: dict[str, Any]
) -> None:
    assert code(await talk.chat(**fields)) == (200, 4000)


async def test_places_variables_and_parameters_are_taken(talk: Talk) -> None:
    fields: dict[str, Any] = {
        "extra_params": {"latitude": "39.98", "longitude": "116.31"},
        "custom_variables": {"user_name": "Ada"},
        "parameters": {"user": [{"name": "Ada"}]},
    }
    assert answer(await talk.events(**fields))
    assert talk.coze.asked[0].body["parameters"] == fields["parameters"]


async def test_studio_does_not_look_whether_a_shortcut_is_known(studio: Talk) -> None:
    assert answer(await studio.events(shortcut_command={"command_id": "1"}))
    assert studio.coze.asked[0].command == Command("1")


async def test_the_friendly_bot_names_what_it_was_sent(talk: Talk) -> None:
    cat = await uploaded(talk, "cat.png", bytes(2048))
    said = answer(
        await talk.events(**bringing(objects(TEXT, {"type": "image", "file_id": cat}, AUDIO)))
    )
    assert "- `cat.png` (image, 2 KB)\n" in said
    assert "- `hello.ogg` (audio)\n" in said


async def test_a_file_has_to_be_known_for_a_message_too(talk: Talk) -> None:
    conversation, _ = ids(await talk.events())

    async def create(item: dict[str, Any]) -> httpx.Response:
        body = {k: v for k, v in objects(TEXT, item).items() if k != "type"}
        query = {"conversation_id": conversation}
        return await talk.http.post("/v1/conversation/message/create", params=query, json=body)

    assert code(await create({"type": "image", "file_id": "7"})) == (200, 4000)
    cat = {"type": "image", "file_id": await uploaded(talk)}
    assert code(await create(cat)) == (200, 0)
