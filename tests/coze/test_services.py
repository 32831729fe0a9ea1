"""What Coze offers beside answers: files, recordings, voices."""

import gc
import tracemalloc
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from bridge.core.errors import Fatal, Retryable, Uncertain
from bridge.core.model import Kind, Media, Upload
from bridge.coze.errors import CozeBusy, CozeError, CozeRefused
from bridge.coze.services import MOST_PORTIONS, MOST_SPOKEN, CozeServices
from bridge.sandbox.coze import Cut, Fault, HttpError, JsonError, NoResponse, Refuse, Voice
from tests.coze.rig import DIALECTS, Rig, answering, rigged

UPLOAD, HEAR = "/v1/files/upload", "/v1/audio/transcriptions"
SPEAK, VOICES = "/v1/audio/speech", "/v1/audio/voices"
MB = 1 << 20


@pytest.fixture(params=DIALECTS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(dialect=request.param) as rig:
        yield rig


@pytest.fixture
async def cloud() -> AsyncIterator[Rig]:
    async with rigged() as rig:
        yield rig


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what is spoken comes to lie."""
    made = tmp_path / "spoken"
    made.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(made))
    return made


def sound(media: Media) -> bytes:
    return Path(media.path).read_bytes()


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def services(rig: Rig, voice_id: str = "") -> CozeServices:
    return CozeServices(rig.client, rig.coze.bot_id, voice_id=voice_id)


def sparse(folder: Path, size: int) -> BinaryIO:
    """A file of so many bytes that take no room."""
    path = folder / "large"
    with path.open("wb") as file:
        file.truncate(size)
    return path.open("rb")


@pytest.mark.parametrize("kind", ["image", "audio", "video", "file"])
@pytest.mark.parametrize("name", ["cat.png", "猫 “1”.png", 'a"b;c.png'])
async def test_a_file_is_stored_at_coze(rig: Rig, kind: Kind, name: str) -> None:
    file = BytesIO(b"\x89PNG and more")
    file.read()  # whoever held it before has read it
    upload = await services(rig).upload(file, name, kind)
    (stored,) = rig.coze.files.values()
    assert upload == Upload(stored.id, kind, name)
    assert (stored.bytes, stored.head) == (len(file.getvalue()), file.getvalue())
    if '"' not in name:
        assert stored.name == name
    assert rig.made(UPLOAD)[0].headers["content-length"].isdigit()


async def test_a_large_file_passes_through_without_being_held(rig: Rig, tmp_path: Path) -> None:
    with sparse(tmp_path, 100 * MB) as file:
        await services(rig).upload(BytesIO(b"to warm up"), "small.zip", "file")
        gc.collect()
        tracemalloc.start()
        try:
            upload = await services(rig).upload(file, "large.zip", "file")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert rig.coze.files[upload.id].bytes == 100 * MB
    assert peak < 10 * MB  # on both sides of the socket together


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (HttpError(502), CozeBusy),
        (JsonError(5000, "sorry"), CozeBusy),
        (Refuse(), Uncertain),
        (NoResponse(), Uncertain),
        (Cut(0), Uncertain),
    ],
    ids=repr,
)
async def test_a_file_is_sent_once_by_the_client(
    rig: Rig, fault: Fault, kind: type[Retryable]
) -> None:
    rig.coze.fail(UPLOAD, fault)
    with pytest.raises(kind):
        await services(rig).upload(BytesIO(b"x"), "a.png", "image")
    assert len(rig.made(UPLOAD)) == 1


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [("a.png", b"", "file.empty"), ("a.exe", b"MZ", "file.type"), ("a", b"x", "file.type")],
)
async def test_a_file_that_coze_does_not_take_is_told_by_its_own_sentence(
    cloud: Rig, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(CozeRefused) as error:
        await services(cloud).upload(BytesIO(content), name, "file")
    assert error.value.say == sentence


async def test_a_file_that_is_too_large_is_refused(rig: Rig) -> None:
    rig.coze.uploads.largest = MB
    with pytest.raises(Fatal) as error:
        await services(rig).upload(BytesIO(bytes(MB + 1)), "a.zip", "file")
    assert error.value.say == "file.too_large"


@pytest.mark.parametrize("data", [None, {}, {"id": ""}, {"file_name": "a.png"}])
async def test_a_file_without_an_id_is_as_good_as_none(cloud: Rig, data: object) -> None:
    cloud.coze.fail(UPLOAD, answering(data))
    with pytest.raises(CozeError) as error:
        await services(cloud).upload(BytesIO(b"x"), "a.png", "image")
    assert error.value.say == "file.unavailable"


async def test_a_recording_becomes_words(cloud: Rig) -> None:
    cloud.coze.hears = lambda name, sound: f"你好 {name}: {sound.decode()}"
    file = BytesIO(b"OggS and more")
    file.read()
    heard = await services(cloud).transcribe(file, "voice.ogg")
    assert heard == "你好 voice.ogg: OggS and more"


@pytest.mark.parametrize("data", [{"text": ""}, {"text": None}, {}, None])
async def test_where_nothing_is_spoken_there_are_no_words(cloud: Rig, data: object) -> None:
    cloud.coze.fail(HEAR, answering(data))
    assert await services(cloud).transcribe(BytesIO(b"OggS"), "voice.ogg") == ""
    assert await services(cloud).transcribe(BytesIO(bytes(99)), "voice.pcm") == ""


@pytest.mark.parametrize("fault", [HttpError(502), JsonError(4000, "no"), NoResponse()], ids=repr)
async def test_a_recording_is_sent_once_by_the_client(cloud: Rig, fault: Fault) -> None:
    cloud.coze.fail(HEAR, fault)
    with pytest.raises((Fatal, Retryable)):
        await services(cloud).transcribe(BytesIO(b"OggS"), "voice.ogg")
    assert len(cloud.made(HEAR)) == 1


async def test_a_text_is_spoken_into_a_file(cloud: Rig) -> None:
    media = await services(cloud).speak("Hello there.", "en-GB")
    assert (media.kind, media.name, media.type) == ("voice", "answer.mp3", "audio/mpeg")
    assert media.size == len(sound(media))
    assert sound(media).startswith(b"\xff\xf3")
    (spoken,) = cloud.coze.spoken
    assert (spoken.input, spoken.response_format) == ("Hello there.", "mp3")


async def test_a_long_text_is_spoken_in_portions_which_follow_one_another(cloud: Rig) -> None:
    sentences = [f"Sentence number {n} says something, 也说中文。" for n in range(60)]
    media = await services(cloud).speak(" ".join(sentences), "en")
    told = [spoken.input for spoken in cloud.coze.spoken]
    assert 1 < len(told) <= MOST_PORTIONS
    assert all(len(portion.encode()) <= MOST_SPOKEN for portion in told)
    assert "".join(told).replace(" ", "") == "".join(sentences).replace(" ", "")
    one = len(await cloud.client.fetch("POST", SPEAK, json=cloud.made(SPEAK)[0].body))
    assert len(sound(media)) == media.size == len(told) * one


async def test_of_an_endless_text_only_the_beginning_is_spoken(cloud: Rig) -> None:
    await services(cloud).speak("word " * 4000, "en")
    assert len(cloud.coze.spoken) == MOST_PORTIONS


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        *(("en", "en"), ("en-GB", "en"), ("EN", "en")),
        *(("zh", "zh"), ("zh-Hans-CN", "zh"), ("fr", "zh"), ("", "zh")),  # else the first
    ],
)
async def test_a_voice_speaks_the_language(cloud: Rig, language: str, spoken: str) -> None:
    await services(cloud).speak("Hi", language)
    languages = {each.voice_id: each.language_code for each in cloud.coze.audio.voices}
    assert languages[cloud.coze.spoken[0].voice_id] == spoken


async def test_voices_are_asked_for_once_for_each_language(cloud: Rig) -> None:
    bot = services(cloud)
    for language in ("en", "en-US", "zh", "zh", "en"):
        await bot.speak("Hi", language)
    assert len(cloud.made(VOICES)) == 2


async def test_a_voice_that_the_operator_chose_speaks_all_languages(cloud: Rig) -> None:
    voice = cloud.coze.audio.voices[2].voice_id
    for language in ("en", "zh"):
        await services(cloud, voice).speak("Hi", language)
    assert {spoken.voice_id for spoken in cloud.coze.spoken} == {voice}
    assert not cloud.made(VOICES)


@pytest.mark.parametrize("listed", [(), (Voice("1", "New", "en", "English", "Hi", state="init"),)])
async def test_without_a_voice_the_operator_is_told(cloud: Rig, listed: tuple[Voice, ...]) -> None:
    cloud.coze.audio.voices = listed
    with pytest.raises(CozeRefused, match="no voice") as error:
        await services(cloud).speak("Hi", "en")
    assert error.value.say == "error.setup"


@pytest.mark.parametrize(
    "fault",
    [JsonError(4000, "no"), JsonError(5000, "sorry"), HttpError(502), NoResponse()],
    ids=repr,
)
async def test_speech_that_fails_leaves_no_file(cloud: Rig, fault: Fault, folder: Path) -> None:
    cloud.coze.fail(SPEAK, fault)
    with pytest.raises((Fatal, Retryable)):
        await services(cloud).speak("Hi", "en")
    assert files(folder) == []


@pytest.mark.parametrize("told", ['{"code":0,"msg":""}', '{"code":4000,"msg":"no"}', "{}"])
async def test_json_in_place_of_sound_is_an_error(cloud: Rig, told: str) -> None:
    cloud.coze.fail(SPEAK, HttpError(200, told, "application/json; charset=utf-8"))
    with pytest.raises(CozeError):
        await services(cloud).speak("Hi", "en")


async def test_coze_studio_neither_hears_nor_speaks_and_that_is_told_once() -> None:
    async with rigged(dialect="studio") as rig:
        calls = services(rig).transcribe(BytesIO(b"OggS"), "a.ogg"), services(rig).speak("Hi", "")
        for call in calls:
            with pytest.raises(CozeRefused):
                await call
        assert len(rig.coze.requests) == 2
