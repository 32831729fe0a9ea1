"""Socket Mode: single-use tickets, up to ten sockets, each payload to one of them."""

import asyncio
import contextlib
import itertools
import json
import secrets
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack.delivery import Envelope
from bridge.sandbox.slack.model import Json

MAX_CONNECTIONS = 10
GRACE = 10.0  # seconds between `disconnect` and the end of the socket
HOST = "applink-sandbox"


class Connection:
    """One open socket, written to by its own task."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.deaf = False
        self.mute = False
        self.leaving = False
        self._outbox: asyncio.Queue[Json | None] = asyncio.Queue()

    def send(self, frame: Json) -> None:
        """Queue a frame."""
        self._outbox.put_nowait(frame)

    def close(self) -> None:
        """Close the socket once everything queued is written."""
        self._outbox.put_nowait(None)

    async def write(self) -> None:
        """Write what is queued until `close`."""
        # The app may go first: what is then unwritten is redelivered elsewhere.
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while (frame := await self._outbox.get()) is not None:
                await self.socket.send_json(frame)
            await self.socket.close()


class Hub:
    """All sockets of the app; acknowledgements go to `ack`, `opened` is told of a new socket."""

    def __init__(
        self,
        app_id: str,
        changes: Changes,
        *,
        ack: Callable[[str, Json | None], None],
        opened: Callable[[], None],
    ) -> None:
        self.connections: list[Connection] = []
        self._app_id = app_id
        self._changes = changes
        self._ack = ack
        self._opened = opened
        self.refused: list[str] = []  # tickets
        self._tickets: set[str] = set()
        self._refusals = 0
        self._turn = itertools.count()

    def ticket(self) -> str:
        """A ticket for one handshake."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    def refuse(self, handshakes: int) -> None:
        """Burn the tickets of the next so many handshakes instead of letting them in."""
        self._refusals += handshakes

    def carry(self, envelope: Envelope) -> bool:
        """Give the envelope to the next socket that hears; False when there is none."""
        listening = [each for each in self.connections if not (each.leaving or each.deaf)]
        if not listening:
            return False
        connection = listening[next(self._turn) % len(listening)]
        frame: Json = {
            "envelope_id": envelope.id,
            "payload": envelope.payload,
            "type": envelope.kind,
            "accepts_response_payload": envelope.kind != "events_api",
        }
        if envelope.kind == "events_api":
            frame |= {"retry_attempt": envelope.attempt, "retry_reason": envelope.reason}
        if not connection.mute:
            connection.send(frame)
        return True

    def disconnect(self, reason: str) -> None:
        """Ask every socket to reconnect; it gets nothing more and is closed after a grace."""
        for connection in self.connections:
            self._dismiss(connection, reason, GRACE)

    def sever(self) -> None:
        """Close every socket without a word."""
        for connection in self.connections:
            connection.leaving = True
            connection.close()

    def mute(self, sockets: int) -> None:
        """Let the oldest sockets swallow what they are given, though they answer pings."""
        for connection in self.connections[:sockets]:
            connection.mute = True

    def set_deaf(self, *, deaf: bool) -> None:
        """Make every socket that is open now deaf, or let it hear again."""
        for connection in self.connections:
            connection.deaf = deaf
        if not deaf:
            self._opened()

    def _dismiss(self, connection: Connection, reason: str, grace: float) -> None:
        connection.leaving = True
        connection.send({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})
        asyncio.get_running_loop().call_later(grace, connection.close)

    async def link(self, socket: WebSocket) -> None:
        """Serve one WebSocket: ticket, hello, envelopes out, acknowledgements in."""
        ticket = socket.query_params.get("ticket", "")
        known = ticket in self._tickets
        self._tickets.discard(ticket)
        if not known or self._refused():
            self.refused.append(ticket)
            self._changes.notify()
            await socket.close()  # before accept: the handshake is answered with 403
            return
        await socket.accept()
        connection = Connection(socket)
        writing = asyncio.create_task(connection.write())
        self._admit(connection)
        try:
            async for frame in socket.iter_text():
                self._receive(frame)
        finally:
            self.connections.remove(connection)
            self._changes.notify()
            writing.cancel()

    def _refused(self) -> bool:
        refused = self._refusals > 0
        self._refusals -= refused
        return refused

    def _admit(self, connection: Connection) -> None:
        self.connections.append(connection)
        self._changes.notify()
        if len(self.connections) > MAX_CONNECTIONS:
            self._dismiss(connection, "too_many_websockets", 0)
            return
        connection.send(
            {
                "type": "hello",
                "num_connections": len(self.connections),
                "debug_info": {
                    "host": HOST,
                    "build_number": 1,
                    "approximate_connection_time": 18060,
                },
                "connection_info": {"app_id": self._app_id},
            }
        )
        self._opened()

    def _receive(self, frame: str) -> None:
        try:
            answer = json.loads(frame)
        except ValueError:
            return
        if isinstance(answer, dict) and isinstance(answer.get("envelope_id"), str):
            self._ack(answer["envelope_id"], answer.get("payload") or None)
