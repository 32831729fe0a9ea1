"""The simulated Coze: its paths, and what a test sees and scripts."""

from typing import Literal

from starlette.applications import Starlette
from starlette.routing import Route

from bridge.sandbox.changes import Changes
from bridge.sandbox.coze.chats import Asked, Chats
from bridge.sandbox.coze.conversations import Bot, Conversations
from bridge.sandbox.coze.dialects import Cloud, Studio
from bridge.sandbox.coze.faults import Fault, RunFails
from bridge.sandbox.coze.friendly import friendly
from bridge.sandbox.coze.gateway import Endpoint, Exchange, Gateway
from bridge.sandbox.coze.memory import Memory
from bridge.sandbox.coze.script import Script

_ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class CozeSimulator:
    """A Coze that knows one token and one bot.

    `dialect` is the cloud's or that of a self-hosted Coze Studio, `answer` what the bot says,
    `pace` the seconds between two deltas. `app` is to be served; `changes` rings whenever
    anything here has changed.
    """

    def __init__(
        self,
        *,
        token: str = "pat_sandbox",  # noqa: S107 (it opens nothing but this simulator)
        bot_id: str = "7300000000000000001",
        dialect: Literal["cloud", "studio"] = "cloud",
        answer: Script | None = None,
        pace: float = 0.02,
    ) -> None:
        self.token = token
        self.bot_id = bot_id
        self.bot = Bot()
        self.changes = Changes()
        self._dialect = Studio() if dialect == "studio" else Cloud()
        self._memory = Memory()
        self._gateway = Gateway(self._dialect, token=token, changed=self.changes.notify)
        self._conversations = Conversations(self._memory, self._dialect, bot_id, self.bot)
        self._chats = Chats(
            self._memory,
            self._dialect,
            bot_id=bot_id,
            answer=answer or friendly,
            pace=pace,
            changed=self.changes.notify,
        )
        self.asked: list[Asked] = self._chats.asked
        self.requests: list[Exchange] = self._gateway.requests
        self.app = Starlette(routes=self._routes())

    @property
    def open_replies(self) -> int:
        """How many answers, of which most are streams, are being sent right now."""
        return sum(exchange.open for exchange in self.requests)

    def fail(self, path: str, fault: Fault, *, times: int = 1) -> None:
        """Let `fault` happen to the next so many requests to `path`, after those before it.

        Raises:
            ValueError: a run is to fail, but this path runs nothing.
        """
        if isinstance(fault, RunFails) and path != "/v3/chat":
            raise ValueError(f"{path} runs nothing that could fail")
        self._gateway.faults[path].extend([fault] * times)

    def forget(self, conversation_id: str) -> None:
        """Let a conversation be gone, with its chats and messages."""
        del self._memory.conversations[conversation_id]

    def _routes(self) -> list[Route]:
        chats, conversations = self._chats, self._conversations
        lookups = self._dialect.lookup_methods
        table: list[tuple[str, list[str], Endpoint]] = [
            ("/v3/chat", ["POST"], chats.start),
            ("/v3/chat/retrieve", lookups, chats.retrieve),
            ("/v3/chat/message/list", lookups, chats.messages),
            ("/v3/chat/cancel", ["POST"], chats.cancel),
            ("/v1/conversation/create", ["POST"], conversations.create),
            ("/v1/conversation/retrieve", ["GET"], conversations.retrieve),
            ("/v1/conversations/{conversation_id}/clear", ["POST"], conversations.clear),
            ("/v1/conversation/message/list", ["POST"], conversations.messages),
            ("/v1/bots/{bot_id}", ["GET"], conversations.bot_by_path),
            ("/v1/bot/get_online_info", ["GET"], conversations.bot_by_query),
        ]
        if not isinstance(self._dialect, Studio):
            table.append(("/v1/users/me", ["GET"], conversations.me))
        serve = self._gateway.serve
        return [
            *(Route(path, serve(path, endpoint), methods=on) for path, on, endpoint in table),
            Route("/{path:path}", serve("", None), methods=_ALL_METHODS),
        ]
