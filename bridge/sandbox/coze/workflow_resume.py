"""Which run a caller means that wants to let one go on, and why it may not."""

from collections.abc import Mapping

from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.workflow_bodies import ResumeBody
from bridge.sandbox.coze.workflow_run import Execution

_STATUS_NUMBERS = {"running": 1, "success": 2, "failed": 3, "interrupted": 5}  # Studio's


def waiting(
    executions: Mapping[str, Execution], body: ResumeBody, *, streaming: bool
) -> Execution:
    """The run that waits for this; it has to be resumed in the way in which it was started.

    Raises:
        Refused: there is none.
    """
    if not (body.workflow_id and body.event_id) or body.resume_data is None:
        raise Refused(Why.PARAMETER)
    execution = executions.get(body.event_id.partition("/")[0])
    if not execution or execution.run.workflow_id != body.workflow_id:
        raise Refused(Why.NO_EXECUTION)
    run = execution.run
    if run.status in {"success", "failed"}:
        raise Refused(Why.EXECUTION_OVER)
    modes = {"stream"} if streaming else {"sync", "async"}
    if not run.interrupt or run.interrupt.event_id != body.event_id or run.mode not in modes:
        raise Refused(Why.PARAMETER)
    if run.interrupt.ask.type != body.interrupt_type:
        raise Refused(Why.PARAMETER)
    return execution


def waiting_in_studio(
    executions: Mapping[str, Execution], body: ResumeBody, *, streaming: bool
) -> Execution:
    """The same; Coze Studio looks neither at the workflow nor at the type of the interrupt.

    Raises:
        Refused: there is none.
    """
    execute_id, _, event_id = body.event_id.partition("/")
    execution = executions.get(execute_id)
    if not (execute_id.isdecimal() and event_id.isdecimal()):
        cause = f"invalid event id when stream resume: {body.event_id}"
    elif not execution:
        cause = f"workflow execution does not exist, id: {execute_id}"
    elif not execution.run.interrupt:
        status = _STATUS_NUMBERS[execution.run.status]
        what = f"workflow execution {execute_id} is not interrupted"
        cause = f"{what}, status is {status}, cannot resume"
    elif (waits := execution.run.interrupt.event_id) != body.event_id:
        actual = waits.partition("/")[2]
        cause = f"interrupt event id mismatch, expect: {event_id}, actual: {actual}"
    else:
        return execution
    raise Refused(Why.FLOW_EXECUTION, cause, streaming=streaming)
