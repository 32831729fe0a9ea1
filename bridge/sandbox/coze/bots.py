"""How the bot presents itself."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.refusals import Refused, Why


@dataclass(frozen=True)
class Variable:
    """A variable of each user; clients can set those that are `custom` and enabled."""

    keyword: str
    default_value: str = ""
    description: str = ""
    enable: bool = True
    channel: Literal["custom", "system", "location", "feishu", "app"] = "custom"
    prompt_enable: bool = True

    @property
    def settable(self) -> bool:
        """Whether a client can set it, and see it."""
        return self.enable and self.channel == "custom"


@dataclass(frozen=True)
class Component:
    """What a shortcut asks for: a `text`, one of the `options` of a `select`, or a `file`."""

    name: str
    description: str = ""
    type: Literal["text", "select", "file"] = "text"
    tool_parameter: str | None = None
    options: tuple[str, ...] | None = None
    default_value: str | None = None
    is_hide: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A command with a slash; `tool` is its name and whether it is a workflow or a plugin."""

    id: str
    name: str
    command: str
    description: str = ""
    query_template: str = ""
    icon_url: str = ""
    components: tuple[Component, ...] = ()
    tool: tuple[str, Literal["workflow", "plugin"]] | None = None
    agent_id: str | None = None  # of the node of a bot of many agents

    def shown(self) -> dict[str, Any]:
        """The ShortcutCommandInfo object; what was not set up is left out."""
        tool = {"name": self.tool[0], "type": self.tool[1]} if self.tool else None
        parts = [_without_none(asdict(component)) for component in self.components]
        return _without_none(asdict(self) | {"components": parts, "tool": tool})


@dataclass(frozen=True)
class WorkflowInfo:
    """A workflow that the bot can use."""

    id: str
    name: str
    description: str = ""
    icon_url: str = "https://example.com/workflow.png"


_DEMO = Shortcut(
    "7457010833525570001",
    "Summary",
    "/sc_demo",
    "Sum up what was said",
    "Sum up what was said about {{topic}}",
    "https://example.com/shortcut.png",
    (Component("topic", "What it was about"),),
)


@dataclass
class Bot:
    """What it says of itself.

    Its opening is spelled "upper", with capitals, as the newer of the two endpoints does in its
    official example, or "lower", as that endpoint does in its description. `reply_mode` says
    whether it suggests what to ask next.
    """

    name: str = "Sandbox"
    description: str = "A simulated bot that remembers what you said."
    icon_url: str = "https://example.com/icon.png"
    prologue: str = "Hello, {{user_name}}! I am a simulated bot. 你好！"
    suggested_questions: tuple[str, ...] = ("What can you do?", "Tell me something long")
    spelling: Literal["lower", "upper"] = "lower"
    shortcuts: tuple[Shortcut, ...] = (_DEMO,)
    variables: tuple[Variable, ...] = ()
    workflows: tuple[WorkflowInfo, ...] = ()
    reply_mode: Literal["enable", "disable", "customized"] = "enable"
    version: str = "1716388526000"

    def onboarding(self, spelling: Literal["lower", "upper"] = "lower") -> dict[str, Any]:
        """The onboarding_info object."""
        if spelling == "lower":
            return {"prologue": self.prologue, "suggested_questions": self.suggested_questions}
        return {
            "Prologue": self.prologue,
            "SuggestedQuestions": self.suggested_questions,
            "OnboardingMode": 2,
            "CustomizedOnboardingPrompt": "",
            "SuggestedQuestionsShowMode": 0,
        }


class Bots:
    """Presents the one bot."""

    def __init__(self, bot_id: str, bot: Bot) -> None:
        self._bot_id = bot_id
        self._bot = bot

    @property
    def routes(self) -> Table:
        """Where the bot is looked at."""
        return [
            ("/v1/bots/{bot_id}", ["GET"], self.by_path),
            ("/v1/bot/get_online_info", ["GET"], self.by_query),
        ]

    def by_path(self, call: Call) -> Result:
        """GET /v1/bots/{bot_id}; its draft is the same."""
        if call.query.get("is_published", "true") not in {"true", "false"}:
            raise Refused(Why.PARAMETER, "is_published")
        return self._shown(call.path["bot_id"]) | self._newer()

    def by_query(self, call: Call) -> Result:
        """GET /v1/bot/get_online_info, the older one."""
        return self._shown(*call.required("bot_id"))

    def _newer(self) -> dict[str, Any]:
        """What only the newer endpoint tells, or tells otherwise."""
        bot = self._bot
        return {
            "onboarding_info": bot.onboarding(bot.spelling),
            "suggest_reply_info": {"reply_mode": bot.reply_mode, "customized_prompt": ""},
        }

    def _shown(self, bot_id: str) -> dict[str, Any]:
        bot = self._bot
        if bot_id != self._bot_id:
            raise Refused(Why.NO_BOT, bot_id)
        return {
            "bot_id": bot_id,
            "name": bot.name,
            "description": bot.description,
            "icon_url": bot.icon_url,
            "create_time": 1715689059,
            "update_time": 1716388526,
            "version": bot.version,
            "prompt_info": {"prompt": ""},
            "onboarding_info": bot.onboarding(),
            "bot_mode": int(any(shortcut.agent_id for shortcut in bot.shortcuts)),
            "model_info": {
                "model_id": "1706077826",
                "model_name": "豆包·Function call模型",
                "temperature": 1,
                "top_p": 1,
                "frequency_penalty": 0,
                "presence_penalty": 0,
                "context_round": 30,
                "max_tokens": 4096,
                "response_format": "text",
            },
            "knowledge": {"knowledge_infos": []},
            "variables": [
                asdict(variable) | {"variable_type": "KVVariable"}
                for variable in bot.variables
                if variable.channel == "custom"
            ],
            "plugin_info_list": [],
            "workflow_info_list": [asdict(workflow) for workflow in bot.workflows],
            "shortcut_commands": [shortcut.shown() for shortcut in bot.shortcuts],
            "voice_info_list": [],
            "default_user_input_type": "text",
            "owner_user_id": "2478774393250011",
        }


class StudioBots(Bots):
    """That of Coze Studio, which leaves much empty, and knows fields by other names."""

    def _newer(self) -> dict[str, Any]:
        return {}

    def _shown(self, bot_id: str) -> dict[str, Any]:
        shown = super()._shown(bot_id)
        del shown["voice_info_list"], shown["owner_user_id"], shown["knowledge"]
        of_this_bot = {"agent_id": bot_id, "send_type": "query", "card_schema": ""}
        shortcuts = [shortcut | of_this_bot for shortcut in shown["shortcut_commands"]]
        workflows = [
            {"workflow_id": each.id, "workflow_name": each.name, "desc": each.description}
            for each in self._bot.workflows
        ]
        return shown | {
            "create_time": 0,
            "update_time": 0,
            "onboarding_info": shown["onboarding_info"] | {"onboarding_mode": 1},
            "bot_mode": 0,
            "model_info": {
                "model_id": "1",
                "temperature": 1,
                "max_tokens": 4096,
                "short_memory_policy": {"history_round": 3},
            },
            "workflow_info_list": workflows or None,
            "shortcut_commands": shortcuts or None,
            "plugin_info_list": None,
            "variables": None,
            "suggest_reply_info": None,
            "background_image_info": None,
            "default_user_input_type": "",
        }


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
