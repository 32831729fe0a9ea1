"""A simulated Coze, cloud or self-hosted, with a scripted bot and scripted faults."""

from bridge.sandbox.coze.audio import Voice
from bridge.sandbox.coze.bots import Bot, Component, Shortcut, Variable, WorkflowInfo
from bridge.sandbox.coze.chats import Asked
from bridge.sandbox.coze.faults import (
    Cut,
    Fault,
    Framing,
    HttpError,
    JsonError,
    NoResponse,
    Refuse,
    RunFails,
    Stall,
)
from bridge.sandbox.coze.feedback import Feedback
from bridge.sandbox.coze.files import File
from bridge.sandbox.coze.friendly import friendly
from bridge.sandbox.coze.gateway import Exchange
from bridge.sandbox.coze.oauth import Issued, OAuthApp
from bridge.sandbox.coze.published import Download, Fill
from bridge.sandbox.coze.script import (
    Answer,
    Attached,
    Card,
    Command,
    Noise,
    Question,
    Require,
    Script,
    Tool,
    ToolCall,
    deltas,
)
from bridge.sandbox.coze.server import CozeSimulator
from bridge.sandbox.coze.workflow_run import Interrupt, WorkflowRun
from bridge.sandbox.coze.workflow_script import (
    Ask,
    End,
    Fail,
    Node,
    Parameter,
    Ping,
    Step,
    Steps,
    Workflow,
    WorkflowCall,
    WorkflowScript,
)

__all__ = [
    "Answer",
    "Ask",
    "Asked",
    "Attached",
    "Bot",
    "Card",
    "Command",
    "Component",
    "CozeSimulator",
    "Cut",
    "Download",
    "End",
    "Exchange",
    "Fail",
    "Fault",
    "Feedback",
    "File",
    "Fill",
    "Framing",
    "HttpError",
    "Interrupt",
    "Issued",
    "JsonError",
    "NoResponse",
    "Node",
    "Noise",
    "OAuthApp",
    "Parameter",
    "Ping",
    "Question",
    "Refuse",
    "Require",
    "RunFails",
    "Script",
    "Shortcut",
    "Stall",
    "Step",
    "Steps",
    "Tool",
    "ToolCall",
    "Variable",
    "Voice",
    "Workflow",
    "WorkflowCall",
    "WorkflowInfo",
    "WorkflowRun",
    "WorkflowScript",
    "deltas",
    "friendly",
]
