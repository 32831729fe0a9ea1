from collections.abc import AsyncIterator

import pytest

from bridge.sandbox.coze import Answer, Noise, Question, friendly
from tests.sandbox.coze_talk import Talk, answer, ids, names, parsed, talking

WORDS = ("long", "slow", "error")


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


@pytest.fixture
async def studio() -> AsyncIterator[Talk]:
    async with talking(dialect="studio") as talk:
        yield talk


async def test_the_cloud_frames_its_stream_like_this() -> None:
    async with talking(answer=lambda _: Answer((("2", "0"),), usage=(3, 2))) as talk:
        response = await talk.chat()
    events = parsed(response.content)
    (conversation, chat), section = ids(events), events[0][1]["section_id"]
    created, message = events[0][1]["created_at"], events[2][1]["id"]
    assert response.headers["content-type"] == "text/event-stream"
    assert response.headers["x-tt-logid"]
    assert response.content.startswith(
        b"event:conversation.chat.created\n"
        b'data:{"id":"%b","conversation_id":"%b","bot_id":"7300000000000000001",'
        b'"created_at":%d,"last_error":{"code":0,"msg":""},"status":"created",'
        b'"usage":{"token_count":0,"output_count":0,"input_count":0},"section_id":"%b",'
        % (chat.encode(), conversation.encode(), created, section.encode())
    )
    assert (
        b"\n\nevent:conversation.message.delta\n"
        b'data:{"id":"%b","conversation_id":"%b","bot_id":"7300000000000000001",'
        b'"role":"assistant","type":"answer","content":"2","content_type":"text",'
        b'"chat_id":"%b","section_id":"%b"}\n\n'
        % (message.encode(), conversation.encode(), chat.encode(), section.encode())
    ) in response.content
    assert b'"usage":{"token_count":5,"output_count":2,"input_count":3}' in response.content
    assert response.content.endswith(b'\n\nevent:done\ndata:"[DONE]"\n\n')


async def test_the_events_come_in_their_order(talk: Talk) -> None:
    events = names(await talk.events())
    deltas = events.count("message.delta")
    assert events == [
        "chat.created",
        "chat.in_progress",
        *["message.delta"] * deltas,
        *["message.completed"] * 5,
        "chat.completed",
        "done",
    ]


async def test_studio_ends_with_an_empty_event_and_escapes_its_json() -> None:
    async with talking(dialect="studio", answer=lambda _: "a<b\u2028") as talk:
        response = await talk.chat()
    assert response.content.endswith(b"\n\nevent:conversation.stream.done\ndata:\n\n")
    assert rb'"content":"a\u003cb\u2028"' in response.content
    assert b"last_error" not in response.content
    assert response.headers["x-accel-buffering"] == "no"
    assert response.headers["x-log-id"]


async def test_the_cloud_leaves_line_separators_raw() -> None:
    async with talking(answer=lambda _: "one\u2028two") as talk:
        assert "one\u2028two".encode() in (await talk.chat()).content


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
async def test_the_second_turn_remembers_the_first(dialect: str) -> None:
    async with talking(dialect=dialect) as talk:
        first = await talk.events("My cat is grey")
        second = await talk.events("And now?", ids(first)[0])
    assert ids(second)[0] == ids(first)[0]
    assert "We have only just met" in answer(first)
    assert "turn **2**" in answer(second)
    assert "You said earlier: “My cat is grey”" in answer(second)


async def test_a_conversation_id_in_the_body_is_ignored(talk: Talk) -> None:
    first = await talk.events()
    second = await talk.events(conversation_id=ids(first)[0])
    assert ids(second)[0] != ids(first)[0]


async def test_everything_an_answer_can_hold_is_streamed() -> None:
    script = Answer(
        (("Let me ", "see."), ("It is ", "four.")),
        final="It is 4.",
        reasoning=("Two and two", " …"),
        follow_ups=("Why?",),
        noise=(Noise("function_call", "{}"), Noise("tool_response", "4")),
    )
    async with talking(answer=lambda _: script) as talk:
        events = await talk.events()
        said = await talk.said_in(*ids(events))
    deltas = [data for name, data in events if name.endswith("delta")]
    assert [d.get("reasoning_content") for d in deltas[:2]] == ["Two and two", " …"]
    assert [d["content"] for d in deltas[2:]] == ["Let me ", "see.", "It is ", "four."]
    assert len({d["id"] for d in deltas}) == 2
    assert answer(events) == "Let me see.\nIt is 4."
    thoughts = [d.get("reasoning_content") for n, d in events if n.endswith("message.completed")]
    assert thoughts[2:4] == ["Two and two …", None]
    assert [kind for kind, _ in said] == [
        "verbose",
        "function_call",
        "tool_response",
        "answer",
        "answer",
        "follow_up",
    ]


async def test_the_script_sees_the_question_with_its_history() -> None:
    seen: list[Question] = []

    def script(question: Question) -> str:
        seen.append(question)
        return f"answer {len(seen)}"

    async with talking(answer=script) as talk:
        conversation, _ = ids(await talk.events("one", custom_variables={"tone": "dry"}))
        await talk.events("two", conversation)
    assert seen[0].custom_variables == {"tone": "dry"}
    assert seen[1] == Question(
        "two", "ada", conversation, (("user", "one"), ("assistant", "answer 1")), {}, 2
    )


async def test_other_users_of_a_conversation_share_no_context_in_the_cloud(talk: Talk) -> None:
    conversation, _ = ids(await talk.events("I am Ada"))
    assert "only just met" in answer(await talk.events("Who?", conversation, user_id="bob"))


async def test_polling_finds_the_answer(talk: Talk) -> None:
    created = (await talk.chat(stream=False)).json()["data"]
    place = created["conversation_id"], created["id"]
    assert created["status"] == "created"
    assert (await talk.settled(*place))["status"] == "completed"
    said = await talk.said_in(*place)
    assert [kind for kind, _ in said[:2]] == ["verbose", "answer"]


async def test_a_lookup_may_be_posted_to_the_cloud_but_not_to_studio(
    talk: Talk, studio: Talk
) -> None:
    for one, status in ((talk, 200), (studio, 404)):
        conversation, chat = ids(await one.events())
        for path in ("/v3/chat/retrieve", "/v3/chat/message/list"):
            query = {"conversation_id": conversation, "chat_id": chat}
            response = await one.http.post(path, params=query)
            assert response.status_code == status


async def test_studio_answers_under_the_names_of_its_go_fields(studio: Talk) -> None:
    conversation, chat = ids(await studio.events("Hi"))
    found = await studio.call(
        "GET", "/v3/chat/message/list", conversation_id=conversation, chat_id=chat
    )
    assert found["Messages"][0]["type"] == "question"
    found = await studio.call("GET", "/v1/conversation/retrieve", conversation_id=conversation)
    assert found["ConversationData"]["id"] == conversation


async def test_what_was_asked_is_on_record(talk: Talk) -> None:
    conversation, chat = ids(await talk.events("one", meta_data={"turn": "t1"}))
    await talk.events("two", conversation)
    first, second = talk.coze.asked
    assert (first.text, first.user_id, first.chat_id) == ("one", "ada", chat)
    assert (first.conversation_id, second.conversation_id) == (None, conversation)
    assert (first.meta, first.body["stream"]) == ({"turn": "t1"}, True)
    request = talk.coze.requests[1]
    assert (request.method, request.path, request.status) == ("POST", "/v3/chat", 200)
    assert request.query == {"conversation_id": conversation}
    assert request.headers["authorization"] == "Bearer pat_sandbox"
    assert (request.body["user_id"], request.code) == ("ada", None)


def test_a_word_makes_the_answer_long_or_slow_or_fail() -> None:
    long, slow, error = (friendly(Question(f"Be {w}!", "ada", "1")) for w in WORDS)
    assert 8_000 < len("".join(long.answers[0])) < 10_000
    assert slow.pace
    assert slow.pace > 0.1
    assert error.fails
