"""What is right by itself but does not fit together: each is one line, and this line."""

from pathlib import Path

import pytest

from bridge.config import ConfigError
from bridge.config.fitting import LONGEST_NAME
from bridge.core.commands import COMMANDS, OPTIONAL
from tests.config.test_load import GOOD, Faults, Read, faults, read, without

__all__ = ["faults", "read"]  # fixtures

FREE = "expected a name that the bridge does not use; rename it"


def bot(settings: str) -> str:
    return f"bots: {{assistant: {{{settings}}}}}"


def workflows(listed: str) -> str:
    return bot(f"bot_id: b, workflows: {{{listed}}}")


@pytest.mark.parametrize(
    "row",
    [  # what is written, and in the line: the key, found, expected, the remedy
        (
            "channels: {telegram: {platform: telegram, bot: assistant, token: t, react: 🚀}}",
            "channels.telegram.react",
            '"🚀"',
            "an emoji that Telegram has for reactions, like 👀, 👍, 🔥 or 🤔",
            "name one of those, or remove it",
        ),
        (
            "bots: {assistant: {show_reasoning: true}}",
            "bots.assistant.bot_id",
            "nothing",
            "some text",
            "add bot_id: to it",
        ),
        (
            "bots: {assistant: {bot_id: b, app_id: a}}",
            "bots.assistant.app_id",
            "a value",
            "nothing unless mode is chatflow",
            "remove it, or write mode: chatflow",
        ),
        (
            "bots: {assistant: {bot_id: b, mode: blocking, workflow_id: w}}",
            "bots.assistant.workflow_id",
            "a value",
            "nothing unless mode is chatflow",
            "remove it, or write mode: chatflow",
        ),
        (
            "bots: {assistant: {mode: chatflow, bot_id: b}}",
            "bots.assistant.workflow_id",
            "nothing",
            "the chatflow's id",
            "add workflow_id: to it",
        ),
        (
            "bots: {assistant: {mode: chatflow, workflow_id: w}}",
            "bots.assistant.bot_id",
            "nothing",
            "either bot_id or app_id",
            "write one of them",
        ),
        (
            "bots: {assistant: {mode: chatflow, workflow_id: w, bot_id: b, app_id: a}}",
            "bots.assistant.bot_id",
            "both",
            "either bot_id or app_id",
            "write one of them",
        ),
        (
            "bots: {assistant: {bot_id: b, workflows: {help: {workflow_id: w}}}}",
            "bots.assistant.workflows.help",
            "/help",
            "a name that the bridge does not use",
            "rename it",
        ),
        (
            "routes: [{bot: assistant, command: sum}, {bot: assistant, command: new}]",
            "routes[1].command",
            "/new",
            "a name that the bridge does not use",
            "rename it",
        ),
        (
            "routes: [{bot: assistant}, {bot: nobody}]",
            "routes[1].bot",
            '"nobody"',
            "one of the bots (assistant)",
            "name one of them, or add it",
        ),
        (
            "routes: [{bot: assistant, channel: irc}]",
            "routes[0].channel",
            '"irc"',
            "one of the channels (telegram)",
            "name one of them",
        ),
        (
            "operator: {channel: slack, chat: C1}",
            "operator.channel",
            '"slack"',
            "one of the channels (telegram)",
            "name one of them",
        ),
        (
            "coze: {oauth: {app_id: a, key_id: k, private_key_file: /no/such.pem}}",
            "coze.oauth.private_key_file",
            '"/no/such.pem"',
            "a file with the private key",
            "download it from the OAuth app's page",
        ),
        (
            "channels: {s: {platform: slack, bot: assistant, app_token: a}}",
            "channels.s.bot_token",
            "nothing",
            "a token",
            "set SLACK_BOT_TOKEN",
        ),
        (
            "channels: {t: {platform: telegram, bot: nobody, token: t}}",
            "channels.t.bot",
            '"nobody"',
            "one of the bots (assistant)",
            "name one of them, or add it",
        ),
        (
            "coze: {}",
            "coze.token",
            "nothing",
            "a token of Coze",
            "set COZE_API_TOKEN",
        ),
        (
            "channels: {t: {platform: telegram, bot: assistant}}",
            "channels",
            "no token",
            "a token for at least one of them",
            "set TELEGRAM_BOT_TOKEN, or SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
        ),
    ],
    ids=lambda row: row[1],
)
def test_what_does_not_fit_is_one_line(faults: Faults, row: tuple[str, ...]):
    section, path, found, expected, remedy = row
    lines = faults(without(section.partition(":")[0]) + section + "\n")
    assert lines == [f"{path}: found {found}, expected {expected}; {remedy}"]


def test_a_line_begins_with_its_file(tmp_path: Path, read: Read):
    with pytest.raises(ConfigError) as told:
        read(without("bots") + bot("mode: chatflow, bot_id: b"))
    (line,) = told.value.lines
    assert line == (
        f"{tmp_path / 'bridge.yaml'}: bots.assistant.workflow_id: found nothing, "
        "expected the chatflow's id; add workflow_id: to it"
    )


def test_all_that_does_not_fit_is_told_at_once(faults: Faults):
    lines = faults(
        without("bots")
        + bot("mode: chatflow, workflows: {new: {workflow_id: w}}")
        + "\nroutes: [{bot: nobody, channel: irc, command: stop}]\n"
        + "operator: {channel: irc, chat: C1}\n"
    )
    assert [line.partition(": ")[0] for line in lines] == [
        "bots.assistant.workflow_id",
        "bots.assistant.bot_id",
        "bots.assistant.workflows.new",
        "routes[0].command",
        "routes[0].bot",
        "routes[0].channel",
        "operator.channel",
    ]


BUTTONS = ("ask", "answer", "up", "down", "why")


@pytest.mark.parametrize("name", [*COMMANDS, *OPTIONAL, *BUTTONS, "full", "unsupported"])
def test_a_command_that_is_ours_belongs_to_no_workflow_and_no_route(faults: Faults, name: str):
    section = workflows(f"{name}: {{workflow_id: w}}")
    assert faults(without("bots") + section) == [
        f"bots.assistant.workflows.{name}: found /{name}, {FREE}"
    ]
    section = without("routes") + f"routes: [{{bot: assistant, command: {name}}}]"
    assert faults(section) == [f"routes[0].command: found /{name}, {FREE}"]


def test_two_bots_do_not_have_the_same_command(faults: Faults):
    flows = "bot_id: b, workflows: {sum: {workflow_id: w}}"
    section = f"bots: {{assistant: {{{flows}}}, other: {{{flows}}}}}"
    (line,) = faults(without("bots") + section)
    assert line == (
        "bots.other.workflows.sum: found /sum, expected another name than in "
        "bots.assistant.workflows.sum; rename it"
    )


@pytest.mark.parametrize("letter", ["x", "扣"])
def test_a_bot_has_a_name_that_fits_into_a_button(faults: Faults, read: Read, letter: str):
    fits = letter * (LONGEST_NAME // len(letter.encode()))
    assert len(f"bot:{fits}".encode()) <= 64
    more = without("bots") + 'bots: {assistant: {bot_id: "1"}, %s: {bot_id: "1"}}'
    assert fits in read(more % fits).bots
    long = fits + letter
    (line,) = faults(more % long)
    assert line == (
        f"bots.{long}: found {len(long.encode())} bytes, expected a name of at most 59 bytes; "
        "shorten it"
    )


def test_a_file_without_bots_needs_one(faults: Faults):
    lines = faults(without("bots") + "bots: {}")
    assert lines[0] == "bots: found nothing, expected at least one bot; add one"


def test_a_key_of_an_oauth_app_is_as_good_as_a_token(tmp_path: Path, read: Read):
    key = tmp_path / "key.pem"
    key.write_text("a key")
    oauth = f"coze: {{oauth: {{app_id: a, key_id: k, private_key_file: '{key}'}}}}\n"
    config = read(without("coze") + oauth)
    assert config.coze.oauth
    assert (config.coze.oauth.app_id, config.coze.oauth.key_id) == ("a", "k")


def test_a_channel_that_is_off_needs_no_token(read: Read):
    config = read(GOOD + "  slack: {platform: slack, bot: assistant}\n")
    assert list(config.enabled()) == ["telegram"]
