"""`coze-bridge turn`: what is known of a turn, here and at Coze."""

import re
from typing import Any

import pytest
from redis.asyncio import Redis

from bridge.core.model import Run, Usage
from bridge.sandbox.coze import End, Node
from bridge.store.records import RedisRecords
from tests.cli.typed import SUM, Account, Cli
from tests.store.lanes import record

TURN = "bcdfghjk"


class Ledger:
    """A store with turns, and a configuration that names it."""

    def __init__(self, redis: Redis, url: str, account: Account) -> None:
        self.records, self.account = RedisRecords(redis), account
        self.store = {"redis_url": url}
        self.file = account.write(store=self.store)

    async def note(self, **more: Any) -> None:
        told: dict[str, Any] = {
            "bot": "assistant",
            "asked_at": 1_767_225_661.5,
            "message": "telegram:1",
        }
        await self.records.note(record(TURN, **told | more))


@pytest.fixture
async def ledger(redis: Redis, redis_server: str, account: Account) -> Ledger:
    return Ledger(redis, redis_server, account)


async def test_all_that_is_stored_of_a_turn_is_told_and_no_message(here: Cli, ledger: Ledger):
    await ledger.note(status="failed", error="Coze 4028: no more", usage=Usage(42, 30, 12))
    ran = await here("turn", "-c", ledger.file, TURN)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"turn: {TURN}",
        "message: telegram:1",
        "where: telegram, chat 7",
        "bot: assistant",
        "coze user: user",
        "asked: 2026-01-01 00:01:01 UTC",
        "status: failed",
        "tokens: 42 (30 in, 12 out)",
        "error: Coze 4028: no more",
        "at Coze: it has no run that can be looked at",
    ]


async def test_what_coze_says_of_it_now_is_told_too(here: Cli, ledger: Ledger):
    await here("ask", "-c", ledger.file, "hello")
    (asked,) = ledger.account.coze.asked
    (conversation,) = ledger.account.coze._memory.conversations
    await ledger.note(run=Run(asked.chat_id, conversation), answers=("a1", "a2"))
    ran = await here("turn", "-c", ledger.file, TURN)
    assert f"conversation_id: {conversation}\nchat_id: {asked.chat_id}\n" in ran.out
    assert "answers: a1, a2\n" in ran.out
    assert "at Coze now:\n  status: completed\n" in ran.out
    assert ran.code == 0


async def test_of_a_workflow_its_run_is_looked_at(here: Cli, ledger: Ledger):
    def script(_call):
        yield Node("Working", ("",))
        yield End({"output": "done"})

    ledger.account.offer(script, mode="async")
    bots = {
        "assistant": {
            "bot_id": ledger.account.coze.bot_id,
            "workflows": {"sum": {"workflow_id": SUM, "mode": "async"}},
        }
    }
    ledger.account.write(store=ledger.store, bots=bots)
    await here("workflow", "-c", ledger.file, "sum", "text=a tale")
    (run,) = ledger.account.coze.workflow_runs
    await ledger.note(run=Run(run.execute_id, SUM), workflow="sum")
    ran = await here("turn", "-c", ledger.file, TURN)
    assert "workflow: sum\n" in ran.out
    assert "at Coze now:\n  execute_status: Success\n" in ran.out


@pytest.mark.parametrize("typed", [TURN.upper(), f" {TURN} "])
async def test_an_id_may_be_typed_as_it_was_read(here: Cli, ledger: Ledger, typed: str):
    await ledger.note()
    assert (await here("turn", "-c", ledger.file, typed)).out.startswith(f"turn: {TURN}\n")


@pytest.mark.parametrize("typed", ["zzzzzzzz", "", "*", "a b"])
async def test_an_id_that_is_not_known_is_one_line(here: Cli, ledger: Ledger, typed: str):
    await ledger.note()
    ran = await here("turn", "-c", ledger.file, typed)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"coze-bridge: turn {typed}: not known; turns are kept for 30 days\n"


async def test_a_turn_of_a_bot_that_is_gone_is_told_as_far_as_it_is_known(
    here: Cli, ledger: Ledger
):
    await ledger.note(bot="gone", run=Run("r1", "c1"))
    ran = await here("turn", "-c", ledger.file, TURN)
    assert ran.code == 0
    assert "bot: gone\n" in ran.out
    assert ran.out.endswith("at Coze: it has no run that can be looked at\n")


@pytest.mark.parametrize("coze", [{"token": "t", "api_base": "http://127.0.0.1:1"}, {}])
async def test_what_coze_does_not_tell_is_said_below_what_is_stored(
    here: Cli, ledger: Ledger, coze: dict[str, str]
):
    await ledger.note(run=Run("r1", "c1"))
    file = ledger.account.write(store=ledger.store, coze={"api_base": ledger.account.url} | coze)
    ran = await here("turn", "-c", file, TURN)
    assert (ran.code, ran.err) == (0, "")
    stored, _, now = ran.out.partition("at Coze now:\n")
    assert "chat_id: r1" in stored
    assert re.match(r"  .*Coze", now)


async def test_a_store_that_cannot_be_reached_is_one_line(here: Cli, account: Account):
    file = account.write(store={"redis_url": "unix:///nowhere/at/all.sock"})
    ran = await here("turn", "-c", file, TURN)
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1


async def test_it_is_told_in_a_process_of_its_own_too(cli: Cli, ledger: Ledger):
    await ledger.note()
    ran = await cli("turn", "-c", ledger.file, TURN)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"turn: {TURN}\n")
