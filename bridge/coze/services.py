"""What Coze offers beside answers: files, recordings, voices, feedback, memory."""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

from bridge.core.model import Kind, Media, Run, Upload
from bridge.core.ports import About, Line, Shortcut
from bridge.core.speech import portions
from bridge.coze.client import CozeClient, Json, data_of
from bridge.coze.errors import CozeError, unanswerable

FRESH = 600.0  # seconds for which Coze is not asked about a bot again
MOST_SPOKEN = (
    1024  # bytes of one request, https://www.coze.cn/open/docs/developer_guides/text_to_speech
)
MOST_PORTIONS = 8  # requests of one answer; who wants to hear more than some minutes can read
PAGE = 50  # messages; the most that Coze lists at a time
_RATES = {True: "like", False: "unlike"}


class CozeServices:
    """`ports.Services` for one bot. `voice_id`: who speaks; empty: a voice of the language."""

    def __init__(self, client: CozeClient, bot_id: str, *, voice_id: str = "") -> None:
        self._client, self._bot_id, self._voice_id = client, bot_id, voice_id
        self._about: tuple[float, About] | None = None
        self._voices: dict[str, str] = {}  # by language

    async def upload(self, file: BinaryIO, name: str, kind: Kind) -> Upload:
        """See `ports.Services`."""
        told = await self._client.call("POST", "/v1/files/upload", file=(name, file))
        id_ = data_of(told).get("id") or data_of(told).get("file_id") or data_of(told).get("uri")
        if not id_:
            raise unanswerable("an uploaded file has no id", "file.unavailable")
        return Upload(str(id_), kind, name)

    async def transcribe(self, file: BinaryIO, name: str) -> str:
        """See `ports.Services`."""
        told = await self._client.call("POST", "/v1/audio/transcriptions", file=(name, file))
        return str(data_of(told).get("text") or "")

    async def speak(self, text: str, language: str) -> Media:
        """See `ports.Services`. Several requests make one MP3, which is a stream of frames."""
        voice = self._voice_id or await self._voice(language)
        sound = b""
        for portion in portions(text, MOST_SPOKEN)[:MOST_PORTIONS]:
            body = {"input": portion, "voice_id": voice, "response_format": "mp3"}
            sound += await self._client.fetch("POST", "/v1/audio/speech", json=body)
        return await asyncio.to_thread(_kept, sound)

    async def about(self) -> About:
        """See `ports.Services`."""
        if self._about is None or time.monotonic() > self._about[0] + FRESH:
            path, params = f"/v1/bots/{self._bot_id}", {"is_published": "true"}
            told = data_of(await self._client.patiently("GET", path, params=params))
            self._about = (time.monotonic(), _about(told))
        return self._about[1]

    async def rate(
        self, run: Run, answer: str, *, good: bool, reasons: Sequence[str] = (), words: str = ""
    ) -> None:
        """See `ports.Services`."""
        path = f"/v1/conversations/{run.conversation}/messages/{answer}/feedback"
        body: Json = {"feedback_type": _RATES[good]}
        if reasons:
            body["reason_types"] = [reason[:30] for reason in reasons[:10]]
        if words:
            body["comment"] = words[:250]
        await self._client.patiently("POST", path, json=body)

    async def variables(self, user: str) -> Mapping[str, str]:
        """See `ports.Services`."""
        params = {"bot_id": self._bot_id, "connector_uid": user}
        told = data_of(await self._client.patiently("GET", "/v1/variables", params=params))
        items = told.get("items")
        return {
            str(item["keyword"]): str(item.get("value") or "")
            for item in (items if isinstance(items, list) else ())
            if isinstance(item, dict) and item.get("keyword")
        }

    async def set_variable(self, user: str, name: str, value: str) -> None:
        """See `ports.Services`."""
        body = {
            "bot_id": self._bot_id,
            "connector_uid": user,
            "data": [{"keyword": name, "value": value}],
        }
        await self._client.patiently("PUT", "/v1/variables", json=body)

    async def history(self, conversation: str) -> AsyncGenerator[Line, None]:
        """See `ports.Services`. Asked for newest first: Coze Studio knows no other order."""
        path, params = "/v1/conversation/message/list", {"conversation_id": conversation}
        body: Json = {"order": "desc", "limit": PAGE}
        lines: list[Line] = []
        while True:
            told = await self._client.patiently("POST", path, params=params, json=body)
            lines += map(_line, told.get("data") or ())
            last = str(told.get("last_id") or "")
            if not told.get("has_more") or not last or last == body.get("after_id"):
                break
            body["after_id"] = last
        for line in reversed(lines):
            yield line

    async def report(self, run: Run) -> Sequence[str]:
        """See `ports.Services`."""
        chat = await self._client.retrieve(run)
        lines = [f"status: {chat.get('status')}"]
        if (error := chat.get("last_error")) and isinstance(error, dict) and error.get("code"):
            lines.append(f"last error: {error.get('code')} {error.get('msg')}")
        if isinstance(counted := chat.get("usage"), dict):
            lines.append(f"tokens: {counted.get('token_count')}")
        try:
            listed = await self._client.messages(run)
        except CozeError as error:
            return [*lines, f"messages: {error}"]
        for message in listed if isinstance(listed, list) else ():
            content = " ".join(str(message.get("content") or "").split())
            lines.append(f"{message.get('type')} {message.get('id')}: {content[:200]}")
        return lines

    async def _voice(self, language: str) -> str:
        """A voice of Coze's that speaks a language, else the first there is."""
        language = language.partition("-")[0].lower()
        if language not in self._voices:
            params = {"filter_system_voice": "false", "page_num": "1", "page_size": "100"}
            told = data_of(await self._client.patiently("GET", "/v1/audio/voices", params=params))
            voices = [each for each in told.get("voice_list") or () if isinstance(each, dict)]
            if not voices:
                raise unanswerable("there is no voice at Coze to speak with", "error.setup")
            speaks = (v for v in voices if str(v.get("language_code")).startswith(language))
            self._voices[language] = str(next(speaks, voices[0]).get("voice_id"))
        return self._voices[language]


def _about(told: Json) -> About:
    """Coze writes the keys of its onboarding in two ways."""
    info = told.get("onboarding_info")
    info = info if isinstance(info, dict) else {}
    questions = info.get("suggested_questions") or info.get("SuggestedQuestions")
    return About(
        name=str(told.get("name") or ""),
        prologue=str(info.get("prologue") or info.get("Prologue") or ""),
        questions=tuple(map(str, questions)) if isinstance(questions, list) else (),
        shortcuts=tuple(_shortcuts(told.get("shortcut_commands"))),
    )


def _shortcuts(listed: Any) -> list[Shortcut]:  # noqa: ANN401 - Coze is free with types
    made = []
    for each in _objects(listed):
        name = str(each.get("command") or "").lstrip("/").strip().lower()
        if name and each.get("id"):
            about = str(each.get("description") or each.get("name") or name)
            parts = [p for p in _objects(each.get("components")) if not p.get("is_hide")]
            files = tuple(str(p.get("name")) for p in parts if p.get("type") == "file")
            inputs = tuple(str(p.get("name")) for p in parts if p.get("type") != "file")
            made.append(Shortcut(str(each["id"]), name, about, inputs, files))
    return made


def _objects(listed: object) -> list[Json]:
    """The objects of a list, if it is one."""
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _words(content: str) -> str:
    """The words of a message with files, and of what kind these are."""
    try:
        parts = _objects(msgspec.json.decode(content))
    except msgspec.DecodeError:
        return content
    return "\n".join(str(part.get("text") or f"[{part.get('type')}]") for part in parts)


def _line(message: Json) -> Line:
    """One message; its time may be text."""
    role: Literal["user", "assistant"] = "user" if message.get("role") == "user" else "assistant"
    try:
        at = float(str(message.get("created_at") or 0))
    except ValueError:
        at = 0.0
    text = str(message.get("content") or "")
    return Line(role, _words(text) if message.get("content_type") == "object_string" else text, at)


def _kept(sound: bytes) -> Media:
    with tempfile.NamedTemporaryFile(delete=False, suffix=".mp3") as made:
        made.write(sound)
    return Media(str(Path(made.name)), "voice", "answer.mp3", "audio/mpeg", len(sound))
