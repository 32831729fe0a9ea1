"""The simulated Coze: its paths, and what a test sees and scripts."""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from starlette.applications import Starlette
from starlette.routing import Route

from bridge.sandbox.coze.account import Account
from bridge.sandbox.coze.chats import Asked, Chats
from bridge.sandbox.coze.conversations import Conversations
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.faults import Fault, RunFails
from bridge.sandbox.coze.friendly import friendly
from bridge.sandbox.coze.friendly_workflows import friendly_workflows
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.messages import Messages
from bridge.sandbox.coze.oauth import OAuthApp
from bridge.sandbox.coze.published import Published
from bridge.sandbox.coze.questions import Reader
from bridge.sandbox.coze.script import Script
from bridge.sandbox.coze.studio import Studio
from bridge.sandbox.coze.workflow_chats import Chatflows
from bridge.sandbox.coze.workflow_run import WorkflowRun
from bridge.sandbox.coze.workflow_script import Workflow
from bridge.sandbox.coze.workflows import RUN_PATHS, Workflows

_RUNS = {"/v3/chat", "/v3/chat/submit_tool_outputs", *RUN_PATHS}
_ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class CozeSimulator(Account):
    """A Coze that knows one account, with one bot.

    `dialect` is the cloud's or that of a self-hosted Coze Studio, `answer` what the bot says,
    `pace` the seconds between two deltas. `app` is to be served; `changes` rings whenever
    anything here has changed. `workflows` can be added and replaced at any time by their ids;
    only who has `paid` may run one in the background. `workflow_runs` are all that were run.
    Answers can point at files that were given to `publish`; see `Published`. What else can be
    set and seen stands in `Account`.
    """

    def __init__(
        self,
        *,
        token: str = "pat_sandbox",  # noqa: S107 (it opens nothing but this simulator)
        bot_id: str = "7300000000000000001",
        dialect: Literal["cloud", "studio"] = "cloud",
        answer: Script | None = None,
        pace: float = 0.02,
        oauth: OAuthApp | None = None,
        workflows: Mapping[str, Workflow] | None = None,
        paid: bool = True,
    ) -> None:
        spoken = Studio() if dialect == "studio" else Cloud()
        super().__init__(spoken, token=token, bot_id=bot_id, oauth=oauth)
        self.published = Published(self.changes.notify)
        self.publish = self.published.publish
        self._conversations = Conversations(self._memory, self._dialect, bot_id)
        self._messages = Messages(self._memory, self._dialect, self.files.get)
        self._chats = self._made(answer or partial(friendly, publish=self.publish), pace)
        self.workflows = friendly_workflows() if workflows is None else dict(workflows)
        self._workflows = Workflows(
            self._memory,
            self._dialect,
            workflows=self.workflows,
            bot_id=bot_id,
            pace=pace,
            paid=paid,
            changed=self.changes.notify,
        )
        self._chatflows = Chatflows(
            self._memory, self._dialect, self._chats, self._workflows, self.changes.notify
        )
        self.workflow_runs: list[WorkflowRun] = self._workflows.runs
        self.asked: list[Asked] = self._chats.asked
        self.app = self.published.beside(Starlette(routes=self._routes()))

    @property
    def open_replies(self) -> int:
        """How many answers, of which most are streams, are being sent right now."""
        return sum(exchange.open for exchange in self.requests)

    def fail(self, path: str, fault: Fault, *, times: int = 1) -> None:
        """Let `fault` happen to the next so many requests to `path`, after those before it.

        Raises:
            ValueError: a run is to fail, but this path runs nothing.
        """
        if isinstance(fault, RunFails) and path not in _RUNS:
            raise ValueError(f"{path} runs nothing that could fail")
        self._gateway.faults[path].extend([fault] * times)

    def forget(self, conversation_id: str) -> None:
        """Let a conversation be gone, with its chats and messages."""
        del self._memory.conversations[conversation_id]

    def _made(self, answer: Script, pace: float) -> Chats:
        return Chats(
            self._memory,
            self._dialect,
            Reader(self._dialect, self.bot, self.files.get),
            bot_id=self.bot_id,
            answer=answer,
            pace=pace,
            changed=self.changes.notify,
        )

    def _routes(self) -> list[Route]:
        table: Table = [
            *self._chats.routes,
            *self._conversations.routes,
            *self._messages.routes,
            *self._workflows.routes,
            *self._chatflows.routes,
            *self._account_routes(),
        ]
        if not isinstance(self._dialect, Studio):
            table.append(("/v1/users/me", ["GET"], self._conversations.me))
        serve = self._gateway.serve
        return [
            *(Route(path, serve(path, endpoint), methods=on) for path, on, endpoint in table),
            self.published.route,
            Route("/{path:path}", serve("", None), methods=_ALL_METHODS),
        ]
