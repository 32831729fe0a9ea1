"""All that can be written: its defaults, its values, and what it is when it is wrong."""

import pytest

from bridge.config import Bot
from bridge.config.schema import Downloads, Input, Limits, Operator, Route, Tool, Workflow
from tests.config.test_load import GOOD, Faults, Read, faults, read, without

__all__ = ["faults", "read"]  # fixtures

FULL = """
coze: {token: t}
bots:
  assistant:
    bot_id: "1"
    show_reasoning: true
    feedback: false
    voice_replies: auto
    voice_id: v7
    user_variables: write
    workflows:
      summary: {workflow_id: "7"}
      trip:
        workflow_id: "8"
        parameter: city
        description: Plan a trip
        mode: async
        parameters:
          city: {required: true, description: Where to}
          days: {type: integer, default: "3"}
  flow: {mode: chatflow, workflow_id: "9", app_id: "5"}
tools:
  get_weather: {url: "https://example.org/weather", timeout: 5, headers: {X-Key: "${KEY}"}}
  plain: {url: "http://localhost:1/"}
downloads: {enabled: false, max_mb: 50, private_hosts: [minio.local, "10.0.0.5:9000"]}
operator: {channel: telegram, chat: 501}
routes: [{bot: flow, command: translate}]
limits: {tokens_per_user_per_day: 100000}
channels:
  telegram: {platform: telegram, bot: assistant, token: "1:secret"}
"""


def test_what_is_written_is_what_there_is(read: Read):
    config = read(FULL, KEY="s3cret")
    assistant, flow = config.bots["assistant"], config.bots["flow"]
    assert (assistant.show_reasoning, assistant.feedback) == (True, False)
    assert (assistant.voice_replies, assistant.voice_id) == ("auto", "v7")
    assert assistant.user_variables == "write"
    assert (flow.mode, flow.workflow_id, flow.app_id, flow.bot_id) == ("chatflow", "9", "5", "")
    assert config.tools == {
        "get_weather": Tool(
            url="https://example.org/weather", timeout=5, headers={"X-Key": "s3cret"}
        ),
        "plain": Tool(url="http://localhost:1/"),
    }
    hosts = ["minio.local", "10.0.0.5:9000"]
    assert config.downloads == Downloads(enabled=False, max_mb=50, private_hosts=hosts)
    assert config.operator == Operator(channel="telegram", chat="501")
    assert config.routes == [Route(bot="flow", command="translate")]
    assert config.limits == Limits(tokens_per_user_per_day=100_000)


def test_a_workflow_is_written_with_its_inputs_or_without(read: Read):
    flows = read(FULL, KEY="k").bots["assistant"].workflows
    assert flows["summary"] == Workflow(workflow_id="7")
    assert flows["trip"] == Workflow(
        workflow_id="8",
        parameter="city",
        description="Plan a trip",
        mode="async",
        parameters={
            "city": Input(required=True, description="Where to"),
            "days": Input(type="integer", default="3"),
        },
    )


def test_what_is_not_written_is_as_before(read: Read):
    config = read(GOOD)
    assert config.bots["assistant"] == Bot(bot_id="1")
    bot = Bot(bot_id="1")
    assert (bot.mode, bot.show_reasoning, bot.feedback, bot.voice_replies) == (
        "stream",
        False,
        True,
        "off",
    )
    assert (bot.user_variables, bot.workflows, bot.variables) == ("off", {}, {})
    assert (config.tools, config.operator, config.routes) == ({}, None, [])
    assert config.downloads == Downloads(enabled=True, max_mb=20, private_hosts=[])
    assert config.limits.tokens_per_user_per_day == 0
    assert config.coze.oauth is None


def test_a_workflow_has_defaults():
    flow = Workflow(workflow_id="7")
    assert (flow.parameter, flow.mode, flow.description, flow.parameters) == (
        "input",
        "stream",
        "",
        {},
    )
    assert (Input().type, Input().required, Input().default) == ("string", False, "")


def test_a_section_may_be_empty(read: Read):
    config = read(GOOD + "tools:\ndownloads:\nroutes:\noperator:\n")
    assert (config.tools, config.routes, config.operator) == ({}, [], None)


ONE_OF = "expected one of "
MODES = ONE_OF + "stream, blocking, async; mend "
TYPES = (
    ONE_OF + "string, integer, number, boolean, time, object, array, file, image, audio, video, "
    "voice, doc, ppt, excel, txt, code, zip, svg; mend "
)
SUM = "bots.assistant.workflows.sum"


def flow(settings: str) -> str:
    return f"bots: {{assistant: {{bot_id: b, workflows: {{sum: {{{settings}}}}}}}}}"


@pytest.mark.parametrize(
    ("section", "line"),
    [
        (
            flow(""),
            f"{SUM}.workflow_id: found nothing, expected some text; add workflow_id: to it",
        ),
        (flow("workflow_id: w, mode: later"), f'{SUM}.mode: found "later", {MODES}{SUM}.mode'),
        (
            flow("workflow_id: w, parameters: {a: {type: text}}"),
            f'{SUM}.parameters.a.type: found "text", {TYPES}{SUM}.parameters.a.type',
        ),
        (
            flow("workflow_id: w, parameters: {a: {required: maybe}}"),
            f'{SUM}.parameters.a.required: found "maybe", expected true or false; '
            f"mend {SUM}.parameters.a.required",
        ),
        (
            flow("workflow_id: w, parameters: [a]"),
            f"{SUM}.parameters: found a list, expected names with something below each; "
            f"mend {SUM}.parameters",
        ),
        (
            "bots: {assistant: {bot_id: b, workflows: {Sum-Up: {workflow_id: w}}}}",
            'bots.assistant.workflows.Sum-Up: found "Sum-Up", expected 1 to 32 of a-z, 0-9 '
            "and _; mend bots.assistant.workflows.Sum-Up",
        ),
        (
            "bots: {assistant: {bot_id: b, voice_replies: loud}}",
            'bots.assistant.voice_replies: found "loud", expected one of off, auto, always; '
            "mend bots.assistant.voice_replies",
        ),
        (
            "bots: {assistant: {bot_id: b, user_variables: all}}",
            'bots.assistant.user_variables: found "all", expected one of off, read, write; '
            "mend bots.assistant.user_variables",
        ),
        (
            "bots: {assistant: {bot_id: b, feedback: perhaps}}",
            'bots.assistant.feedback: found "perhaps", expected true or false; '
            "mend bots.assistant.feedback",
        ),
        (
            "coze: {token: t, oauth: {app_id: a, key_id: k}}",
            "coze.oauth.private_key_file: found nothing, expected some text; "
            "add private_key_file: to it",
        ),
        (
            "coze: {token: t, oauth: yes}",
            'coze.oauth: found "yes", expected a group of keys; indent its keys below it',
        ),
        (
            "tools: {f: {}}",
            "tools.f.url: found nothing, expected an address with http:// or https://; "
            "add url: to it",
        ),
        (
            "tools: {f: {url: nowhere}}",
            'tools.f.url: found "nowhere", expected an address with http:// or https://; '
            "mend tools.f.url",
        ),
        (
            "tools: {f: {url: 'http://x/', timeout: 0}}",
            'tools.f.timeout: found "0", expected a number of seconds above 0; '
            "mend tools.f.timeout",
        ),
        (
            "tools: {f: {url: 'http://x/', headers: [a]}}",
            "tools.f.headers: found a list, expected names with something below each; "
            "mend tools.f.headers",
        ),
        (
            "downloads: {max_mb: 0}",
            'downloads.max_mb: found "0", expected a whole number, 1 or more; '
            "mend downloads.max_mb",
        ),
        (
            "downloads: {private_hosts: minio}",
            'downloads.private_hosts: found "minio", expected a list; write [a, b]',
        ),
        (
            "operator: {channel: telegram}",
            "operator.chat: found nothing, expected some text; add chat: to it",
        ),
        (
            "routes: [{bot: assistant, command: Do-It}]",
            'routes[0].command: found "Do-It", expected 1 to 32 of a-z, 0-9 and _; '
            "mend routes[0].command",
        ),
        (
            "limits: {tokens_per_user_per_day: -1}",
            'limits.tokens_per_user_per_day: found "-1", expected a whole number, 0 or more; '
            "mend limits.tokens_per_user_per_day",
        ),
    ],
)
def test_what_is_wrong_is_one_line(faults: Faults, section: str, line: str):
    assert faults(without(section.partition(":")[0]) + section + "\n") == [line]


@pytest.mark.parametrize(
    ("section", "near"),
    [
        ("tools: {f: {url: 'http://x/', header: {}}}", "headers"),
        ("operator: {channel: telegram, chat: 1, chats: 2}", "chat"),
        ("downloads: {max_mbs: 1}", "max_mb"),
        (flow("workflow_id: w, parameter_: x"), "parameter"),
        ("bots: {assistant: {bot_id: b, voice_reply: auto}}", "voice_replies"),
    ],
)
def test_a_key_that_is_nearly_right_is_named(faults: Faults, section: str, near: str):
    (line,) = faults(without(section.partition(":")[0]) + section + "\n")
    assert line.endswith(f"did you mean {near}?")
