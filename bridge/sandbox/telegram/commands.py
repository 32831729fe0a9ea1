"""The menu of commands, by scope and language."""

import re

from bridge.sandbox.telegram.chats import Chats
from bridge.sandbox.telegram.errors import bad_request
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.vocabulary import COMMAND_SCOPES

_NAME = re.compile(r"[a-z0-9_]+")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_Key = tuple[str, int, int, str]


class CommandMenus:
    """What setMyCommands has set."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self._menus: dict[_Key, list[Json]] = {}

    def set_my_commands(self, params: Params) -> bool:
        """The method setMyCommands."""
        commands = params.get("commands", [])
        if isinstance(commands, str):
            raise bad_request("can't parse commands JSON object")
        if not isinstance(commands, list):
            raise bad_request("expected an Array of BotCommand")
        menu = [_command(command) for command in commands]
        key = self._key(params)
        if len(menu) > 100:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        self._menus[key] = menu
        return True

    def get_my_commands(self, params: Params) -> list[Json]:
        """The method getMyCommands; only what was set for just that scope and language."""
        return self._menus.get(self._key(params), [])

    def delete_my_commands(self, params: Params) -> bool:
        """The method deleteMyCommands."""
        self._menus.pop(self._key(params), None)
        return True

    def _key(self, params: Params) -> _Key:
        scope = params.get("scope") or {"type": "default"}
        if not isinstance(scope, dict):
            raise bad_request("can't parse BotCommandScope: BotCommandScope must be an Object")
        kind = str(scope.get("type"))
        if kind not in COMMAND_SCOPES:
            raise bad_request("can't parse BotCommandScope: Unsupported type specified")
        language = params.text("language_code")
        if not _LANGUAGE.fullmatch(language):
            raise bad_request("invalid language code specified")
        if not kind.startswith("chat"):
            return kind, 0, 0, language
        chat = _integer(scope.get("chat_id"))
        if not self._chats.get(chat):
            raise bad_request("chat not found")
        user = _integer(scope.get("user_id")) if kind == "chat_member" else 0
        if kind == "chat_member" and user <= 0:
            raise bad_request("can't parse BotCommandScope: Invalid user_id specified")
        return kind, chat, user, language


def _integer(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


def _command(command: object) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = _field(command, "command").strip().removeprefix("/")
    description = _field(command, "description").strip()
    for what, value, longest in (
        ("command", name, 32),
        ("command description", description, 256),
    ):
        if not value:
            raise bad_request(f"{what} must be non-empty")
        if len(value) > longest:
            raise bad_request(f"{what} length must not exceed {longest}")
    if not _NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def _field(command: Json, name: str) -> str:
    value = command.get(name)
    if not isinstance(value, str):
        raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    return value
