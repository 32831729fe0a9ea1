"""The official SDK with files, sound, feedback, variables and OAuth."""

import contextlib
import time
import warnings
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.sandbox.coze import CozeSimulator, Feedback, Variable
from bridge.wire.serve import serve
from tests.sandbox import coze_keys
from tests.sandbox.test_coze_sdk import connected, streamed

with warnings.catch_warnings(record=True):  # a dependency of the SDK is deprecated
    from cozepy import (
        AsyncCoze,
        AsyncHTTPClient,
        AsyncJWTAuth,
        AsyncJWTOAuthApp,
        AudioFormat,
        CozeAPIError,
        VariableValue,
    )
    from cozepy.conversations.message.feedback import FeedbackType
    from cozepy.request import Requester


@pytest.fixture
def simulator() -> CozeSimulator:
    return CozeSimulator(pace=0, oauth=coze_keys.app())


@pytest.fixture
async def url(simulator: CozeSimulator) -> AsyncIterator[str]:
    async with serve(simulator.app) as url:
        yield url


@pytest.fixture
async def sdk(simulator: CozeSimulator, url: str) -> AsyncIterator[AsyncCoze]:
    async with connected(url, simulator.token) as sdk:
        yield sdk


async def test_the_sdk_uploads_a_file(
    sdk: AsyncCoze, simulator: CozeSimulator, tmp_path: Path
) -> None:
    path = tmp_path / "小猫.png"
    path.write_bytes(b"\x89PNG")
    uploaded = await sdk.files.upload(file=("cat.png", path.read_bytes()))
    assert (uploaded.file_name, uploaded.bytes) == ("cat.png", 4)
    assert simulator.files[uploaded.id].head == b"\x89PNG"
    found = await sdk.files.retrieve(file_id=uploaded.id)
    assert (found.id, found.created_at) == (uploaded.id, uploaded.created_at)
    with pytest.raises(CozeAPIError) as refused:
        await sdk.files.upload(file=("notes.txt", b"x"))
    assert refused.value.code == 4303


async def test_the_sdk_hears(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    simulator.hears = "Good morning"
    heard = await sdk.audio.transcriptions.create(file=("voice.ogg", b"OggS"))
    assert heard.text == "Good morning"


async def test_the_sdk_speaks(sdk: AsyncCoze, simulator: CozeSimulator, tmp_path: Path) -> None:
    page = await sdk.audio.voices.list(page_size=1)
    voices = [voice async for voice in page]
    assert {"zh", "en"} <= {voice.language_code for voice in voices}
    assert len(voices) == 3
    spoken = await sdk.audio.speech.create(
        input="Hello", voice_id=voices[0].voice_id, response_format=AudioFormat.WAV
    )
    spoken.write_to_file(str(tmp_path / "hello.wav"))
    with wave.open(str(tmp_path / "hello.wav")) as reader:
        assert reader.getframerate() == 24000
    assert simulator.spoken[0].input == "Hello"
    with pytest.raises(CozeAPIError) as refused:
        await sdk.audio.speech.create(input="x" * 1025, voice_id=voices[0].voice_id)
    assert refused.value.code == 4000


async def test_the_sdk_gives_feedback(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    conversation, _ = await streamed(sdk, simulator, "Hi")
    listed = await sdk.conversations.messages.list(conversation_id=conversation)
    answer = await anext(aiter(listed))
    place = {"conversation_id": conversation, "message_id": answer.id}
    await sdk.conversations.messages.feedback.create(
        **place, feedback_type=FeedbackType.UNLIKE, reason_types=["wrong"], comment="No!"
    )
    assert list(simulator.feedback.values()) == [Feedback("unlike", ("wrong",), "No!")]
    await sdk.conversations.messages.feedback.delete(**place)
    assert simulator.feedback == {}


async def test_the_sdk_sets_variables(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    simulator.bot.variables = (Variable("name", "friend"), Variable("age"))
    place = {"bot_id": simulator.bot_id, "connector_uid": "ada"}
    age = VariableValue(keyword="age", value="18")
    await sdk.variables.update(**place, data=[age])
    found = await sdk.variables.retrieve(**place, keywords=["age", "name"])
    assert {item.keyword: item.value for item in found} == {"name": "friend", "age": "18"}


async def test_the_sdk_sees_all_of_the_bot(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    simulator.bot.variables = (Variable("name", "friend"),)
    bot = await sdk.bots.retrieve(bot_id=simulator.bot_id, use_api_version=2)
    assert bot.onboarding_info
    assert "{{user_name}}" in bot.onboarding_info.prologue
    assert bot.variables
    assert bot.variables[0].default_value == "friend"
    assert bot.suggest_reply_info
    simulator.bot.spelling = "upper"  # which the SDK does not know
    bot = await sdk.bots.retrieve(bot_id=simulator.bot_id, use_api_version=2)
    assert bot.onboarding_info
    assert bot.onboarding_info.prologue == ""


@contextlib.asynccontextmanager
async def signing(url: str) -> AsyncIterator[AsyncJWTOAuthApp]:
    private, _ = coze_keys.keys("app")
    app = AsyncJWTOAuthApp(coze_keys.APP_ID, private, coze_keys.KEY_ID, base_url=url)
    async with AsyncHTTPClient() as http:  # type: ignore[no-untyped-call]
        app._requester = Requester(async_client=http)
        yield app


async def test_the_sdk_obtains_a_token_for_its_jwt(simulator: CozeSimulator, url: str) -> None:
    async with signing(url) as app:
        token = await app.get_access_token(ttl=3600, session_name="ada")
        assert token.access_token.startswith("czs_")
        assert token.token_type == "Bearer"
        assert token.expires_in > time.time() + 3000
        assert simulator.oauth.issued[0].claims["session_name"] == "ada"
        async with connected(url, token.access_token) as sdk:
            assert (await sdk.users.me()).user_name == "sandbox"


async def test_the_sdk_keeps_its_token_for_as_long_as_it_lasts(
    simulator: CozeSimulator, url: str
) -> None:
    async with signing(url) as app, AsyncHTTPClient() as http:  # type: ignore[no-untyped-call]
        auth = AsyncJWTAuth(ttl=3600, oauth_app=app)
        sdk = AsyncCoze(auth=auth, base_url=url, http_client=http)
        for _ in range(2):
            await sdk.users.me()
        assert len(simulator.oauth.issued) == 1
        simulator.revoke_tokens()
        with pytest.raises(CozeAPIError) as refused:
            await sdk.users.me()
        assert refused.value.code == 4100
        auth._token = None
        await sdk.users.me()
        assert len(simulator.oauth.issued) == 2


async def test_the_sdk_is_told_why_it_gets_no_token(simulator: CozeSimulator, url: str) -> None:
    async with signing(url) as app:
        app._public_key_id = "unknown"
        with pytest.raises(CozeAPIError, match="kid not been registred"):
            await app.get_access_token(ttl=3600)
