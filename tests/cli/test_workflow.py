"""`coze-bridge workflow`: its output on standard output, all else on standard error."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.coze import workflows as workflows_module
from bridge.sandbox.coze import Ask, End, Fail, JsonError, Node, Parameter, WorkflowCall
from bridge.sandbox.coze.workflow_script import Step, Steps
from tests.cli.typed import SUM, Account, Cli

DECLARED: dict[str, Any] = {
    "text": Parameter(required=True),
    "count": Parameter("integer"),
    "loud": Parameter("boolean"),
}


def summed_up(call: WorkflowCall) -> Iterator[Step]:
    yield Node("Reading", ("In short: ", str(call.parameters["text"])))
    yield End("", usage=(20, 3))


def told(call: WorkflowCall) -> Iterator[Step]:
    """Its inputs, as they arrived."""
    yield End({"output": repr(dict(sorted(call.parameters.items())))})


def asks(call: WorkflowCall) -> Steps:
    city = yield Ask("Which city?", options=("Rome", "Paris"))
    month = yield Ask("Which month?")
    yield End({"output": f"{call.parameters['text']} in {city} in {month}"})


async def test_a_workflow_runs_by_its_command(here: Cli, account: Account):
    file = account.offer(summed_up)
    ran = await here("workflow", "-c", file, "sum", "a long tale")
    assert (ran.code, ran.out) == (0, "In short: a long tale\n")
    assert ran.err.splitlines()[-1] == "tokens: 23 (20 in, 3 out)"
    (run,) = account.coze.workflow_runs
    assert (run.workflow_id, run.bot_id) == (SUM, account.coze.bot_id)
    assert run.ext["user_id"]


async def test_a_workflow_runs_by_its_id(here: Cli, account: Account):
    account.offer(summed_up)
    ran = await here("workflow", "-c", account.write(), SUM, "text=a tale")
    assert (ran.code, ran.out) == (0, "In short: a tale\n")
    assert account.coze.workflow_runs[0].bot_id == account.coze.bot_id


@pytest.mark.parametrize(
    ("typed", "inputs"),
    [
        (("a tale",), "{'text': 'a tale'}"),
        (("text=a long tale", "count=3"), "{'count': 3, 'text': 'a long tale'}"),
        (("a tale", "loud=yes", "count=1,000"), "{'count': 1000, 'loud': True, 'text': 'a tale'}"),
        (("a=b",), "{'text': 'a=b'}"),
        (("text=", "text=x=y"), "{'text': 'x=y'}"),
    ],
)
async def test_inputs_are_typed_by_name_or_are_the_main_one(
    here: Cli, account: Account, typed: tuple[str, ...], inputs: str
):
    file = account.offer(told, **DECLARED)
    ran = await here("workflow", "-c", file, "sum", *typed)
    assert (ran.code, ran.out.strip()) == (0, inputs)


async def test_what_it_asks_is_answered_on_standard_input(here: Cli, account: Account):
    file = account.offer(asks, mode="blocking")
    ran = await here("workflow", "-c", file, "sum", "Spring", stdin="2\nMay\n")
    assert (ran.code, ran.out) == (0, "Spring in Paris in May\n")
    assert ran.err.startswith("\n? Which city?\n  1. Rome\n  2. Paris\n> \n? Which month?\n> ")
    (run,) = account.coze.workflow_runs
    assert run.resumed == ["Paris", "May"]


async def test_what_it_says_before_it_asks_has_a_line_of_its_own(here: Cli, account: Account):
    file = account.offer(asks)
    ran = await here("workflow", "-c", file, "sum", "Spring", stdin="2\nMay\n")
    assert ran.code == 0
    assert ran.out.splitlines() == ["Which city?", "Which month?", "Spring in Paris in May"]
    assert "  1. Rome\n  2. Paris\n> " in ran.err
    (run,) = account.coze.workflow_runs
    assert run.resumed == ["Paris", "May"]


@pytest.mark.parametrize("answer", ["Oslo", "3", "0", "-1", " Paris "])
async def test_an_answer_may_be_in_words(here: Cli, account: Account, answer: str):
    file = account.offer(asks)
    ran = await here("workflow", "-c", file, "sum", "Spring", stdin=f"{answer}\n7\n")
    assert ran.out.endswith(f"Spring in {answer.strip()} in 7\n")


@pytest.mark.parametrize("stdin", ["", "1\n"])
async def test_a_question_that_nobody_answers_ends_it(here: Cli, account: Account, stdin: str):
    file = account.offer(asks)
    ran = await here("workflow", "-c", file, "sum", "Spring", stdin=stdin)
    assert ran.code == 1
    assert "Spring" not in ran.out
    assert "nobody to give one" in ran.err


async def test_in_a_terminal_a_question_is_there_before_it_is_answered(start, account: Account):
    process = await start("workflow", "-c", account.offer(asks), "sum", "Spring")
    async with asyncio.timeout(60):
        assert await process.stderr.readuntil(b"2. Paris\n> ")
        process.stdin.write(b"1\n")
        await process.stderr.readuntil(b"> ")
        out, err = await process.communicate(b"May\n")
    assert process.returncode == 0
    assert out.endswith(b"Spring in Rome in May\n")
    assert b"Traceback" not in err


async def test_without_a_stream_the_output_is_the_same(here: Cli, account: Account):
    file = account.offer(told, **DECLARED)
    ran = await here("workflow", "-c", file, "--no-stream", "sum", "a tale")
    assert (ran.code, ran.out.strip()) == (0, "{'text': 'a tale'}")
    assert account.coze.workflow_runs[0].mode != "stream"


async def test_an_asynchronous_run_is_waited_for(
    here: Cli, account: Account, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workflows_module, "POLLS", (0.01, 0.05))
    file = account.offer(told, mode="async", **DECLARED)
    ran = await here("workflow", "-c", file, "sum", "a tale")
    assert (ran.code, ran.out.strip()) == (0, "{'text': 'a tale'}")


async def test_a_workflow_that_fails_keeps_what_it_said_and_ends_with_one(
    here: Cli, account: Account
):
    def half(_call: WorkflowCall) -> Iterator[Step]:
        yield Node("Speaking", ("half of ", "it"))
        yield Fail()

    ran = await here("workflow", "-c", account.offer(half), "sum", "a tale")
    assert ran.code == 1
    assert ran.out.startswith("half of it")
    assert "tokens" not in ran.err
    assert len(ran.err.strip().splitlines()) >= 2


async def test_what_coze_refuses_is_told_in_its_words(here: Cli, account: Account):
    file = account.offer(summed_up)
    account.coze.fail("/v1/workflow/stream_run", JsonError(4200, "not published"))
    ran = await here("workflow", "-c", file, "sum", "a tale")
    assert (ran.code, ran.out) == (1, "")
    assert "not published" in ran.err
    assert "publish the workflow" in ran.err


async def test_a_workflow_that_coze_does_not_know_is_told(here: Cli, account: Account):
    ran = await here("workflow", "-c", account.write(), "7400000000000000999")
    assert (ran.code, ran.out) == (1, "")
    assert "Coze" in ran.err


async def test_a_name_that_nobody_knows_is_one_line_with_those_that_are_known(
    here: Cli, account: Account
):
    ran = await here("workflow", "-c", account.offer(summed_up), "summ")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == 'workflow: found "summ", expected one of sum, or an id; name one of them\n'


async def test_where_no_name_is_known_an_id_is_expected(here: Cli, account: Account):
    ran = await here("workflow", "-c", account.write(), "sum")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == 'workflow: found "sum", expected the id of a workflow; name one of them\n'


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ((), "text: missing; add text=VALUE (string)"),
        (("count=3",), "text: missing; add text=VALUE (string)"),
        (("text=",), "text: missing; add text=VALUE (string)"),
        (("a tale", "count=many"), "count: found many, expected integer"),
        (("a tale", "loud=maybe"), "loud: found maybe, expected boolean"),
    ],
)
async def test_an_input_that_is_missing_or_wrong_is_named_and_nothing_runs(
    here: Cli, account: Account, typed: tuple[str, ...], says: str
):
    file = account.offer(told, **DECLARED)
    ran = await here("workflow", "-c", file, "sum", *typed)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1] == says
    assert account.coze.workflow_runs == []


async def test_to_run_a_workflow_needs_a_token(here: Cli, account: Account):
    file = account.write(coze={"api_base": account.url})
    ran = await here("workflow", "-c", file, SUM)
    assert (ran.code, ran.out) == (2, "")
    assert "COZE_API_TOKEN" in ran.err
    assert len(ran.err.splitlines()) == 1


async def test_a_coze_that_is_away_is_told(here: Cli, account: Account):
    file = account.write(coze={"api_base": "http://127.0.0.1:1", "token": "t"})
    ran = await here("workflow", "-c", file, SUM, "text=a tale")
    assert (ran.code, ran.out) == (1, "")
    assert "cannot be reached" in ran.err
