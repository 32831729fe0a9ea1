import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest

from bridge.sandbox.coze import HttpError, JsonError
from tests.sandbox import coze_keys
from tests.sandbox.coze_keys import APP_ID, KEY_ID, signed
from tests.sandbox.coze_talk import Talk, answer, code, parsed, talking

TOKEN, ME = "/api/permission/oauth2/token", "/v1/users/me"
GRANT = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
SOON = int(time.time()) + 3600


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking(oauth=coze_keys.app()) as talk:
        yield talk


async def exchange(talk: Talk, assertion: str, path: str = TOKEN, **body: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {assertion}"}
    return await talk.http.post(path, json=GRANT | body, headers=headers)


async def obtain(talk: Talk, **body: Any) -> str:
    response = await exchange(talk, signed(), **body)
    assert response.status_code == 200, response.text
    return str(response.json()["access_token"])


async def with_token(talk: Talk, token: str) -> httpx.Response:
    return await talk.http.get(ME, headers={"authorization": f"Bearer {token}"})


async def test_a_signed_jwt_is_exchanged_for_a_token(talk: Talk) -> None:
    before = int(time.time())
    told = (await exchange(talk, signed(session_name="ada"))).json()
    assert told["access_token"].startswith("czs_")
    assert told["token_type"] == "Bearer"
    assert before + 900 <= told["expires_in"] <= int(time.time()) + 900
    (issued,) = talk.coze.oauth.issued
    assert (issued.token, issued.duration) == (told["access_token"], 900)
    assert issued.expires == told["expires_in"]
    assert (issued.claims["iss"], issued.claims["session_name"]) == (APP_ID, "ada")
    assert issued.account_id is None
    assert code(await with_token(talk, issued.token)) == (200, 0)


async def test_a_token_serves_for_a_chat_as_the_fixed_one_does(talk: Talk) -> None:
    for token in (await obtain(talk), talk.coze.token):
        talk.http.headers["authorization"] = f"Bearer {token}"
        assert answer(parsed((await talk.chat("Hello")).content))


async def test_a_token_may_be_asked_for_for_up_to_a_day(talk: Talk) -> None:
    told = (await exchange(talk, signed(), duration_seconds=86399)).json()
    assert told["expires_in"] > time.time() + 86000
    for wrong in (86400, 0, -1, "900"):
        response = await exchange(talk, signed(), duration_seconds=wrong)
        assert (response.status_code, response.json()["error_code"]) == (400, "invalid_request")


async def test_an_organisation_has_an_endpoint_of_its_own(talk: Talk) -> None:
    path = "/api/permission/oauth2/account/7490888144456/token"
    assert (await exchange(talk, signed(), path)).status_code == 200
    assert talk.coze.oauth.issued[0].account_id == "7490888144456"


async def test_the_audience_may_be_the_host_that_was_called(talk: Talk) -> None:
    host = talk.http.base_url.netloc.decode()
    assert (await exchange(talk, signed(aud=host))).status_code == 200
    assert (await exchange(talk, signed(aud=f"http://{host}"))).status_code == 401


async def test_a_jwt_serves_once(talk: Talk) -> None:
    assertion = signed()
    assert (await exchange(talk, assertion)).status_code == 200
    again = await exchange(talk, assertion)
    assert (again.status_code, again.json()["error_code"]) == (401, "invalid_client")
    assert "jti" in again.json()["error_message"]
    assert len(talk.coze.oauth.issued) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "7"},
        {"aud": "api.coze.com"},
        {"iat": SOON, "exp": SOON + 600},
        {"iat": SOON - 8000, "exp": SOON - 7000},
        {"iss": None},
        {"aud": None},
        {"iat": None},
        {"exp": None},
        {"jti": None},
        {"key": "a stranger"},
        {"header": {"kid": "unknown"}},
        {"header": {"typ": "at+jwt"}},
    ],
)
async def test_a_wrong_jwt_is_refused(talk: Talk, changes: dict[str, Any]) -> None:
    response = await exchange(talk, signed(**changes))
    told = response.json()
    assert (response.status_code, told["error_code"]) == (401, "invalid_client")
    assert told["error_message"].startswith("invalid jwt: ")
    assert "code" not in told
    assert not talk.coze.oauth.issued


async def test_a_jwt_signed_otherwise_is_refused(talk: Talk) -> None:
    claims = {"iss": APP_ID, "aud": "api.coze.cn", "iat": 1, "exp": SOON, "jti": "x"}
    secret = jwt.encode(claims, "0" * 32, algorithm="HS256", headers={"kid": KEY_ID})
    nothing = jwt.encode(claims, "", algorithm="none", headers={"kid": KEY_ID})
    for assertion in (secret, nothing, "no.jwt.at all", talk.coze.token):
        response = await exchange(talk, assertion)
        assert (response.status_code, response.json()["error_code"]) == (401, "invalid_client")


async def test_only_one_grant_is_known(talk: Talk) -> None:
    refused = (await exchange(talk, signed(), grant_type="refresh_token")).json()
    assert refused["error_code"] == "unsupported_grant_type"
    assert refused["error_message"] == "not supported grant type: refresh_token"
    missing = await talk.http.post(TOKEN, content=b"{}")
    assert (missing.status_code, missing.json()["error_code"]) == (400, "invalid_request")


async def test_an_app_that_is_unknown_or_switched_off_gets_no_token(talk: Talk) -> None:
    talk.coze.oauth.active = False
    response = await exchange(talk, signed())
    assert (response.status_code, response.json()["error_code"]) == (403, "access_deny")
    async with talking() as other:
        response = await exchange(other, signed())
        assert response.json()["error_message"] == "invalid jwt: kid not been registred"


async def test_a_token_may_live_for_less_than_was_told(talk: Talk) -> None:
    token = await obtain(talk, duration_seconds=86399)
    assert code(await with_token(talk, token)) == (200, 0)
    talk.coze.oauth.lifetime = 0
    assert code(await with_token(talk, token)) == (401, 4100)
    talk.coze.oauth.lifetime = 3600
    assert code(await with_token(talk, token)) == (200, 0)
    assert talk.coze.oauth.issued[0].expires > time.time() + 86000


async def test_a_token_that_was_revoked_is_refused(talk: Talk) -> None:
    old = await obtain(talk)
    talk.coze.revoke_tokens()
    assert code(await with_token(talk, old)) == (401, 4100)
    assert code(await with_token(talk, await obtain(talk))) == (200, 0)
    assert code(await with_token(talk, talk.coze.token)) == (200, 0)


@pytest.mark.parametrize("denial", [(401, 4100), (200, 4101), (200, 700012006)])
async def test_tokens_are_refused_in_several_ways(talk: Talk, denial: tuple[int, int]) -> None:
    talk.coze.denies_with = denial
    response = await with_token(talk, "czs_unknown")
    assert code(response) == denial
    assert response.json()["msg"]
    assert response.json()["detail"]["logid"]
    assert code(await talk.http.get("/v1/files/retrieve")) == (200, 4000)


async def test_the_fixed_token_can_be_changed(talk: Talk) -> None:
    old, talk.coze.token = talk.coze.token, "pat_new"
    assert code(await with_token(talk, old)) == (401, 4100)
    assert code(await with_token(talk, "pat_new")) == (200, 0)


async def test_the_exchange_can_fail(talk: Talk) -> None:
    talk.coze.fail(TOKEN, JsonError(4009, "busy"))
    assert code(await exchange(talk, signed())) == (200, 4009)
    told = '{"error_code":"internal_error","error_message":"Service internal error."}'
    talk.coze.fail(TOKEN, HttpError(500, told, "application/json"))
    assert (await exchange(talk, signed())).json()["error_code"] == "internal_error"


async def test_coze_studio_knows_only_its_own_tokens() -> None:
    async with talking(dialect="studio", oauth=coze_keys.app()) as talk:
        assert (await exchange(talk, signed())).status_code == 404
        talk.coze.denies_with = (401, 4100)
        path = f"/v1/bots/{talk.coze.bot_id}"
        stranger = {"authorization": "Bearer czs_unknown"}
        assert code(await talk.http.get(path, headers=stranger)) == (401, 4100)
