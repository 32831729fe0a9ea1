"""The simulated OAuth is as strict as Slack's."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bridge.sandbox.slack import SlackApp, SlackSimulator
from bridge.wire.serve import serve

BACK = "https://bridge.example.com/slack/slack/oauth_redirect"


class Client:
    """Somebody's browser, and the app."""

    def __init__(self, app: SlackApp, http: httpx.AsyncClient) -> None:
        self.app, self.http = app, http

    async def authorize(self, **changes: str) -> httpx.Response:
        asked = {"client_id": "100.200", "scope": "chat:write,commands", "redirect_uri": BACK}
        return await self.http.get("/oauth/v2/authorize", params=asked | {"state": "s"} | changes)

    async def code(self, **changes: str) -> str:
        """What the browser brings back."""
        told = parse_qs(urlsplit((await self.authorize(**changes)).headers["location"]).query)
        assert told["state"] == ["s"]
        return told["code"][0]

    async def access(self, **more: str) -> dict[str, Any]:
        known = {"client_id": "100.200", "client_secret": "sandbox-client-secret"}
        told = (await self.http.post("/api/oauth.v2.access", data=known | more)).json()
        assert isinstance(told, dict)
        return told

    async def error(self, **more: str) -> str:
        told = await self.access(**more)
        return "" if told["ok"] else str(told["error"])

    async def team(self, token: str) -> str:
        """Whose token it is, or why it is nobody's."""
        header = {"Authorization": f"Bearer {token}"}
        told = (await self.http.post("/api/auth.test", headers=header)).json()
        return str(told.get("team_id") or told["error"])


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    one, two = (SlackSimulator(team=team, enterprise="E1") for team in ("T1", "T2"))
    app = SlackApp(one, two, redirects=(BACK,))
    async with serve(app.app) as url, httpx.AsyncClient(base_url=url) as http:
        yield Client(app, http)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"client_id": "1.1"}, "Invalid client_id parameter"),
        ({"redirect_uri": "https://elsewhere.example"}, "did not match any configured URIs"),
        ({"redirect_uri": f"{BACK}er"}, "did not match any configured URIs"),
        ({"scope": "chat:write,everything"}, "Invalid permissions requested"),
    ],
)
async def test_nobody_is_asked_for_what_is_not_right(
    client: Client, changes: dict[str, str], why: str
):
    page = await client.authorize(**changes)
    assert (page.status_code, why in page.text) == (400, True)


async def test_a_code_is_for_one_app_one_address_and_one_use(client: Client):
    code = await client.code()
    assert await client.error(code=code, client_id="1.1") == "invalid_client_id"
    assert await client.error(code=code, client_secret="guessed") == "bad_client_secret"
    assert await client.error(code="guessed", redirect_uri=BACK) == "invalid_code"
    assert await client.error(code=code) == "bad_redirect_uri"
    assert await client.error(code=code, redirect_uri=BACK) == ""
    assert await client.error(code=code, redirect_uri=BACK) == "code_already_used"


async def test_a_token_opens_its_own_workspace_until_it_is_given_back(client: Client):
    tokens = {}
    for team in ("T1", "T2"):
        client.app.chooses = team
        told = await client.access(code=await client.code(), redirect_uri=BACK)
        assert (told["team"]["id"], told["is_enterprise_install"]) == (team, False)
        tokens[team] = told["access_token"]
        assert await client.team(tokens[team]) == team
    await client.http.post("/api/auth.revoke", data={"token": tokens["T1"]})
    client.app.uninstall("T2")
    assert await client.team(tokens["T1"]) == "token_revoked"
    assert await client.team(tokens["T2"]) == "account_inactive"
    assert await client.team("xoxb-guessed") == "invalid_auth"


async def test_an_organisation_is_one_installation_and_a_token_is_renewed_once(client: Client):
    client.app.chooses, client.app.expires_in = "E1", 43_200
    told = await client.access(code=await client.code(), redirect_uri=BACK)
    assert (told["team"], told["enterprise"]["id"]) == (None, "E1")
    assert told["is_enterprise_install"]
    renewing = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    new = await client.access(**renewing)
    assert new["access_token"] != told["access_token"]
    assert await client.error(**renewing) == "invalid_refresh_token"
    assert await client.team(new["access_token"]) == "T1"
