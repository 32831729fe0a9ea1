"""Each kind of fault is one line: file, key, what was found, what is expected, how to mend it."""

from pathlib import Path

import pytest

from bridge.config import ConfigError, load
from tests.config.test_load import ENV, GOOD, SHIPPED, Faults, faults, read, without

__all__ = ["faults", "read"]  # fixtures

SECRET = "hunter2"
TELEGRAM = "platform: telegram, bot: assistant, token: t"
SLACK = "platform: slack, bot: assistant, bot_token: b, app_token: a"


def broken(tmp_path: Path, content: bytes) -> list[str]:
    file = tmp_path / "bridge.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as told:
        load(str(file), {})
    return told.value.lines


@pytest.mark.parametrize(
    ("section", "path", "expected"),
    [
        ("coze: {token: t, api_base: ftp://x}", "coze.api_base", "http:// or https://"),
        ("coze: {token: t, connect_timeout: 0}", "coze.connect_timeout", "seconds above 0"),
        ("coze: {token: t, idle_timeout: -1}", "coze.idle_timeout", "seconds above 0"),
        ("coze: {token: t, turn_timeout: ten}", "coze.turn_timeout", "seconds above 0"),
        ("coze: {token: t, turn_timeout: nan}", "coze.turn_timeout", "seconds above 0"),
        ("coze: {token: t, turn_timeout: [1]}", "coze.turn_timeout", "seconds above 0"),
        ("coze: {token: {a: b}}", "coze.token", "some text"),
        ("coze: [a]", "coze", "a group of keys"),
        ("coze: word", "coze", "a group of keys"),
        ("store: {redis_url: 'http://x'}", "store.redis_url", "redis://, rediss:// or unix://"),
        ("store: {state_dir: ''}", "store.state_dir", "some text"),
        ("store: {session_ttl: 180 days}", "store.session_ttl", "a time like 90s"),
        ("store: {session_ttl: 0d}", "store.session_ttl", "a time like 90s"),
        ("store: {replicas_to_wait: -1}", "store.replicas_to_wait", "0 or more"),
        ("store: {shards: 0}", "store.shards", "1 or more"),
        ("bots: {a: {}}", "bots.a.bot_id", "some text"),
        ("bots: {a: {bot_id: ''}}", "bots.a.bot_id", "some text"),
        ("bots: {a: {bot_id: b, mode: fast}}", "bots.a.mode", "one of stream, blocking"),
        ("bots: {a: {bot_id: b, variables: {a-b: c}}}", "bots.a.variables.a-b", "letters"),
        ("bots: {a: {bot_id: b, variables: x}}", "bots.a.variables", "names with something"),
        ("bots: {a: {bot_id: b, show_reasoning: x}}", "bots.a.show_reasoning", "true or false"),
        ("bots: {a: {bot_id: b, workflows: {A-B: {}}}}", "bots.a.workflows.A-B", "a-z"),
        ("channels: {c: {bot: assistant}}", "channels.c.platform", "telegram or slack"),
        ("channels: {c: {platform: irc}}", "channels.c.platform", "telegram or slack"),
        ("channels: {c: {platform: [telegram]}}", "channels.c.platform", "telegram or slack"),
        ("channels: {c: {platform: {a: b}}}", "channels.c.platform", "telegram or slack"),
        ("channels: {c: word}", "channels.c", "telegram or slack"),
        ("channels: {c: {platform: telegram, token: t}}", "channels.c.bot", "some text"),
        (f"channels: {{c: {{{TELEGRAM}, mode: push}}}}", "channels.c.mode", "polling, webhook"),
        (f"channels: {{c: {{{TELEGRAM}, session: me}}}}", "channels.c.session", "auto, user"),
        (f"channels: {{c: {{{TELEGRAM}, access: all}}}}", "channels.c.access", "allowlist"),
        (f"channels: {{c: {{{TELEGRAM}, streaming: 1}}}}", "channels.c.streaming", "edits"),
        (f"channels: {{c: {{{TELEGRAM}, group_context: 51}}}}", "group_context", "from 0 to 50"),
        (
            f"channels: {{c: {{{TELEGRAM}, allow: {{users: ['7', '@ann']}}}}}}",
            "channels.c.allow.users[1]",
            "a number like 123456789",
        ),
        (
            f"channels: {{c: {{{TELEGRAM}, allow: {{chats: ['t.me/team']}}}}}}",
            "channels.c.allow.chats[0]",
            "a number like -100",
        ),
        (
            f"channels: {{c: {{{TELEGRAM}, allow: {{users: 1}}}}}}",
            "channels.c.allow.users",
            "list",
        ),
        (f"channels: {{c: {{{TELEGRAM}, allow: {{users: [[]]}}}}}}", "users[0]", "some text"),
        (f"channels: {{c: {{{TELEGRAM}, app_token: x}}}}", "channels.c.app_token", "one of"),
        (
            f"channels: {{c: {{{TELEGRAM}, limits: {{x: 1}}}}}}",
            "channels.c.limits.x",
            "edit_every",
        ),
        (f"channels: {{c: {{{SLACK}, mode: polling}}}}", "channels.c.mode", "socket, http"),
        (f"channels: {{c: {{{SLACK}, token: x}}}}", "channels.c.token", "one of"),
        (f"channels: {{c: {{{SLACK}, allow: {{users: [ann]}}}}}}", "users[0]", "U012AB3CD"),
        (f"channels: {{c: {{{SLACK}, allow: {{chats: [U1]}}}}}}", "chats[0]", "C012AB3CD"),
        (f"channels: {{c: {{{SLACK}, allow: {{workspaces: [acme]}}}}}}", "[0]", "T012AB3CD"),
        (f"channels: {{c: {{{TELEGRAM}, allow: {{workspaces: [T1]}}}}}}", "workspaces", "one of"),
        (
            "channels: {c: {platform: slack, bot: assistant, bot_token: b}}",
            "channels.c.app_token",
            "a token",
        ),
        ("channels: {c: {platform: telegram, bot: nobody}}", "channels.c.bot", "one of the bots"),
        ("routes: word", "routes", "a list"),
        ("routes: [{}]", "routes[0].bot", "some text"),
        ("routes: [{bot: nobody}]", "routes[0].bot", "one of the bots (assistant)"),
        ("routes: [{bot: assistant, channel: x}]", "routes[0].channel", "one of the channels"),
        ("http: {port: 65536}", "http.port", "a port from 0 to 65535"),
        ("http: {port: eighty}", "http.port", "a port from 0 to 65535"),
        ("http: {public_url: example.org}", "http.public_url", "https://"),
        ("limits: {concurrent_turns: 0}", "limits.concurrent_turns", "1 or more"),
        ("limits: {turns_per_user_per_minute: -1}", "limits.turns_per_user", "0 or more"),
        ("log: {level: loud}", "log.level", "one of debug, info, warning, error"),
        ("log: {format: xml}", "log.format", "one of auto, text, json"),
        ("nonsense: 1", "nonsense", "one of bots, channels, coze"),
    ],
)
def test_a_fault_is_a_line_with_its_key_and_what_is_expected(
    faults: Faults, section: str, path: str, expected: str
):
    lines = [
        line
        for line in faults(without(section.partition(":")[0]) + section + "\n")
        if "one of the bots (a)" not in line  # a test that renames the bot
    ]
    assert len(lines) == 1, lines
    found, _, rest = lines[0].partition(": found ")
    assert path in found
    assert expected in rest.partition(", expected ")[2]


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("store: {redis_url: 'redis+sentinel://a'}", "store.redis_url"),
        ("store: {redis_url: 'redis+cluster://a'}", "store.redis_url"),
        ("store: {shards: 2}", "store.shards"),
        ("store: {replicas_to_wait: 1}", "store.replicas_to_wait"),
    ],
)
def test_what_cannot_be_done_yet_is_refused_and_not_ignored(
    faults: Faults, section: str, path: str
):
    (line,) = faults(without(section.partition(":")[0]) + section + "\n")
    assert line.startswith(f"{path}: found ")
    assert "yet" in line or "single Redis" in line


@pytest.mark.parametrize(
    "section",
    [
        f"coze: {{token: {{x: {SECRET}}}}}",
        f"coze: {{token: t, oauth: {{app_id: a, key_id: [{SECRET}], private_key_file: f}}}}",
        f"store: {{redis_url: 'redi://user:{SECRET}@host'}}",
        f"store: {{redis_url: 'redis+sentinel://user:{SECRET}@host'}}",
        f"channels: {{c: {{platform: telegram, bot: assistant, token: [{SECRET}]}}}}",
        f"channels: {{c: {{platform: slack, bot: assistant, signing_secret: [{SECRET}]}}}}",
        f"channels: {{c: {{platform: slack, bot: assistant, bot_token: {SECRET}}}}}",
        f"coze: {{token: {SECRET}, idle_timeout: x}}",
    ],
)
def test_a_secret_is_never_shown(faults: Faults, section: str):
    lines = faults(without(section.partition(":")[0]) + section + "\n")
    assert SECRET not in "".join(lines)


def test_a_secret_of_the_environment_is_never_shown():
    for name in ENV:
        env = {**ENV, name: SECRET, "BRIDGE_HTTP_PORT": "x", "SLACK_APP_TOKEN": ""}
        with pytest.raises(ConfigError) as told:
            load(SHIPPED, env)
        assert SECRET not in str(told.value)


def test_the_variable_from_which_a_wrong_value_came_is_named():
    with pytest.raises(ConfigError) as told:
        load(SHIPPED, {**ENV, "BRIDGE_HTTP_PORT": "eighty"})
    (line,) = told.value.lines
    assert line.startswith(f'{SHIPPED}: http.port: found "eighty", expected a port from 0 to')
    assert line.endswith("; mend BRIDGE_HTTP_PORT")


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path):
    for name in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigError) as told:
            load(str(name), {})
        (line,) = told.value.lines
        assert line.startswith(f"{name}: ")
        assert "-c" in line
        assert "BRIDGE_CONFIG" in line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: [1", "line 1"),
        (b"a: 1\n\tb: 2", "line 2"),
        (b"a: b: c", "line 1"),
        (b"\xff\xfe\xfa", "UTF-8"),
        (b"a: \x00", "mend the YAML"),
        (b"a: *nobody", "line 1"),
        (b"? [a]\n: b", "mend the YAML"),
        (b"bots: &a [*a]", "line 1"),
        (b"- a\n- b", "a group of keys"),
        (b"", "bots"),
        (b"just text", "a group of keys"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_line(tmp_path: Path, content: bytes, says: str):
    (line,) = broken(tmp_path, content)
    assert says in line
    assert "\n" not in line


@pytest.mark.parametrize("bots", ["", "bots:\n", "bots: {}\n"])
def test_a_file_without_bots_says_so(tmp_path: Path, bots: str):
    file = tmp_path / "bridge.yaml"
    file.write_text("coze: {token: t}\n" + bots)
    with pytest.raises(ConfigError, match="bots: found"):
        load(str(file), {}, serving=False)


def test_what_is_right_is_no_fault(tmp_path: Path):
    file = tmp_path / "bridge.yaml"
    file.write_text(GOOD)
    assert load(str(file), {}).bots
