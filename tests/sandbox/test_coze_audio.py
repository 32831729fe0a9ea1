import io
import wave
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import Cut, HttpError, JsonError, NoResponse, Refuse
from tests.sandbox.coze_talk import Talk, code, talking

HEAR, SPEAK, VOICES = "/v1/audio/transcriptions", "/v1/audio/speech", "/v1/audio/voices"
CHINESE, ENGLISH = "7426720361733013513", "7426720361733046281"


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


async def hear(talk: Talk, name: str = "voice.ogg", sound: bytes = b"OggS") -> httpx.Response:
    return await talk.http.post(HEAR, files={"file": (name, sound, "audio/ogg")})


async def speak(talk: Talk, text: str = "Hello", **fields: Any) -> httpx.Response:
    return await talk.http.post(SPEAK, json={"input": text, "voice_id": ENGLISH} | fields)


async def voices(talk: Talk, **query: Any) -> list[str]:
    response = await talk.http.get(VOICES, params=query)
    return [voice["voice_id"] for voice in response.json()["data"]["voice_list"]]


def wav(samples: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(samples)
    return file.getvalue()


async def test_what_is_said_is_written(talk: Talk) -> None:
    assert (await hear(talk)).json()["data"] == {"text": "what is the weather like?"}
    talk.coze.hears = "今天天气怎么样"
    assert (await hear(talk)).json()["data"] == {"text": "今天天气怎么样"}
    talk.coze.hears = lambda name, sound: f"{name} {len(sound)}"
    assert (await hear(talk, "a.m4a", bytes([1]) * 100_000)).json()["data"]["text"] == (
        "a.m4a 100000"
    )


async def test_nothing_is_heard_in_silence(talk: Talk) -> None:
    for name, sound in (("a.pcm", bytes(1000)), ("a.wav", wav(bytes(1000))), ("a.wav", wav(b""))):
        assert (await hear(talk, name, sound)).json()["data"] == {"text": ""}
    assert (await hear(talk, "a.wav", wav(b"\1\0" * 10))).json()["data"]["text"]


@pytest.mark.parametrize(
    ("files", "refusal"),
    [
        ({"file": ("voice.oga", b"x")}, 4303),
        ({"file": ("voice.flac", b"x")}, 4303),
        ({"file": ("voice.ogg", b"")}, 4300),
        ({"sound": ("voice.ogg", b"x")}, 4300),
        ([("file", ("voice.ogg", b"x"))] * 2, 4301),
        ({"file": ("voice.ogg", bytes((10 << 20) + 1))}, 4302),
    ],
)
async def test_what_cannot_be_heard_is_refused(talk: Talk, files: Any, refusal: int) -> None:
    assert code(await talk.http.post(HEAR, files=files)) == (200, refusal)


async def test_ten_megabytes_can_be_heard(talk: Talk) -> None:
    assert (await hear(talk, sound=b"x" * (10 << 20))).json()["data"]["text"]


@pytest.mark.parametrize(
    ("fields", "kind", "begins"),
    [
        ({}, "audio/mpeg", b"\xff\xf3"),
        ({"response_format": "mp3"}, "audio/mpeg", b"\xff\xf3"),
        ({"response_format": "ogg_opus"}, "audio/ogg", b"OggS"),
        ({"response_format": "wav"}, "audio/wav", b"RIFF"),
        ({"response_format": "pcm"}, "audio/pcm", b"\0\0"),
    ],
)
async def test_text_is_spoken(
    talk: Talk, fields: dict[str, Any], kind: str, begins: bytes
) -> None:
    response = await speak(talk, "Good morning", **fields)
    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert response.content.startswith(begins)
    (spoken,) = talk.coze.spoken
    assert (spoken.input, spoken.voice_id) == ("Good morning", ENGLISH)
    assert spoken.response_format == fields.get("response_format", "mp3")
    assert talk.coze.requests[-1].code is None


async def test_a_wav_can_be_played(talk: Talk) -> None:
    response = await speak(talk, response_format="wav", sample_rate=16000)
    with wave.open(io.BytesIO(response.content)) as reader:
        assert (reader.getframerate(), reader.getnchannels()) == (16000, 1)
        samples = reader.readframes(reader.getnframes())
    assert len(samples) == 2 * 3200
    pcm = await speak(talk, response_format="pcm", sample_rate=16000)
    assert pcm.content == samples


async def test_an_ogg_is_made_of_pages_whose_sums_are_right(talk: Talk) -> None:
    rest = (await speak(talk, response_format="ogg_opus")).content
    pages = []
    while rest:
        count = rest[26]
        size = 27 + count + sum(rest[27 : 27 + count])
        pages.append(rest[:size])
        rest = rest[size:]
    for page in pages:
        assert page.startswith(b"OggS\0")
        assert ogg_sum(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")
    assert b"OpusHead" in pages[0]
    assert b"OpusTags" in pages[1]


def ogg_sum(page: bytes) -> int:
    total = 0
    for byte in page:
        total ^= byte << 24
        for _ in range(8):
            total = (total << 1) ^ (0x104C11DB7 if total & 0x80000000 else 0)
    return total


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"input": ""}, 4000),
        ({"input": "声" * 342}, 4000),
        ({"voice_id": None}, 4000),
        ({"voice_id": "74"}, 4200),
        ({"response_format": "flac"}, 4000),
        ({"speed": 3.1}, 4000),
        ({"speed": 0.1}, 4000),
        ({"speed": 2.5, "voice_id": CHINESE}, 4000),
        ({"sample_rate": 12000}, 4000),
        ({"loudness_rate": 101}, 4000),
        ({"emotion": "happy"}, 4000),
        ({"emotion": "fear", "voice_id": CHINESE}, 4000),
        ({"emotion_scale": 6}, 4000),
    ],
)
async def test_what_cannot_be_spoken_is_refused(
    talk: Talk, fields: dict[str, Any], refusal: int
) -> None:
    response = await speak(talk, **fields)
    assert code(response) == (200, refusal)
    assert response.json()["msg"]
    assert not talk.coze.spoken


async def test_the_length_of_what_is_spoken_counts_in_bytes(talk: Talk) -> None:
    assert (await speak(talk, "声" * 341 + "!")).status_code == 200
    assert (await speak(talk, "Hi", speed=2.5, emotion_scale=5)).content
    assert (await speak(talk, "Hi", voice_id=CHINESE, emotion="happy")).content
    assert [len(spoken.input) for spoken in talk.coze.spoken] == [342, 2, 2]


async def test_voices_are_listed(talk: Talk) -> None:
    listed = (await talk.http.get(VOICES)).json()["data"]
    codes = {voice["voice_id"]: voice["language_code"] for voice in listed["voice_list"]}
    assert (codes[CHINESE], codes[ENGLISH]) == ("zh", "en")
    assert listed["has_more"] is False
    everything = await voices(talk, voice_state="all")
    assert len(everything) == len(codes) + 1
    own = await voices(talk, filter_system_voice="true")
    assert set(own) == codes.keys() - {CHINESE, ENGLISH}
    assert await voices(talk, model_type="small") == [ENGLISH]
    assert set(await voices(talk, voice_state="init")) == set(everything) - codes.keys()


async def test_voices_are_listed_page_by_page(talk: Talk) -> None:
    everything = await voices(talk)
    assert await voices(talk, page_size=2) == everything[:2]
    assert await voices(talk, page_size=2, page_num=2) == everything[2:]
    assert await voices(talk, page_size=2, page_num=3) == []
    for size, more in ((2, True), (3, False)):
        page = await talk.http.get(VOICES, params={"page_size": size})
        assert page.json()["data"]["has_more"] is more


@pytest.mark.parametrize(
    "query",
    [
        {"page_num": 0},
        {"page_size": 101},
        {"page_size": "many"},
        {"filter_system_voice": "yes"},
        {"model_type": "huge"},
        {"voice_state": "old"},
    ],
)
async def test_a_wrong_list_of_voices_is_refused(talk: Talk, query: dict[str, Any]) -> None:
    assert code(await talk.http.get(VOICES, params=query)) == (200, 4000)


async def test_audio_can_fail(talk: Talk) -> None:
    for path, ask in ((HEAR, hear), (SPEAK, speak)):
        talk.coze.fail(path, JsonError(4009, "busy"))
        assert code(await ask(talk)) == (200, 4009)
        talk.coze.fail(path, HttpError(502))
        assert (await ask(talk)).status_code == 502
        for fault in (Refuse(), NoResponse(), Cut(mid_event=True)):
            talk.coze.fail(path, fault)
            with pytest.raises(httpx.TransportError):
                await ask(talk)
    talk.coze.fail(VOICES, JsonError(4009, "busy"))
    assert code(await talk.http.get(VOICES)) == (200, 4009)


async def test_coze_studio_neither_hears_nor_speaks() -> None:
    async with talking(dialect="studio") as talk:
        answers = [await hear(talk), await speak(talk), await talk.http.get(VOICES)]
        assert {answer.status_code for answer in answers} == {404}
