"""The endpoint for what a bot, or an app, remembers of each user by name."""

import time
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgspec import Struct

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.bots import Bot, Variable
from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.refusals import Refused, Why

_API = "1024"
_CONNECTORS = {_API, "999"}  # the API and the Chat SDK


@dataclass(frozen=True)
class Value:
    """What a variable was set to; times are in seconds of Unix time."""

    value: str
    created_at: int
    updated_at: int


class Item(Struct):
    """One variable and its new value."""

    keyword: str
    value: str


class VariablesBody(Struct):
    """PUT /v1/variables."""

    connector_uid: str
    data: list[Item]
    bot_id: str | None = None
    app_id: str | None = None
    connector_id: str | None = None


# Bot or app, channel, the user_id of a chat, and name.
Place: TypeAlias = tuple[str, str, str, str]


class Variables:
    """Keeps the variables of the bot, and of `apps` by their ids, for each user on its own."""

    def __init__(self, bot_id: str, bot: Bot) -> None:
        self.apps: dict[str, tuple[Variable, ...]] = {}
        self.values: dict[Place, Value] = {}
        self._bot_id = bot_id
        self._bot = bot

    @property
    def routes(self) -> Table:
        """Where variables are read and set."""
        return [("/v1/variables", ["GET"], self.read), ("/v1/variables", ["PUT"], self.set)]

    def read(self, call: Call) -> Result:
        """GET /v1/variables: those asked for that there are, or all."""
        (user_id,) = call.required("connector_uid")
        owner, defined = self._owner(call.query.get("bot_id"), call.query.get("app_id"))
        connector_id = _connector(call.query.get("connector_id"))
        wanted = set(filter(None, call.query.get("keywords", "").split(",")))
        return {
            "items": [
                self._shown(variable, (owner, connector_id, user_id, variable.keyword))
                for variable in defined
                if not wanted or variable.keyword in wanted
            ]
        }

    def set(self, call: Call) -> Result:
        """PUT /v1/variables: all of them or none."""
        body = bodies.parse(call.body, VariablesBody)
        owner, defined = self._owner(body.bot_id, body.app_id)
        connector_id = _connector(body.connector_id)
        settable = {variable.keyword for variable in defined}
        if not (body.connector_uid and body.data):
            raise Refused(Why.PARAMETER)
        if any(item.keyword not in settable for item in body.data):
            raise Refused(Why.PARAMETER)
        now = int(time.time())
        for item in body.data:
            place = (owner, connector_id, body.connector_uid, item.keyword)
            created_at = self.values[place].created_at if place in self.values else now
            self.values[place] = Value(item.value, created_at, now)
        return None

    def _owner(self, bot_id: str | None, app_id: str | None) -> tuple[str, list[Variable]]:
        """Whose variables are meant, and those of them that a client can see and set."""
        if not (bot_id or app_id):
            raise Refused(Why.PARAMETER)
        if bot_id and bot_id != self._bot_id:
            raise Refused(Why.NO_BOT, bot_id)
        if not bot_id and app_id not in self.apps:
            raise Refused(Why.NO_RESOURCE, f"app_id={app_id}")
        owner = bot_id or str(app_id)
        defined = self._bot.variables if bot_id else self.apps[owner]
        return owner, [variable for variable in defined if variable.settable]

    def _shown(self, variable: Variable, place: Place) -> dict[str, Any]:
        value = self.values.get(place, Value(variable.default_value, 0, 0))
        return {
            "keyword": variable.keyword,
            "value": value.value,
            "create_time": value.created_at,
            "update_time": value.updated_at,
        }


def _connector(connector_id: str | None) -> str:
    if connector_id not in {None, "", *_CONNECTORS}:
        raise Refused(Why.PARAMETER, "connector_id")
    return connector_id or _API
