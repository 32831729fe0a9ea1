"""The endpoints that hear and speak."""

import math
import struct
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Annotated, Any, Literal, TypeAlias
from wave import open as wave_open

from msgspec import Meta, Struct

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.calls import Call, Raw, Result
from bridge.sandbox.coze.files import check_kind, sole_file
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.refusals import Refused, Why

# What is heard: always the same, or by a file's name and content.
Ears: TypeAlias = str | Callable[[str, bytes], str]

_LARGEST = 10 << 20
_HEARD = {"opus", "ogg", "mp3", "wav", "m4a", "mp4", "pcm", "raw", "spx", "aac", "amr"}
_KINDS = {"mp3": "audio/mpeg", "wav": "audio/wav", "pcm": "audio/pcm", "ogg_opus": "audio/ogg"}
_SPEEDS = {"big": (0.5, 2), "small": (0.2, 3)}
# Frames of MPEG-2 layer III at 24 kHz, 32 kbit/s, mono, in which nothing sounds.
_MP3 = (b"\xff\xf3\x44\xc0" + bytes(92)) * 10
# Three pages: OpusHead, OpusTags, and ten packets of 20 ms in which nothing sounds.
_OGG = b64decode(
    "T2dnUwACAAAAAAAAAAABAAAAAAAAAF3pgQoBE09wdXNIZWFkAQE4AcBdAAAAAABPZ2dTAAAAAAAAAAAAAAEAAAABAAAA"
    "/p6v3gEUT3B1c1RhZ3MEAAAAdGVzdAAAAABPZ2dTAASAJQAAAAAAAAEAAAACAAAAoJgkegoDAwMDAwMDAwMD+P/++P/+"
    "+P/++P/++P/++P/++P/++P/++P/++P/+"
)


@dataclass(frozen=True)
class Voice:
    """A voice that speaks; only one of several `emotions` can be told to have one."""

    voice_id: str
    name: str
    language_code: str
    language_name: str
    preview_text: str
    is_system_voice: bool = True
    model_type: Literal["big", "small"] = "big"
    state: Literal["init", "cloned"] = "cloned"
    emotions: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        """The OpenAPIVoiceData object."""
        fields = asdict(self)
        scale = {"min": 1, "max": 5, "default": 4}
        emotions = [
            {"emotion": name, "display_name": name, "emotion_scale_interval": scale}
            for name in fields.pop("emotions")
        ]
        return {
            **fields,
            **({"support_emotions": emotions} if emotions else {}),
            "preview_audio": f"https://example.com/{self.voice_id}.mp3",
            "available_training_times": 0 if self.is_system_voice else 9,
            "create_time": 1729686510,
            "update_time": 1729686510,
        }


_VOICES = (
    Voice("7426720361733013513", "开朗大男孩", "zh", "中文", "你好呀", emotions=("happy", "sad")),
    Voice("7426720361733046281", "Adam", "en", "English", "Hello", model_type="small"),
    Voice("7468512265134899251", "Mine", "en", "English", "Hello", is_system_voice=False),
    Voice("7468512265134932019", "New", "zh", "中文", "你好", is_system_voice=False, state="init"),
)


class SpeechBody(Struct):
    """POST /v1/audio/speech; `input` is limited in its bytes."""

    input: Annotated[str, Meta(min_length=1)]
    voice_id: str
    response_format: Literal["mp3", "wav", "pcm", "ogg_opus"] = "mp3"
    speed: float = 1
    sample_rate: Literal[8000, 16000, 22050, 24000, 32000, 44100, 48000] = 24000
    loudness_rate: Annotated[int, Meta(ge=-50, le=100)] = 0
    emotion: str | None = None
    emotion_scale: Annotated[float, Meta(ge=1, le=5)] = 4
    context_texts: str | None = None


class Audio:
    """Transcribes by `hears`, speaks with `voices`, and keeps what was `spoken`.

    Of silence, which is samples that are all 0, nothing is heard.
    """

    def __init__(self, hears: Callable[[], Ears]) -> None:
        self.voices: tuple[Voice, ...] = _VOICES
        self.spoken: list[SpeechBody] = []
        self._hears = hears

    @property
    def routes(self) -> Table:
        """Where sound is understood and made."""
        return [
            ("/v1/audio/transcriptions", ["POST"], self.transcribe),
            ("/v1/audio/speech", ["POST"], self.speak),
            ("/v1/audio/voices", ["GET"], self.list_voices),
        ]

    async def transcribe(self, call: Call) -> Result:
        """POST /v1/audio/transcriptions."""
        part = await sole_file(call, keep=_LARGEST, largest=_LARGEST)
        check_kind(part, _HEARD)
        sound, hears = bytes(part.head), self._hears()
        if _silent(sound):
            return {"text": ""}
        return {"text": hears if isinstance(hears, str) else hears(part.filename or "", sound)}

    def speak(self, call: Call) -> Result:
        """POST /v1/audio/speech."""
        body = bodies.parse(call.body, SpeechBody)
        voice = next((each for each in self.voices if each.voice_id == body.voice_id), None)
        if voice is None:
            raise Refused(Why.NO_RESOURCE, f"voice_id={body.voice_id}")
        slowest, fastest = _SPEEDS[voice.model_type]
        felt = body.emotion is None or body.emotion in voice.emotions
        if len(body.input.encode()) > 1024 or not slowest <= body.speed <= fastest or not felt:
            raise Refused(Why.PARAMETER)
        self.spoken.append(body)
        return Raw(_sound(body), _KINDS[body.response_format])

    def list_voices(self, call: Call) -> Result:
        """GET /v1/audio/voices."""
        number = _whole(call, "page_num", 1, range(1, 1 << 31))
        size = _whole(call, "page_size", 100, range(1, 101))
        without_system = _one_of(call, "filter_system_voice", "false", "true") == "true"
        model_type = _one_of(call, "model_type", "", "big", "small")
        state = _one_of(call, "voice_state", "cloned", "init", "all")
        found = [
            voice.shown()
            for voice in self.voices
            if not (without_system and voice.is_system_voice)
            and model_type in {"", voice.model_type}
            and state in {"all", voice.state}
        ]
        end = number * size
        return {"voice_list": found[end - size : end], "has_more": len(found) > end}


def _sound(body: SpeechBody) -> bytes:
    if body.response_format == "mp3":
        return _MP3
    return _OGG if body.response_format == "ogg_opus" else _beep(body)


def _beep(body: SpeechBody) -> bytes:
    """A fifth of a second of 440 Hz in 16 bits, as WAV or its bare samples."""
    rate = body.sample_rate
    waves = (math.sin(2 * math.pi * 440 * at / rate) for at in range(rate // 5))
    samples = b"".join(struct.pack("<h", int(8000 * wave)) for wave in waves)
    if body.response_format == "pcm":
        return samples
    file = BytesIO()
    with wave_open(file, "wb") as writer:
        writer.setparams((1, 2, rate, 0, "NONE", ""))
        writer.writeframes(samples)
    return file.getvalue()


def _silent(sound: bytes) -> bool:
    samples = sound.partition(b"data")[2][4:] if sound.startswith(b"RIFF") else sound
    return not samples.strip(b"\0")


def _whole(call: Call, name: str, default: int, allowed: range) -> int:
    digits = call.query.get(name) or str(default)
    if not digits.isdecimal() or int(digits) not in allowed:
        raise Refused(Why.PARAMETER, name)
    return int(digits)


def _one_of(call: Call, name: str, default: str, *others: str) -> str:
    value = call.query.get(name) or default
    if value not in {default, *others}:
        raise Refused(Why.PARAMETER, name)
    return value
