"""A bot of the configuration, as the flow needs it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bridge.core.model import Message
from bridge.core.ports import Backend, Services, Workflow

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Bot:
    """One Coze bot of the configuration."""

    name: str
    backend: Backend
    services: Services
    workflows: Mapping[str, Workflow] = field(default_factory=dict)  # by command
    variables: Mapping[str, str] = field(default_factory=dict)
    turn_timeout: float = 600.0  # seconds for one whole answer
    show_reasoning: bool = False
    rateable: bool = True  # 👍 and 👎 go to Coze
    voice_replies: Literal["off", "auto", "always"] = "off"
    user_variables: Literal["off", "read", "write"] = "off"


def variables(bot: Bot, message: Message, *, user: str, platform: str) -> dict[str, str]:
    """The custom variables of a question: the operator's, with what is known of its user.

    `{{name}}` in a value of the operator's stands for another variable.
    """
    known = {
        "user_name": message.user.name,
        "user_id": user,
        "platform": platform,
        "chat_title": message.chat_title,
        "language": message.user.language,
    }
    ours = {name: filled(value, known) for name, value in bot.variables.items()}
    return {**ours, **known}


def filled(template: str, values: Mapping[str, str]) -> str:
    """A text with `{{name}}` replaced where the name is known."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)
