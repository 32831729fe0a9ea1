"""The command line from outside: exit codes, and never a traceback for a user's mistake."""

import asyncio
import re
import signal
import socket
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.core.model import Address, Message, User
from bridge.store.open import open_store
from tests.cli.typed import ROOT, Cli

SHIPPED = ROOT / "config" / "bridge.yaml"
TOKENS = {
    "COZE_API_TOKEN": "pat_hunter2",
    "COZE_BOT_ID": "73",
    "TELEGRAM_BOT_TOKEN": "1:hunter2",
}

COMMANDS = ("run", "check", "sandbox", "ask", "workflow", "turn", "dead", "manifest")
NAMED = ("ask", "workflow", "turn")  # these need to be told what


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A configuration that only needs a store."""
    path = tmp_path / "bridge.yaml"
    path.write_text("bots: {assistant: {bot_id: '1'}}\nstore: {redis_url: '${REDIS_URL:-}'}\n")
    return str(path)


async def test_help_lists_every_command_that_there_is(cli: Cli):
    ran = await cli("--help")
    assert ran.code == 0
    for command in COMMANDS:
        assert re.search(rf"^ +{command} ", ran.out, re.MULTILINE), command


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_of_its_own(command: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"coze-bridge {command}" in capsys.readouterr().out


async def test_the_version_is_told(cli: Cli):
    ran = await cli("--version")
    assert ran.code == 0
    assert re.fullmatch(r"coze-bridge \d+\.\d+\.\d+\S*\n", ran.out)


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("walk",),
        ("run", "--fast"),
        ("run", "--or-sand"),
        ("check", "-c"),
        ("dead",),
        ("dead", "wake"),
        ("manifest",),
        ("manifest", "irc"),
        ("ask",),
        ("workflow",),
        ("turn",),
        ("workflow", "--fast", "1"),
        ("sandbox", "--port", "http"),
        ("sandbox", "--port", "99999"),
        ("sandbox", "--port", "-1"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_exit_code_2(
    args: tuple[str, ...], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main(args)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err


async def test_a_wrong_command_line_is_no_traceback(cli: Cli):
    ran = await cli("walk")
    assert (ran.code, ran.out) == (2, "")


async def test_a_right_configuration_passes_the_check(cli: Cli):
    ran = await cli("check", "--offline", "-c", str(SHIPPED), **TOKENS)
    assert (ran.code, ran.out, ran.err) == (0, "ok    configuration\n", "")


async def test_the_configuration_may_be_named_by_the_environment(cli: Cli):
    assert (await cli("check", "--offline", BRIDGE_CONFIG=str(SHIPPED), **TOKENS)).code == 0


async def test_a_dotenv_file_is_read(cli: Cli, tmp_path: Path):
    lines = [f"{name}={value}\n" for name, value in TOKENS.items()]
    (tmp_path / ".env").write_text("".join(lines))
    assert (await cli("check", "--offline", "-c", str(SHIPPED))).code == 0
    ran = await cli("check", "--offline", "-c", str(SHIPPED), BRIDGE_HTTP_PORT="x")
    assert ran.code == 2


@pytest.mark.parametrize("command", ["run", "check", "ask", "workflow", "turn", "dead"])
async def test_a_wrong_configuration_is_exit_code_2_and_a_line_for_each_fault(
    cli: Cli, command: str, tmp_path: Path
):
    (tmp_path / "bad.yaml").write_text(
        "bots: {a: {mode: fast}}\nlog: {level: loud}\nnonsense: 1\n"
    )
    more = {"dead": ["list"]}.get(command, ["hello"] if command in NAMED else [])
    ran = await cli(command, "-c", "bad.yaml", *more)
    assert ran.code == 2
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 3
    assert all(line.startswith("bad.yaml: ") for line in ran.err.splitlines())


async def test_a_missing_file_or_token_is_exit_code_2(cli: Cli):
    ran = await cli("run")
    assert ran.code == 2
    assert ran.err.startswith("config/bridge.yaml: no such file")
    ran = await cli("run", "-c", str(SHIPPED), COZE_BOT_ID="73")
    assert ran.code == 2
    assert "COZE_API_TOKEN" in ran.err
    assert "TELEGRAM_BOT_TOKEN" in ran.err


async def test_to_ask_needs_a_token_and_a_bot_that_there_is(cli: Cli, file: str, tmp_path: Path):
    ran = await cli("ask", "-c", file, "hello")
    assert (ran.code, ran.out) == (2, "")
    assert "COZE_API_TOKEN" in ran.err
    ran = await cli("ask", "-c", file, "--bot", "nobody", "hello")
    assert ran.code == 2
    assert "assistant" in ran.err
    (tmp_path / "none.yaml").write_text("bots: {}\n")
    assert (await cli("ask", "-c", "none.yaml", "hello")).code == 2


async def test_the_manifest_of_the_slack_app_is_printed_without_a_configuration(cli: Cli):
    ran = await cli("manifest", "slack")
    assert (ran.code, ran.err) == (0, "")
    for part in ("socket_mode_enabled: true", "app_mention", "/coze", "chat:write"):
        assert part in ran.out, part


async def given_up(state_dir: Path, *ids: str) -> None:
    async with open_store("", state_dir, session_ttl=1000) as store:
        for id_ in ids:
            await store.turns.add(id_, Message(id_, Address("tg", "7"), User("1"), "a secret"))
            (lease,) = await store.turns.claim(1)
            await lease.give_up("it failed")


async def test_dead_letters_are_listed_tried_again_and_dropped(
    cli: Cli, file: str, tmp_path: Path
):
    ran = await cli("dead", "list", "-c", file)
    assert (ran.code, ran.out) == (0, "")
    await given_up(tmp_path / ".bridge", "1", "2")
    ran = await cli("dead", "list", "-c", file)
    assert ran.out == "2  tg  it failed\n1  tg  it failed\n"
    assert (await cli("dead", "retry", "1", "-c", file)).code == 0
    assert (await cli("dead", "drop", "2", "-c", file)).code == 0
    assert (await cli("dead", "list", "-c", file)).out == ""
    async with open_store("", tmp_path / ".bridge", session_ttl=1000) as store:
        assert [lease.message.id for lease in await store.turns.claim(9)] == ["1"]


@pytest.mark.parametrize("action", ["retry", "drop"])
async def test_a_dead_letter_must_be_named_and_be_there(cli: Cli, file: str, action: str):
    ran = await cli("dead", action, "-c", file)
    assert ran.code == 2
    assert "dead list" in ran.err
    ran = await cli("dead", action, "9", "-c", file)
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "unix:///nowhere/at/all.sock",
        "redis://127.0.0.1:1",
        "redis://host:port",
        "redis://127.0.0.1:99999",
        "redis://127.0.0.1:1?db=x",
    ],
)
async def test_a_store_that_cannot_be_reached_is_one_line(cli: Cli, file: str, url: str):
    ran = await cli("dead", "list", "-c", file, REDIS_URL=url)
    assert ran.code in (1, 2)
    assert len(ran.err.splitlines()) == 1


async def test_a_state_directory_that_cannot_be_written_is_one_line(cli: Cli, file: str):
    ran = await cli("run", "-c", str(SHIPPED), BRIDGE_STATE_DIR=file, **TOKENS)
    assert ran.code == 1
    assert "BRIDGE_STATE_DIR" in ran.err.splitlines()[-1]


async def test_a_port_that_is_taken_is_one_line(cli: Cli):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = await cli("run", "-c", str(SHIPPED), BRIDGE_HTTP_PORT=port, **TOKENS)
    assert ran.code == 1
    assert "BRIDGE_HTTP_PORT" in ran.err.splitlines()[-1]


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.host.invalid"])
async def test_a_host_that_is_not_ours_is_one_line(cli: Cli, host: str):
    env = {**TOKENS, "BRIDGE_HTTP_HOST": host, "BRIDGE_HTTP_PORT": "0"}
    ran = await cli("run", "-c", str(SHIPPED), **env)
    assert ran.code == 1
    assert "coze-bridge: " in ran.err.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_sandbox_runs_until_it_is_told_to_stop(start, number: signal.Signals):
    process = await start("sandbox", "--port", "0")
    async with asyncio.timeout(60):
        assert b"say hello" in await process.stdout.readline()
        process.send_signal(number)
        _, err = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in err
