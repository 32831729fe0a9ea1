"""What Slack grants an app that people install: tokens for codes, and new tokens for old."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urljoin

from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import Denied, Rejected
from bridge.core.ports import Installation
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.manifest import scopes

_AGAIN = frozenset({"invalid_code", "code_already_used", "code_expired"})
_REMEDIES = {
    "invalid_client_id": "check SLACK_CLIENT_ID",
    "bad_client_secret": "check SLACK_CLIENT_SECRET, of the app with this client id",
    "bad_redirect_uri": "add it to the Redirect URLs of the app (OAuth & Permissions)",
    "invalid_scope": "give the app the scopes of its manifest",
}


class Grants:
    """One app, by its client id and secret. `redirect` is where people come back to us."""

    def __init__(
        self, client: AsyncWebClient, client_id: str, client_secret: str, redirect: str
    ) -> None:
        self.client_id, self.redirect = client_id, redirect
        self._client, self._secret = client, client_secret

    def page(self, state: str) -> str:
        """The address at which Slack asks whether the app may be installed."""
        return AuthorizeUrlGenerator(
            client_id=self.client_id,
            redirect_uri=quote(self.redirect, safe=""),
            scopes=scopes(),
            authorization_url=urljoin(self._client.base_url, "/oauth/v2/authorize"),
        ).generate(state)

    async def exchange(self, code: str) -> Installation:
        """The installation that a code stands for.

        Raises:
            Denied: the app is not set up as it has to be.
            Rejected: the code is no good.
            Retryable: Slack does not answer.
        """
        try:
            told = await self._access(code=code, redirect_uri=self.redirect)
        except Rejected as error:
            reason = _reason(error)
            if reason in _AGAIN:
                raise
            remedy = _REMEDIES.get(reason, "look at the app's settings at api.slack.com/apps")
            raise Denied(f"{error}: {remedy}") from error
        whole = told.get("is_enterprise_install")
        place = told.get("enterprise" if whole else "team") or {}
        if not (place.get("id") and told.get("bot_user_id") and told.get("access_token")):
            raise Denied("Slack: no token for a bot: give the app the scopes of its manifest")
        return Installation(
            id=place["id"],
            name=place.get("name") or place["id"],
            bot=told["bot_user_id"],
            at=time.time(),
            **_token(told),
        )

    async def renewed(self, old: Installation) -> Installation:
        """The installation with a new token. The old one is good until it expires."""
        told = await self._access(grant_type="refresh_token", refresh_token=old.refresh)
        if not told.get("access_token"):
            raise Rejected("Slack: there is no new token")
        return replace(old, **_token(told))

    async def revoke(self, token: str) -> None:
        """Give a token back."""
        with translated():
            await self._client.auth_revoke(token=token)

    async def check(self) -> None:
        """See that Slack knows the app: with a code that is none it says so."""
        try:
            await self._access(code="coze-bridge-check", redirect_uri=self.redirect)
        except Rejected as error:
            if remedy := _REMEDIES.get(_reason(error)):
                raise Denied(f"{error}: {remedy}") from error

    async def _access(self, **more: str) -> Mapping[str, Any]:
        with translated():
            # slack_sdk's own oauth_v2_access does what aiohttp is about to end.
            told = await self._client.api_call(
                "oauth.v2.access",
                data={"client_id": self.client_id, "client_secret": self._secret, **more},
            )
        data = told.data
        return data if isinstance(data, dict) else {}


def _token(told: Mapping[str, Any]) -> dict[str, Any]:
    """The token in an answer, and how long it lives."""
    ends = told.get("expires_in")
    return {
        "token": told["access_token"],
        "refresh": told.get("refresh_token") or "",
        "expires": time.time() + float(ends) if ends else 0.0,
    }


def _reason(refused: Rejected) -> str:
    """Why Slack refuses, in its own word."""
    cause = refused.__cause__
    return str(cause.response.get("error", "")) if isinstance(cause, SlackApiError) else ""
