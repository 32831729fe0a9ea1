import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from bridge.config import Config, ConfigError, Slack, Telegram, environment, load

LINE = re.compile(r"^(?P<file>\S+): (?P<path>\S+): found (?P<found>.+), expected (.+); (.+)$")
GOOD = """
coze: {token: pat_secret}
bots:
  assistant: {bot_id: "1"}
channels:
  telegram: {platform: telegram, bot: assistant, token: "1:secret"}
"""
ENV = {
    "COZE_API_TOKEN": "pat_1",
    "COZE_BOT_ID": "73",
    "TELEGRAM_BOT_TOKEN": "1:x",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
}
SHIPPED = str(Path(__file__).parents[2] / "config" / "bridge.yaml")

Read: TypeAlias = Callable[..., Config]
Faults: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Loads a text as if it were the file."""

    def read(text: str, **env: str) -> Config:
        file = tmp_path / "bridge.yaml"
        file.write_text(text, encoding="utf-8")
        return load(str(file), env)

    return read


@pytest.fixture
def faults(read: Read) -> Faults:
    """What is wrong with a text: each line without the name of the file."""

    def faults(text: str, **env: str) -> list[str]:
        with pytest.raises(ConfigError) as told:
            read(text, **env)
        assert str(told.value) == "\n".join(told.value.lines)
        for line in told.value.lines:
            assert LINE.match(line), line
            assert "\n" not in line
        return [line.partition(": ")[2] for line in told.value.lines]

    return faults


def without(section: str) -> str:
    """GOOD without a section that a test writes itself."""
    parts = re.split(r"^(?=\w)", GOOD, flags=re.MULTILINE)
    return "".join(part for part in parts if not part.startswith(section))


def test_what_is_not_written_has_the_value_of_the_contract(read: Read):
    config = read(GOOD)
    coze, store = config.coze, config.store
    assert coze.api_base == "https://api.coze.cn"
    assert (coze.connect_timeout, coze.idle_timeout, coze.turn_timeout) == (10, 210, 600)
    assert (store.redis_url, store.state_dir, store.ttl) == ("", ".bridge", 180 * 86400)
    assert (config.http.host, config.http.port) == ("127.0.0.1", 8080)
    assert config.limits.turns_per_user_per_minute == 20
    assert config.limits.concurrent_turns == 1000
    assert (config.log.level, config.log.format) == ("info", "auto")
    telegram = config.channels["telegram"]
    assert isinstance(telegram, Telegram)
    assert (telegram.mode, telegram.session, telegram.access) == ("polling", "auto", "open")
    assert (telegram.streaming, telegram.allow.users) == ("edits", [])


def test_telegram_streams_natively_where_it_is_asked_to(read: Read):
    text = without("channels") + "channels: {t: {platform: telegram, bot: assistant, "
    config = read(text + "token: t, streaming: native}}\n")
    assert config.channels["t"].streaming == "native"


def test_the_file_that_is_shipped_works_from_the_environment_alone():
    config = load(SHIPPED, ENV)
    assert config.coze.token == "pat_1"
    assert config.bots["assistant"].bot_id == "73"
    telegram, slack = config.enabled()["telegram"], config.enabled()["slack"]
    assert isinstance(telegram, Telegram)
    assert isinstance(slack, Slack)
    assert (telegram.token, slack.bot_token, slack.app_token) == ("1:x", "xoxb-1", "xapp-1")


def test_a_channel_without_a_token_is_off():
    env = {key: value for key, value in ENV.items() if not key.startswith("SLACK")}
    assert list(load(SHIPPED, env).enabled()) == ["telegram"]


def test_the_environment_overrides_what_the_shipped_file_says():
    more = {
        "COZE_API_BASE": "https://api.coze.com",
        "REDIS_URL": "redis://r:1",
        "BRIDGE_STATE_DIR": "/data",
        "BRIDGE_HTTP_HOST": "::",
        "BRIDGE_HTTP_PORT": "81",
        "TELEGRAM_API_BASE": "http://t",
        "SLACK_API_BASE": "http://s/api/",
    }
    config = load(SHIPPED, {**ENV, **more})
    telegram, slack = config.channels["telegram"], config.channels["slack"]
    there = [config.coze.api_base, config.store.redis_url, config.store.state_dir]
    there += [config.http.host, str(config.http.port), telegram.api_base, slack.api_base]
    assert there == list(more.values())


def test_the_file_is_named_by_the_caller_or_by_the_environment(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD.replace("assistant", "other"))
    env = {"BRIDGE_CONFIG": str(tmp_path / "a.yaml")}
    assert list(load(None, env).bots) == ["assistant"]
    assert list(load(str(tmp_path / "b.yaml"), env).bots) == ["other"]


def test_without_a_name_it_is_the_file_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "bridge.yaml").write_text(GOOD)
    assert load(None, {}).bots


def test_the_environment_wins_over_the_dotenv_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("ONLY_THERE=1\nIN_BOTH=file\n")
    monkeypatch.setenv("IN_BOTH", "real")
    env = environment()
    assert (env["ONLY_THERE"], env["IN_BOTH"]) == ("1", "real")


@pytest.mark.parametrize(
    ("text", "env", "value"),
    [
        ("${A}", {"A": "x"}, "x"),
        ("${A:-d}", {"A": "x"}, "x"),
        ("${A:-d}", {}, "d"),
        ("${A:-d}", {"A": ""}, "d"),
        ("${A:-}x", {}, "x"),
        ("a${A}b${B}", {"A": "1", "B": "2"}, "a1b2"),
        ("${A:-http://h/?a=b&c}", {}, "http://h/?a=b&c"),
        ("$A", {"A": "x"}, "$A"),
        ("${A}", {"A": "${B}"}, "${B}"),
        ("007", {}, "007"),
        ("yes", {}, "yes"),
        ("1e3", {}, "1e3"),
    ],
)
def test_variables_are_filled_in_and_text_stays_text(
    read: Read, text: str, env: dict[str, str], value: str
):
    bots = f"bots:\n  assistant: {{bot_id: '1', variables: {{x: '{text}'}}}}\n"
    assert read(without("bots") + bots, **env).bots["assistant"].variables == {"x": value}


def test_an_id_of_digits_is_no_number(read: Read):
    text = GOOD.replace('"1"', "0073")
    assert read(text).bots["assistant"].bot_id == "0073"


def test_a_variable_that_is_not_set_is_told_once_with_its_name(faults: Faults):
    (line,) = faults(GOOD.replace('"1"', "'${NOT_THERE}'"))
    assert line.startswith("bots.assistant.bot_id: found ${NOT_THERE}, which is not set")
    assert line.endswith("set NOT_THERE")


def test_several_faults_are_told_at_once(faults: Faults):
    lines = faults(
        GOOD.replace("{token: pat_secret}", "{token: pat_secret, idle_timeout: soon}")
        + "http: {port: 99999}\nlog: {level: loud}\nlogs: {}\n"
    )
    paths = sorted(line.partition(": ")[0] for line in lines)
    assert paths == ["coze.idle_timeout", "http.port", "log.level", "logs"]


@pytest.mark.parametrize(
    ("key", "near"), [("tokn", "token"), ("idle_time", "idle_timeout"), ("xyzzy", "")]
)
def test_an_unknown_key_is_told_with_the_nearest_known(faults: Faults, key: str, near: str):
    (line,) = faults(without("coze") + f"coze: {{token: t, {key}: 1}}\n")
    assert line.startswith(f"coze.{key}: found an unknown key, expected one of api_base, ")
    assert line.endswith(f"did you mean {near}?" if near else "remove it")


@pytest.mark.parametrize("serving", [True, False])
def test_what_a_bridge_cannot_run_without_is_asked_for_when_it_is_to_run(
    tmp_path: Path, serving: bool
):
    (tmp_path / "a.yaml").write_text("bots: {assistant: {bot_id: '1'}}\n")
    if not serving:
        load(str(tmp_path / "a.yaml"), {}, serving=False)
        return
    with pytest.raises(ConfigError) as told:
        load(str(tmp_path / "a.yaml"), {})
    assert "COZE_API_TOKEN" in told.value.lines[0]
    assert "TELEGRAM_BOT_TOKEN" in told.value.lines[1]
