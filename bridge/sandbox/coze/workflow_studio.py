"""Workflows on the wire of Coze Studio, after its workflow_service.go and workflow.go."""

from collections.abc import Mapping
from typing import ClassVar

from bridge.sandbox.coze.calls import Result, Told
from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.refusals import OPEN_CODES, Refused, Why
from bridge.sandbox.coze.workflow_run import Interrupt, Packet, WorkflowRun
from bridge.sandbox.coze.workflow_script import Workflow
from bridge.sandbox.coze.workflow_wire import MODES, CloudWire, Event, as_json, choice, form

_INPUT = 5
_NO_INTERRUPTS = (
    "Synchronous requests do not support interruption. "
    "Please switch to asynchronous requests for interruptible operations."
)
# Its names for the states of a run have none for one that waits.
_STATES = {"running": "Running", "success": "Success", "failed": "Fail"}


class StudioWire(CloudWire):
    """As the server of Coze Studio makes it."""

    host: ClassVar = "http://127.0.0.1:8888"
    stream_headers: ClassVar[Mapping[str, str]] = {
        **CloudWire.stream_headers,
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
    }
    pings: ClassVar = False
    most_resumes: ClassVar = float("inf")

    def message(self, packet: Packet) -> Event:
        """What a node says."""
        cost = {"token": packet.usage["token_count"]} if packet.usage else {}
        return "Message", {
            "content": packet.content,
            "content_type": "text",
            "node_seq_id": str(packet.number),
            "node_id": packet.node_id,
            "node_is_finish": packet.last,
            "node_type": "End" if packet.end else "Message",
            "node_title": packet.node.title,
            **cost,
        }

    def interrupted(self, run: WorkflowRun, interrupt: Interrupt) -> list[Event]:
        """All that is asked as a message, and the event that ends the stream."""
        form_wanted = interrupt.ask.type == _INPUT
        asked = {
            "content": self.control(interrupt),
            "content_type": "text",
            "node_seq_id": "0",
            "node_id": interrupt.node_id,
            "node_is_finish": True,
            "node_type": "Input" if form_wanted else "Question",
            "node_title": "输入" if form_wanted else "问答",
        }
        waits = {
            "debug_url": self.debug_url(run),
            "interrupt_data": {
                "event_id": interrupt.event_id,
                "type": interrupt.ask.type,
                "data": self.control(interrupt),
            },
        }
        return [("Message", asked), ("Interrupt", waits)]

    def control(self, interrupt: Interrupt) -> str:
        """As nodes/qa/question_answer.go and nodes/receiver/input_receiver.go make it."""
        ask = interrupt.ask
        if ask.data is not None:
            return ask.data
        if ask.type == _INPUT:
            return as_json({"content_type": "form_schema", "content": as_json(form(ask))})
        question = {
            "type": "question",
            "content_type": "option" if ask.options else "text",
            "content": choice(ask) if ask.options else ask.question,
            "id": f"{interrupt.node_id}_0",
        }
        return as_json({"messages": [question]})

    def exception(self, fails: RunFails) -> bytes:
        """A stream that breaks off says so in plain text, and without a number."""
        if fails.shape in {"chat", "bare"}:
            return b""
        data = b"data: %s\n" % fails.msg.encode() if fails.shape == "error" else b""
        return b"event: error\n%s\n" % data

    def begun(self, run: WorkflowRun) -> Told:
        """The answer to who does not wait."""
        return self._told(execute_id=run.execute_id, debug_url=self.debug_url(run))

    def outcome(self, run: WorkflowRun) -> Told:
        """The answer to who waited until the run ended, failed or asked."""
        if run.interrupt:
            return self._told(6039, _NO_INTERRUPTS, debug_url=self.debug_url(run))
        if run.status == "failed":
            code, msg = run.error
            code = OPEN_CODES.get(code, code)
            return self._told(code, msg, debug_url=self.debug_url(run))
        return self._told(
            data=self.given(run),
            token=run.usage["token_count"],
            cost="0.00000",
            debug_url=self.debug_url(run),
            execute_id=run.execute_id,
        )

    def history(self, run: WorkflowRun) -> Result:
        """How far the run has come; its ids are numbers here."""
        text = run.end is not None and isinstance(run.end.output, str)
        shown = {
            "execute_id": int(run.execute_id),
            "execute_status": _STATES.get(run.status, "<UNSET>"),
            "bot_id": int(run.bot_id) if run.bot_id else None,
            "connector_id": 1024,
            "connector_uid": run.user_id,
            "run_mode": MODES[run.mode],
            "log_id": run.log_id,
            "create_time": run.created_at,
            "update_time": run.updated_at,
            "debug_url": self.debug_url(run),
            "input": as_json(run.parameters),
            "output": as_json({"output": run.output}) if text else run.output,
            "token": run.usage["token_count"],
            "cost": "0.00000",
            "cost_unit": None,
            "ext": None,
            "error_code": str(run.error[0] or ""),
            "error_msg": run.error[1],
        }
        return Told({"data": [shown], "BaseResp": None}, code=None)

    def info(self, workflow_id: str, workflow: Workflow, *, declarations: bool) -> Result:  # noqa: ARG002
        """How a chatflow presents itself, which is not at all unless somebody set it up."""
        if not workflow.chatflow:
            raise Refused(Why.NO_CHATFLOW, workflow_id)
        return Told({"BaseResp": None}, code=None)

    def _told(self, code: int = 0, msg: str | None = None, **fields: object) -> Told:
        """All fields of OpenAPIRunFlowResponse, also those that have no value."""
        empty = dict.fromkeys(("data", "token", "cost", "debug_url", "execute_id", "BaseResp"))
        return Told(empty | fields | {"msg": msg}, code)
