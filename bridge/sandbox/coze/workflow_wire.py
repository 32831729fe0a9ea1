"""Workflows on the wire of the cloud: events, outcomes, histories and declarations."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from bridge.sandbox.coze.calls import Result, Told
from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.workflow_run import Interrupt, Mode, Packet, WorkflowRun
from bridge.sandbox.coze.workflow_script import Ask, Parameter, Workflow

_SPACE = "7300000000000000099"
MODES: dict[Mode, int] = {"sync": 0, "stream": 1, "chat": 1, "async": 2}
_QUESTION, _INPUT = 2, 5
# In a form, a file is a string, with a number for its kind: Studio's entity/vo/canvas.go.
_ASSIST_TYPES = {
    "file": 1,
    "image": 2,
    "doc": 3,
    "code": 4,
    "ppt": 5,
    "txt": 6,
    "excel": 7,
    "audio": 8,
    "zip": 9,
    "video": 10,
    "svg": 11,
    "voice": 12,
    "time": 10000,
}

Event = tuple[str, dict[str, Any]]


class CloudWire:
    """As the documentation and the recorded bodies have it."""

    host: ClassVar = "https://www.coze.cn"
    stream_headers: ClassVar[Mapping[str, str]] = {
        "content-type": "text/event-stream; charset=utf-8"
    }
    pings: ClassVar = True
    most_resumes: ClassVar[float] = 3

    def event(self, number: int, name: str, value: dict[str, Any]) -> bytes:
        """One server-sent event."""
        data = msgspec.json.encode(value)
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, name.encode(), data)

    def debug_url(self, run: WorkflowRun) -> str:
        """The page that shows the run."""
        return (
            f"{self.host}/work_flow?execute_id={run.execute_id}&space_id={_SPACE}"
            f"&workflow_id={run.workflow_id}&execute_mode=2"
        )

    def message(self, packet: Packet) -> Event:
        """What a node says; the last of the run tells what it cost."""
        cost = {"cost": "0", "token": packet.usage["token_count"]} if packet.usage else {}
        used = {"usage": packet.usage} if packet.usage else {}
        return "Message", {
            "content": packet.content,
            "content_type": packet.node.content_type,
            **cost,
            "node_execute_uuid": packet.run_id,
            "node_id": packet.node_id,
            "node_is_finish": packet.last,
            "node_seq_id": str(packet.number),
            "node_title": packet.node.title,
            **used,
        }

    def interrupted(self, run: WorkflowRun, interrupt: Interrupt) -> list[Event]:  # noqa: ARG002
        """The question as a message, and the event that ends the stream."""
        ask = interrupt.ask
        asked: Event = (
            "Message",
            {
                "content": ask.question,
                "content_type": "text",
                "node_execute_uuid": interrupt.run_id,
                "node_id": interrupt.node_id,
                "node_is_finish": True,
                "node_seq_id": "0",
                "node_title": ask.title,
            },
        )
        waits = {"interrupt_data": self.interrupt(interrupt), "node_title": ask.title}
        return [*([asked] if ask.type == _QUESTION else []), ("Interrupt", waits)]

    def interrupt(self, interrupt: Interrupt) -> dict[str, Any]:
        """The Interrupt object."""
        ask = interrupt.ask
        wanted = {name: declared(parameter) for name, parameter in ask.parameters.items()}
        return {
            "data": self.control(interrupt),
            "event_id": interrupt.event_id,
            **({"required_parameters": wanted} if wanted else {}),
            "type": ask.type,
        }

    def control(self, interrupt: Interrupt) -> str:
        """The `data` of an Interrupt object.

        Of a question without options and of an input node it is as the examples in the
        documentation of run, resume and run_histories (docs.coze.cn/developer_guides) have it.
        There is no example with options: they are named as in Studio (see there), and their
        object is a string here, like that of the input node. Older examples have it empty.
        """
        ask = interrupt.ask
        if ask.data is not None:
            return ask.data
        if ask.type == _INPUT:
            return as_json({"content_type": "text", "content": as_json(form(ask))})
        if ask.options:
            return as_json({"content_type": "option", "content": as_json(choice(ask))})
        return as_json({"content_type": "text", "content": ask.question})

    def error(self, run: WorkflowRun, code: int, msg: str) -> Event:
        """The last event of a run that failed."""
        return "Error", {
            "debug_url": self.debug_url(run),
            "error_code": code,
            "error_message": msg,
        }

    def exception(self, fails: RunFails) -> bytes:  # noqa: ARG002
        """What stands in place of that event if the server itself is to blame, if anything."""
        return b""

    def done(self, run: WorkflowRun) -> Event:
        """The last event of a run that ended."""
        return "Done", {"debug_url": self.debug_url(run)}

    def begun(self, run: WorkflowRun) -> Told:
        """The answer to who does not wait."""
        return Told({"execute_id": run.execute_id, "debug_url": self.debug_url(run)})

    def outcome(self, run: WorkflowRun) -> Told:
        """The answer to who waited until the run ended, failed or asked."""
        told = {"debug_url": self.debug_url(run)}
        if run.status == "failed":
            return Told(told, *run.error)
        told["execute_id"] = run.execute_id
        if run.interrupt:
            return Told(told | {"interrupt_data": self.interrupt(run.interrupt)})
        return Told({"data": self.given(run), **told, "usage": run.usage})

    def given(self, run: WorkflowRun) -> str:
        """What the end node gave; a text comes wrapped."""
        if not run.end or not isinstance(run.end.output, str):
            return run.output
        wrapped = {"content_type": 1, "data": run.end.output, "original_result": None}
        return as_json(wrapped | {"type_for_model": 2})

    def history(self, run: WorkflowRun) -> Result:
        """How far the run has come."""
        trimmed = run.end is not None and run.end.trimmed
        outputs = {**({"Output": self.given(run)} if run.end else {}), **run.said}
        status = {"success": "Success", "failed": "Fail"}.get(run.status, "Running")
        shown = {
            "execute_id": run.execute_id,
            "execute_status": status,
            "bot_id": run.bot_id or "0",
            "connector_id": "1024",
            "connector_uid": run.user_id,
            "run_mode": MODES[run.mode],
            "logid": run.log_id,
            "create_time": run.created_at,
            "update_time": run.updated_at,
            "output": as_json(outputs) if outputs and not trimmed else "",
            "error_code": str(run.error[0] or ""),
            "error_message": run.error[1],
            "debug_url": self.debug_url(run),
            "usage": run.usage,
            "is_output_trimmed": trimmed,
        }
        waits = {"interrupt_data": self.interrupt(run.interrupt)} if run.interrupt else {}
        return [shown | waits]

    def info(self, workflow_id: str, workflow: Workflow, *, declarations: bool) -> Result:
        """What the workflow is, and on request what it takes and gives."""
        detail = {
            "workflow_id": workflow_id,
            "workflow_name": workflow.name,
            "description": workflow.description,
            "icon_url": "https://example.com/icon.png",
            "app_id": "0",
            "created_at": "1752060786",
            "updated_at": "1752060827",
            "creator": {"id": "2478774393250011", "name": "sandbox"},
        }
        if not declarations:
            return {"workflow_detail": detail}
        plan = "use_answer_content" if workflow.content else "return_variables"
        content = {"content": workflow.content} if workflow.content else {}
        given = {name: {"type": output.type} for name, output in workflow.outputs.items()}
        taken = {name: declared(parameter) for name, parameter in workflow.parameters.items()}
        return {
            "workflow_detail": detail,
            "input": {"parameters": taken},
            "output": {"parameters": given, "terminate_plan": plan, **content},
        }


def declared(parameter: Parameter) -> dict[str, Any]:
    """The OpenAPIParameter object."""
    inner = {name: declared(each) for name, each in parameter.properties.items()}
    return {
        "type": parameter.type,
        "required": parameter.required,
        "description": parameter.description,
        "default_value": parameter.default_value,
        **({"items": declared(parameter.items)} if parameter.items else {}),
        **({"properties": inner} if inner else {}),
    }


def form(ask: Ask) -> list[dict[str, Any]]:
    """The fields that an input node wants to have filled in."""
    return [
        {
            "type": "string" if parameter.type in _ASSIST_TYPES else parameter.type,
            "name": name,
            "required": parameter.required,
            **({"assistType": kind} if (kind := _ASSIST_TYPES.get(parameter.type)) else {}),
        }
        for name, parameter in ask.parameters.items()
    ]


def choice(ask: Ask) -> dict[str, Any]:
    """A question with its options, as Studio's nodes/qa/question_answer.go names them."""
    return {"options": [{"name": option} for option in ask.options], "question": ask.question}


def as_json(value: object) -> str:
    """JSON within JSON."""
    return msgspec.json.encode(value).decode()
