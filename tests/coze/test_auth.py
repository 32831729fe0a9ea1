"""Tokens: one of the operator's, or ones that are signed for as needed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from bridge.core.errors import Denied
from bridge.coze import auth
from bridge.coze.auth import SignedToken
from bridge.coze.errors import CozeDenied
from bridge.coze.services import CozeServices
from bridge.sandbox.coze import HttpError, RunFails, Stall
from tests.coze.rig import CHAT, Rig, connected, heard, question, rigged
from tests.sandbox.coze_keys import APP_ID, KEY_ID, app, keys

TOKEN = "/api/permission/oauth2/token"
CREATE, UPLOAD, SPEECH = "/v1/conversation/create", "/v1/files/upload", "/v1/audio/speech"
SOUND = b"ID3" + bytes(range(256)) * 4096
REFUSALS = [(401, 4100), (200, 4100), (200, 4101), (403, 4101), (200, 700012006), (401, 0)]

Call = Callable[[Rig], Awaitable[Any]]


async def streamed(rig: Rig) -> list[str]:
    said = {"role": "user", "content": "Hi", "content_type": "text"}
    body = {"bot_id": rig.coze.bot_id, "user_id": "ada", "additional_messages": [said]}
    async with aclosing(rig.client.stream(CHAT, body | {"stream": True})) as stream:
        return [name async for (name, _), _ in stream]


async def uploaded(rig: Rig) -> str:
    file = BytesIO(SOUND)
    file.seek(1000)  # wherever somebody left it
    return (await CozeServices(rig.client, rig.coze.bot_id).upload(file, "a.mp3", "audio")).id


async def spoken(rig: Rig) -> bytes:
    body = {"input": "Hello", "voice_id": rig.coze.audio.voices[0].voice_id}
    return await rig.client.fetch("POST", SPEECH, json=body)


CALLS: dict[str, Call] = {
    CREATE: lambda rig: rig.client.create_conversation(rig.coze.bot_id),
    CHAT: streamed,
    UPLOAD: uploaded,
    SPEECH: spoken,
}


def signer(owner: str = "app", **changes: str) -> Callable[[Any], SignedToken]:
    named = {"app_id": APP_ID, "key_id": KEY_ID, "private_key": keys(owner)[0]} | changes
    return lambda http: SignedToken(http, **named)


@asynccontextmanager
async def signing(owner: str = "app", **changes: str) -> AsyncIterator[Rig]:
    """A client that signs for its tokens."""
    async with (
        rigged(oauth=app()) as rig,
        connected(rig.url, "", sign=signer(owner, **changes)) as client,
    ):
        yield replace(rig, client=client)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with signing() as rig:
        yield rig


def granting(rig: Rig, expires: object, times: int = 1) -> None:
    """Let the next tokens be good ones that end as told."""
    told = json.dumps({"access_token": rig.coze.token, "expires_in": expires})
    rig.coze.fail(TOKEN, HttpError(200, told, "application/json"), times=times)


async def test_a_key_is_enough(rig: Rig) -> None:
    assert await CALLS[CREATE](rig) in rig.coze._memory.conversations
    (issued,) = rig.coze.oauth.issued
    assert issued.duration == 86399  # the longest, as each request costs time
    assert issued.claims["aud"] == urlsplit(rig.url).netloc
    assert 0 < issued.claims["exp"] - issued.claims["iat"] <= 3600


async def test_however_many_ask_at_once_one_token_is_fetched(rig: Rig) -> None:
    await asyncio.gather(*(call(rig) for call in CALLS.values() for _ in range(5)))
    assert len(rig.made(TOKEN)) == 1


async def test_however_many_are_refused_at_once_one_token_is_fetched(rig: Rig) -> None:
    await CALLS[CREATE](rig)
    rig.coze.revoke_tokens()
    await asyncio.gather(*(call(rig) for call in CALLS.values() for _ in range(5)))
    assert len(rig.made(TOKEN)) == 2


async def test_who_leaves_while_a_token_is_fetched_takes_it_from_nobody(rig: Rig) -> None:
    rig.coze.fail(TOKEN, Stall())
    impatient = asyncio.create_task(streamed(rig))
    await rig.coze.changes.until(lambda: rig.made(TOKEN))
    patient = asyncio.create_task(streamed(rig))
    impatient.cancel()
    assert (await patient)[-1] == "done"
    assert len(rig.coze.asked) == 1


async def test_a_late_refusal_of_an_old_token_does_not_cost_the_new_one(rig: Rig) -> None:
    async with httpx.AsyncClient(base_url=rig.url) as http:
        tokens = signer()(http)
        old = await tokens.token()
        assert tokens.refused(old)
        new = await tokens.token()
        assert tokens.refused(old)  # by a call that was under way
        assert await tokens.token() == new != old
    assert len(rig.made(TOKEN)) == 2


async def test_each_request_for_a_token_is_signed_anew(rig: Rig) -> None:
    for _ in range(3):
        await CALLS[CREATE](rig)
        rig.coze.revoke_tokens()
    assert len({issued.claims["jti"] for issued in rig.coze.oauth.issued}) == 3


@pytest.mark.parametrize(("left", "fetches"), [(0, 2), (29, 2), (90, 1), (86_399, 1)], ids=str)
@pytest.mark.parametrize("absolute", [True, False])
@pytest.mark.parametrize("kind", [int, str, float])
async def test_a_token_is_renewed_half_a_minute_before_it_ends(
    rig: Rig, left: int, fetches: int, absolute: bool, kind: type
) -> None:
    """Coze tells the moment, by a name that says a duration; either is understood."""
    granting(rig, kind(int(time.time()) + left if absolute else left), times=2)
    for _ in range(2):
        await CALLS[CREATE](rig)
    assert len(rig.made(TOKEN)) == fetches


@pytest.mark.parametrize("expires", [None, "", "soon", [], {}])
@pytest.mark.parametrize(("early", "fetches"), [(850.0, 1), (950.0, 2)])
async def test_a_token_of_unknown_end_is_good_for_a_quarter_of_an_hour(
    rig: Rig, expires: object, early: float, fetches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "EARLY", early)
    granting(rig, expires, times=2)
    for _ in range(2):
        await CALLS[CREATE](rig)
    assert len(rig.made(TOKEN)) == fetches


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
async def test_a_token_that_is_refused_is_replaced_and_the_call_made_once_more(
    rig: Rig, path: str, refusal: tuple[int, int]
) -> None:
    await CALLS[path](rig)
    rig.coze.denies_with = refusal
    rig.coze.revoke_tokens()
    assert await CALLS[path](rig)
    assert [made.status for made in rig.made(path)] == [200, refusal[0], 200]
    assert len(rig.made(TOKEN)) == 2
    assert len(rig.coze.asked) == (2 if path == CHAT else 0)


async def test_a_file_is_sent_again_from_its_beginning(rig: Rig) -> None:
    first = await uploaded(rig)
    rig.coze.revoke_tokens()
    second = await uploaded(rig)
    assert [made.status for made in rig.made(UPLOAD)] == [200, 401, 200]
    assert {rig.coze.files[id_].bytes for id_ in (first, second)} == {len(SOUND)}
    assert rig.coze.files[first].sha256 == rig.coze.files[second].sha256


@pytest.mark.parametrize("path", CALLS)
async def test_a_token_that_is_never_taken_is_replaced_once_and_no_more(
    rig: Rig, path: str
) -> None:
    rig.coze.oauth.lifetime = 0
    with pytest.raises(CozeDenied):
        await CALLS[path](rig)
    assert (len(rig.made(path)), len(rig.made(TOKEN))) == (2, 2)


@pytest.mark.parametrize("code", [4100, 4101, 700012006])
async def test_a_run_that_began_is_not_begun_again_for_a_token(rig: Rig, code: int) -> None:
    rig.coze.fail(CHAT, RunFails(code, "denied", after=1))
    with pytest.raises(CozeDenied):
        await heard(rig.backend().ask(question()))
    assert (len(rig.made(CHAT)), len(rig.made(TOKEN))) == (1, 1)


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
async def test_a_fixed_token_is_never_replaced_and_nothing_is_repeated(
    path: str, refusal: tuple[int, int]
) -> None:
    async with rigged() as rig, connected(rig.url, "pat_mistaken") as client:
        rig.coze.denies_with = refusal
        with pytest.raises(CozeDenied) as denied:
            await CALLS[path](replace(rig, client=client))
        assert [made.path for made in rig.coze.requests] == [path]
    assert "COZE_API_TOKEN" in str(denied.value) or "permissions" in str(denied.value)
    assert "pat_mistaken" not in str(denied.value)
    assert denied.value.log_id in str(denied.value)
    assert denied.value.log_id


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_wrong_is_named(
    rig: Rig, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = SimpleNamespace(time=lambda: time.time() + hours * 3600)
    monkeypatch.setattr(auth, "time", wrong)
    with pytest.raises(Denied, match="this machine's clock"):
        await CALLS[CREATE](rig)
    assert len(rig.made(TOKEN)) == 1
