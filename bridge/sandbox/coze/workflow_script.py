"""What a simulated workflow is given, and what its nodes say, ask and end with."""

import asyncio
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Parameter:
    """An input or output, as Coze declares it; `items` is what an array holds."""

    type: str = "string"
    required: bool = False
    description: str = ""
    default_value: str = ""
    items: "Parameter | None" = None
    properties: Mapping[str, "Parameter"] = field(default_factory=dict)


@dataclass(frozen=True)
class WorkflowCall:
    """One run as its script sees it.

    `parameters` are converted to their declared types. `text`, `conversation_id` and
    `history`, which holds earlier (role, text), oldest first, are those of a chatflow.
    """

    workflow_id: str
    execute_id: str
    parameters: Mapping[str, Any]
    user_id: str
    bot_id: str = ""
    app_id: str = ""
    text: str = ""
    conversation_id: str = ""
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Node:
    """A node runs; each of its `deltas` is one event of a stream.

    `pace` is in seconds a delta; `pauses` adds seconds before the deltas of these numbers, and
    `gate` is waited for before delta `gate_at`, or at the end of the node if it has fewer.
    """

    title: str
    deltas: tuple[str, ...] = ()
    content_type: str = "text"
    pace: float | None = None
    pauses: Mapping[int, float] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    gate_at: int = 0


@dataclass(frozen=True)
class Ask:
    """The workflow waits for its caller, whose answer the script gets: `answer = yield Ask(…)`.

    `type` is 2 for a question, 5 for an input node, which wants `parameters`, 6 for a plugin
    of the client and 7 for one that has to be authorised. `data` is the JSON of the event
    where it is not to be made from the rest.
    """

    question: str = ""
    options: tuple[str, ...] = ()
    title: str = "问答"
    type: int = 2
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    data: str | None = None


@dataclass(frozen=True)
class Fail:
    """The run fails here."""

    code: int = 720701013
    msg: str = "Workflow execution failure"


@dataclass(frozen=True)
class Ping:
    """The cloud shows that it is still there."""


@dataclass(frozen=True)
class End:
    """The last node: variables, or a text that is streamed.

    `usage` counts tokens in and out. `trimmed` says that the output was too large to be kept.
    """

    output: Mapping[str, Any] | str
    usage: tuple[int, int] | None = None
    trimmed: bool = False
    title: str = "End"


Step: TypeAlias = Node | Ask | Fail | Ping | End
Steps: TypeAlias = Generator[Step, str, None]  # of a script that asks
WorkflowScript: TypeAlias = Callable[[WorkflowCall], Iterable[Step]]


@dataclass(frozen=True)
class Workflow:
    """A workflow: what it takes, gives and does. Without an `End` it ends with no output.

    `content` is the declared text of its end node, such as "{{output}}", where that gives a
    text instead of variables.
    """

    script: WorkflowScript
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    outputs: Mapping[str, Parameter] = field(default_factory=lambda: {"output": Parameter()})
    name: str = "sandbox_workflow"
    description: str = "A simulated workflow."
    content: str = ""
    published: bool = True
    chatflow: bool = False
