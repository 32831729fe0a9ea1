"""`python -m bridge ask` as it is typed: what it prints and how it ends."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.sandbox.coze import Answer, CozeSimulator, JsonError, Question
from bridge.wire.serve import serve

ROOT = Path(__file__).parents[3]


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass
class Terminal:
    """A terminal in an empty folder, with an environment."""

    where: Path
    coze: CozeSimulator
    env: dict[str, str]

    async def start(self, *args: str) -> asyncio.subprocess.Process:
        command = (sys.executable, "-m", "bridge", *args, "-c", str(ROOT / "config/bridge.yaml"))
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=self.where,
            env=self.env,
            stdout=pipe,
            stderr=pipe,
            # Tests that run in the background of a shell hand down that it is to be ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    async def type(self, *args: str) -> Ended:
        process = await self.start(*args)
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())


def echo(question: Question) -> str:
    return f"You said {question.text}, turn {question.turn}"


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    coze = CozeSimulator(pace=0.0, answer=echo)
    async with serve(coze.app) as url:
        env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        env |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COZE_API_BASE": url}
        env |= {"COZE_API_TOKEN": coze.token, "COZE_BOT_ID": coze.bot_id}
        yield Terminal(tmp_path, coze, env)


async def test_a_question_is_answered(terminal: Terminal):
    ended = await terminal.type("ask", "你好")
    assert (ended.code, ended.out) == (0, "You said 你好, turn 1\n")
    assert re.fullmatch(r"conversation_id: \d+\ntokens: \d+ \(\d+ in, \d+ out\)\n", ended.err)


async def test_a_conversation_goes_on_also_when_coze_is_busy(terminal: Terminal):
    first = await terminal.type("ask", "one")
    [conversation] = re.findall(r"conversation_id: (\d+)", first.err)
    terminal.coze.fail("/v3/chat", JsonError(4013, "rate limited"))
    second = await terminal.type("ask", "--conversation", conversation, "two")
    assert (second.code, second.out) == (0, "You said two, turn 2\n")
    assert f"conversation_id: {conversation}" in second.err


async def test_without_a_stream_the_answer_is_the_same(terminal: Terminal):
    ended = await terminal.type("ask", "--no-stream", "hello")
    assert (ended.code, ended.out) == (0, "You said hello, turn 1\n")
    assert terminal.coze.asked[0].body["stream"] is False


async def test_a_refusal_ends_with_one(terminal: Terminal):
    terminal.env["COZE_API_TOKEN"] = "pat_wrong"
    ended = await terminal.type("ask", "hello")
    assert (ended.code, ended.out) == (1, "")
    assert "operator" in ended.err
    assert "Traceback" not in ended.err
    assert "pat_wrong" not in ended.err


@pytest.mark.parametrize(
    ("args", "unset", "named"),
    [
        (("ask", "hello"), "COZE_API_TOKEN", "COZE_API_TOKEN"),
        (("ask", "hello"), "COZE_BOT_ID", "COZE_BOT_ID"),
        (("ask", "--bot", "nobody", "hello"), "", "expected one of assistant"),
        (("ask",), "", "TEXT"),
    ],
)
async def test_a_mistake_ends_with_two_and_one_line(
    terminal: Terminal, args: tuple[str, ...], unset: str, named: str
):
    terminal.env.pop(unset, None)
    ended = await terminal.type(*args)
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err
    assert "Traceback" not in ended.err


async def test_interrupted_it_stops_the_run_and_ends_with_one(terminal: Terminal):
    gate = asyncio.Event()
    terminal.coze._chats._answer = lambda _: Answer((("one ", "two"),), gate=gate, gate_at=1)
    process = await terminal.start("ask", "hello")
    assert process.stdout
    assert await process.stdout.readexactly(4) == b"one "
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert process.returncode == 1
    assert b"two" not in out
    assert b"Traceback" not in err
    assert "/v3/chat/cancel" in [exchange.path for exchange in terminal.coze.requests]
