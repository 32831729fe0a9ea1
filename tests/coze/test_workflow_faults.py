"""A workflow as the flow sees it, while things go wrong."""

from contextlib import aclosing

import pytest

from bridge.core.errors import BridgeError, Retryable, Unavailable, Uncertain
from bridge.core.model import ReplyEvent, Run
from bridge.coze.errors import CozeBusy, CozeDenied, CozeError, CozeRefused
from bridge.sandbox.coze import (
    Ask,
    Cut,
    End,
    Fail,
    Fault,
    HttpError,
    JsonError,
    Node,
    NoResponse,
    Parameter,
    Refuse,
    RunFails,
    Step,
)
from tests.coze.flows import (
    DIALECTS,
    FLOW,
    HISTORY,
    MODES,
    RESUME,
    RUN,
    STREAM,
    STREAM_RESUME,
    Dialect,
    Flow,
    Mode,
    flowing,
    telling,
)
from tests.coze.rig import answering, connected, folded, heard, streaming

PATHS: dict[Mode, str] = {"stream": STREAM, "blocking": RUN, "async": RUN}
EVENTS = 4  # of the stream: two of a node, one of the end, Done
everywhere = pytest.mark.parametrize("dialect", DIALECTS)
anyhow = pytest.mark.parametrize("mode", MODES)


async def failing(flow: Flow) -> tuple[list[ReplyEvent], BridgeError]:
    """What was said until it failed, and why it did."""
    events: list[ReplyEvent] = []
    try:
        async with aclosing(flow.workflow().run("ada", {"text": "Paris"})) as source:
            async for event in source:
                events.append(event)  # noqa: PERF401 - which keeps them when it raises
    except BridgeError as error:
        return events, error
    pytest.fail("it did not fail")


@everywhere
@pytest.mark.parametrize("after", range(EVENTS))
@pytest.mark.parametrize("how", [{}, {"mid_event": True}, {"clean": True}], ids=str)
async def test_a_stream_that_breaks_off_is_told_and_never_begun_again(
    dialect: Dialect, after: int, how: dict[str, bool]
) -> None:
    async with flowing(telling, dialect=dialect) as flow:
        flow.rig.coze.fail(STREAM, Cut(after, **how))
        events, error = await failing(flow)
        assert isinstance(error, Uncertain | CozeBusy)
        assert "Let us plan.".startswith(folded(events).text[:12])
        assert len(flow.made(STREAM)) == 1
        assert not flow.made(RUN)


@anyhow
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (NoResponse(), Uncertain),
        (Refuse(), Uncertain),
        (HttpError(502), CozeBusy),
        (HttpError(429), CozeBusy),
        (JsonError(5000, "sorry"), CozeBusy),
        (JsonError(4000, "no"), CozeRefused),
        (JsonError(4100, "no", 401), CozeDenied),
        (JsonError(4101, "no"), CozeDenied),
        (JsonError(4200, "no"), CozeRefused),
        (HttpError(200, "<html>Sign in</html>"), CozeError),
    ],
    ids=repr,
)
async def test_a_workflow_is_begun_once_by_the_client(
    mode: Mode, fault: Fault, kind: type[Exception]
) -> None:
    async with flowing(telling, mode=mode) as flow:
        flow.rig.coze.fail(PATHS[mode], fault)
        events, error = await failing(flow)
        assert isinstance(error, kind)
        assert not events
        assert len(flow.rig.coze.requests) == 1


@pytest.mark.parametrize("mode", ["stream", "blocking"])
@pytest.mark.parametrize(
    "fault", [NoResponse(), Refuse(), HttpError(502), JsonError(4000, "no")], ids=repr
)
async def test_an_answer_is_given_once_by_the_client(mode: Mode, fault: Fault) -> None:
    async with flowing(lambda _: [Ask("Which city?")], mode=mode) as flow:
        question = await flow.asked()
        path = STREAM_RESUME if mode == "stream" else RESUME
        flow.rig.coze.fail(path, fault)
        with pytest.raises((Retryable, CozeRefused)):
            await flow.answer(question, "Paris")
        assert len(flow.made(path)) == 1


@anyhow
async def test_where_nobody_listens_nothing_was_begun(mode: Mode) -> None:
    async with (
        flowing(telling, mode=mode) as flow,
        connected("http://127.0.0.1:9", "pat_sandbox") as client,
    ):
        with pytest.raises(Unavailable):
            await heard(flow.workflow(client=client).run("ada", {}))


@everywhere
@anyhow
@pytest.mark.parametrize(("code", "kind"), [(720701013, CozeRefused), (5000, CozeBusy)])
async def test_a_run_that_fails_says_why(
    mode: Mode, dialect: Dialect, code: int, kind: type[Exception]
) -> None:
    script: list[Step] = [Node("Planner", ("Let us ", "plan.")), Fail(code, "out of paper")]
    async with flowing(lambda _: script, mode=mode, dialect=dialect) as flow:
        events, error = await failing(flow)
    assert isinstance(error, kind)
    assert isinstance(error, CozeError)
    assert error.code == code
    assert "out of paper" in str(error)
    assert error.log_id
    if mode == "stream":
        assert folded(events).text == "Let us plan."


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        ("Error", {"error_code": 4000, "error_message": "oops"}, 4000, "oops"),
        ("Error", {"error_code": "4000", "error_message": "oops"}, 4000, "oops"),
        ("Error", {"error_code": 6023, "error_message": ""}, 6023, "HTTP 200"),
        ("error", {"code": 4028, "msg": "oops"}, 4028, "oops"),
        ("error", {"code": "720702085", "msg": "oops"}, 720702085, "oops"),
        ("Error", {}, 5000, "{}"),
        ("ERROR", "oops", 5000, "oops"),
        ("error", None, 5000, "null"),
    ],
)
async def test_an_error_is_understood_in_each_of_its_shapes(
    name: str, data: object, code: int, words: str
) -> None:
    async with flowing(telling) as flow:
        said = ("Message", {"content": "Half", "node_is_finish": False, "node_title": "A"})
        flow.rig.coze.fail(STREAM, streaming(said, (name, data)))
        events, error = await failing(flow)
    assert isinstance(error, CozeError)
    assert error.code == code
    assert words in str(error)
    assert folded(events).text == "Half"


@pytest.mark.parametrize(
    "after", ['{"code":4013,"msg":"busy"}', '{"code":"4013","msg":"busy"}\n\n']
)
async def test_an_error_may_stand_bare_behind_the_events(after: str) -> None:
    async with flowing(telling) as flow:
        said = ("Message", {"content": "Half", "node_is_finish": False, "node_title": "A"})
        flow.rig.coze.fail(STREAM, streaming(said, after=after))
        _, error = await failing(flow)
    assert isinstance(error, CozeBusy)
    assert error.code == 4013


@pytest.mark.parametrize("shape", ["chat", "error", "empty error"])
async def test_coze_studio_tells_of_its_failures_in_plain_text(shape: str) -> None:
    async with flowing(telling, dialect="studio") as flow:
        fails = RunFails(5000, "event interval error", after=1, shape=shape)  # type: ignore[arg-type]
        flow.rig.coze.fail(STREAM, fails)
        events, error = await failing(flow)
    assert isinstance(error, CozeBusy)
    assert shape == "empty error" or "event interval error" in str(error)
    assert folded(events).text == "Let us "


@everywhere
@anyhow
async def test_a_workflow_that_is_not_published_is_the_operators_matter(
    mode: Mode, dialect: Dialect
) -> None:
    async with flowing(telling, mode=mode, dialect=dialect, published=False) as flow:
        _, error = await failing(flow)
    assert error.say == "error.setup"
    assert "ublish" in str(error)


@everywhere
@anyhow
async def test_a_workflow_that_is_not_there_is_the_operators_matter(
    mode: Mode, dialect: Dialect
) -> None:
    async with flowing(telling, mode=mode, dialect=dialect) as flow:
        flow.rig.coze.workflows.clear()
        _, error = await failing(flow)
    assert error.say == "error.setup"


@everywhere
@anyhow
async def test_an_input_that_is_missing_is_refused(mode: Mode, dialect: Dialect) -> None:
    needs = {"city": Parameter(required=True)}
    async with flowing(telling, mode=mode, dialect=dialect, parameters=needs) as flow:
        _, error = await failing(flow)
    assert isinstance(error, CozeRefused)
    assert error.code == 4000 or dialect == "studio"


async def test_who_has_not_paid_may_run_nothing_in_the_background() -> None:
    async with flowing(telling, mode="async", paid=False) as flow:
        _, error = await failing(flow)
    assert isinstance(error, CozeRefused)
    assert (error.code, error.say) == (6003, "error.setup")
    assert "mode: stream" in str(error)


@pytest.mark.parametrize("told", [{}, {"execute_id": ""}, {"execute_id": None}])
async def test_a_run_in_the_background_without_an_id_cannot_be_followed(
    told: dict[str, object],
) -> None:
    async with flowing(telling, mode="async") as flow:
        flow.rig.coze.fail(RUN, answering(None, **told))
        events, error = await failing(flow)
    assert not events
    assert "without an id" in str(error)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"execute_status": "Fail", "error_code": "720702085", "error_message": "x"}, 720702085),
        ({"execute_status": "Fail", "error_code": "", "error_message": ""}, 0),
        ({"execute_status": "Fail"}, 0),
        ({"execute_status": "Cancel"}, 0),
        ({"execute_status": "FAILED", "error_code": 4028}, 4028),
    ],
    ids=str,
)
async def test_a_record_of_a_failure_is_understood(record: dict[str, object], code: int) -> None:
    async with flowing(telling, mode="async") as flow:
        flow.rig.coze.fail(HISTORY, answering([record | {"logid": "log-7"}]))
        _, error = await failing(flow)
    assert isinstance(error, CozeRefused)
    assert (error.code, error.log_id) == (code, "log-7")


@pytest.mark.parametrize("fault", [HttpError(502), JsonError(5000, "sorry"), NoResponse()])
async def test_a_run_is_not_looked_at_for_ever(fault: Fault) -> None:
    async with flowing(telling, mode="async") as flow:
        flow.rig.coze.fail(HISTORY, fault, times=999)
        _, error = await failing(flow)
        assert isinstance(error, Retryable)
        assert len(flow.rig.coze.requests) < 100


@pytest.mark.parametrize(("dialect", "code"), [("cloud", 4314), ("studio", None)])
async def test_a_run_without_a_record_is_not_waited_for(
    dialect: Dialect, code: int | None
) -> None:
    async with flowing(telling, mode="async", dialect=dialect) as flow:
        with pytest.raises(CozeRefused) as error:
            await heard(flow.workflow().pick_up(Run("7300000000000000009", FLOW)))
    assert code is None or (error.value.code, error.value.say) == (code, "error.broken_off")


async def test_an_output_is_whole_though_the_stream_breaks_behind_it() -> None:
    async with flowing(lambda _: [End({"output": "x"})]) as flow:
        flow.rig.coze.fail(STREAM, Cut(2))
        assert folded(await flow.run()).text == "x"
