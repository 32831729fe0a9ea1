"""The menu of commands, by scope and language."""

import re

from bridge.sandbox.telegram.chats import Chat, Chats
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
        self._menus.pop(key, None)
        if menu:
            self._menus[key] = menu
        return True

    def get_my_commands(self, params: Params) -> list[Json]:
        """The method getMyCommands; only what was set for just that scope and language."""
        return self._menus.get(self._key(params), [])

    def delete_my_commands(self, params: Params) -> bool:
        """The method deleteMyCommands."""
        self._menus.pop(self._key(params), None)
        return True

    def shown_to(self, chat: Chat, user: int, language: str) -> dict[str, str]:
        """The menu that a person sees in a chat: the closest that is set."""
        scopes = [("chat", chat.id, 0), ("all_private_chats", 0, 0)]
        if not chat.private:
            scopes = _scopes_in_group(chat.id, user, admin=user in chat.admins)
        languages = (language.partition("-")[0], "")
        keys = [(*scope, code) for scope in [*scopes, ("default", 0, 0)] for code in languages]
        menu = next((self._menus[key] for key in keys if key in self._menus), [])
        return {command["command"]: command["description"] for command in menu}

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
        if chat > 0 and kind != "chat":
            raise bad_request("can't use specified scope in private chats")
        user = _integer(scope.get("user_id")) if kind == "chat_member" else 0
        if kind == "chat_member" and user <= 0:
            raise bad_request("can't parse BotCommandScope: Invalid user_id specified")
        return kind, chat, user, language


def _scopes_in_group(chat: int, user: int, *, admin: bool) -> list[tuple[str, int, int]]:
    scopes = [
        ("chat_member", chat, user),
        ("chat_administrators", chat, 0),
        ("chat", chat, 0),
        ("all_chat_administrators", 0, 0),
        ("all_group_chats", 0, 0),
    ]
    return [scope for scope in scopes if admin or "administrators" not in scope[0]]


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
