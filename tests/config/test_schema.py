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


TYPES = (
    "one of string, integer, number, boolean, time, object, array, file, image, audio, video, "
    "voice, doc, ppt, excel, txt, code, zip, svg"
)


def flow(settings: str) -> str:
    return f"bots: {{assistant: {{bot_id: b, workflows: {{sum: {{{settings}}}}}}}}}"


@pytest.mark.parametrize(
    "row",
    [  # what is written, and in the line: the key, found, expected, the remedy
        (
            "bots: {assistant: {bot_id: b, workflows: {sum: {}}}}",
            "bots.assistant.workflows.sum.workflow_id",
            "nothing",
            "some text",
            "add workflow_id: to it",
        ),
        (
            "bots: {assistant: {bot_id: b, workflows: {sum: {workflow_id: w, mode: later}}}}",
            "bots.assistant.workflows.sum.mode",
            '"later"',
            "one of stream, blocking, async",
            "mend bots.assistant.workflows.sum.mode",
        ),
        (
            flow("workflow_id: w, parameters: {a: {type: text}}"),
            "bots.assistant.workflows.sum.parameters.a.type",
            '"text"',
            TYPES,
            "mend bots.assistant.workflows.sum.parameters.a.type",
        ),
        (
            flow("workflow_id: w, parameters: {a: {required: maybe}}"),
            "bots.assistant.workflows.sum.parameters.a.required",
            '"maybe"',
            "true or false",
            "mend bots.assistant.workflows.sum.parameters.a.required",
        ),
        (
            "bots: {assistant: {bot_id: b, workflows: {sum: {workflow_id: w, parameters: [a]}}}}",
            "bots.assistant.workflows.sum.parameters",
            "a list",
            "names with something below each",
            "mend bots.assistant.workflows.sum.parameters",
        ),
        (
            "bots: {assistant: {bot_id: b, workflows: {Sum-Up: {workflow_id: w}}}}",
            "bots.assistant.workflows.Sum-Up",
            '"Sum-Up"',
            "1 to 32 of a-z, 0-9 and _",
            "mend bots.assistant.workflows.Sum-Up",
        ),
        (
            "bots: {assistant: {bot_id: b, voice_replies: loud}}",
            "bots.assistant.voice_replies",
            '"loud"',
            "one of off, auto, always",
            "mend bots.assistant.voice_replies",
        ),
        (
            "bots: {assistant: {bot_id: b, user_variables: all}}",
            "bots.assistant.user_variables",
            '"all"',
            "one of off, read, write",
            "mend bots.assistant.user_variables",
        ),
        (
            "bots: {assistant: {bot_id: b, feedback: perhaps}}",
            "bots.assistant.feedback",
            '"perhaps"',
            "true or false",
            "mend bots.assistant.feedback",
        ),
        (
            "coze: {token: t, oauth: {app_id: a, key_id: k}}",
            "coze.oauth.private_key_file",
            "nothing",
            "some text",
            "add private_key_file: to it",
        ),
        (
            "coze: {token: t, oauth: yes}",
            "coze.oauth",
            '"yes"',
            "a group of keys",
            "indent its keys below it",
        ),
        (
            "tools: {f: {}}",
            "tools.f.url",
            "nothing",
            "an address with http:// or https://",
            "add url: to it",
        ),
        (
            "tools: {f: {url: nowhere}}",
            "tools.f.url",
            '"nowhere"',
            "an address with http:// or https://",
            "mend tools.f.url",
        ),
        (
            "tools: {f: {url: 'http://x/', timeout: 0}}",
            "tools.f.timeout",
            '"0"',
            "a number of seconds above 0",
            "mend tools.f.timeout",
        ),
        (
            "tools: {f: {url: 'http://x/', headers: [a]}}",
            "tools.f.headers",
            "a list",
            "names with something below each",
            "mend tools.f.headers",
        ),
        (
            "downloads: {max_mb: 0}",
            "downloads.max_mb",
            '"0"',
            "a whole number, 1 or more",
            "mend downloads.max_mb",
        ),
        (
            "downloads: {private_hosts: minio}",
            "downloads.private_hosts",
            '"minio"',
            "a list",
            "write [a, b]",
        ),
        (
            "operator: {channel: telegram}",
            "operator.chat",
            "nothing",
            "some text",
            "add chat: to it",
        ),
        (
            "routes: [{bot: assistant, command: Do-It}]",
            "routes[0].command",
            '"Do-It"',
            "1 to 32 of a-z, 0-9 and _",
            "mend routes[0].command",
        ),
        (
            "limits: {tokens_per_user_per_day: -1}",
            "limits.tokens_per_user_per_day",
            '"-1"',
            "a whole number, 0 or more",
            "mend limits.tokens_per_user_per_day",
        ),
    ],
    ids=lambda row: row[1],
)
def test_what_is_wrong_is_one_line(faults: Faults, row: tuple[str, ...]):
    section, path, found, expected, remedy = row
    lines = faults(without(section.partition(":")[0]) + section + "\n")
    assert lines == [f"{path}: found {found}, expected {expected}; {remedy}"]


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
