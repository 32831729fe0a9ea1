"""What commands are typed about, and what came of them."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from bridge.sandbox.coze import CozeSimulator, Parameter, Workflow, WorkflowScript

ROOT = Path(__file__).parents[2]


@dataclass
class Ran:
    code: int
    out: str
    err: str


Cli: TypeAlias = Callable[..., Awaitable[Ran]]


@dataclass
class Account:
    """An account at a simulated Coze, with one bot."""

    coze: CozeSimulator
    url: str
    file: Path

    def write(self, **sections: Any) -> str:
        """The configuration of the account, with more sections; returns its path."""
        data = {
            "coze": {"api_base": self.url, "token": self.coze.token},
            "bots": {"assistant": {"bot_id": self.coze.bot_id}},
        }
        self.file.write_text(json.dumps(data | sections))
        return str(self.file)

    def offer(self, script: WorkflowScript, *, mode: str = "stream", **inputs: Any) -> str:
        """A workflow behind the command `sum`, whose main input is `text`."""
        declared = inputs or {"text": Parameter(required=True)}
        self.coze.workflows[SUM] = Workflow(script, parameters=declared)
        flow = {"workflow_id": SUM, "parameter": "text", "mode": mode}
        bot = {"bot_id": self.coze.bot_id, "workflows": {"sum": flow}}
        return self.write(bots={"assistant": bot})


SUM = "7400000000000000009"
