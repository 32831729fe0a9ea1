"""The parts of the simulated Slack, put together."""

import contextlib

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack import payloads
from bridge.sandbox.slack.api import SCOPES
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.delivery import Courier, Envelope
from bridge.sandbox.slack.events_http import HttpDelivery
from bridge.sandbox.slack.filehost import FileHost
from bridge.sandbox.slack.limits import Limiter, SlackLimits
from bridge.sandbox.slack.model import Channel, Content, Identity, Json, SlackError
from bridge.sandbox.slack.responses import Responses
from bridge.sandbox.slack.server import Server
from bridge.sandbox.slack.socketmode import Hub
from bridge.sandbox.slack.triggers import Triggers

SLACKBOT = "USLACKBOT"


class Platform:
    """Everything behind the simulator: state, servers, and delivery over one transport."""

    def __init__(
        self,
        identity: Identity,
        limits: SlackLimits | None,
        redeliver_after: tuple[float, ...],
        events_url: str | None,
        trigger_lasts: float,
    ) -> None:
        self.identity = identity
        self.changes = Changes()
        self.lost: list[Envelope] = []
        self.courier = Courier(
            self.changes,
            redeliver_after,
            carry=self._carry,
            acknowledged=self._acknowledged,
            lost=self._give_up,
        )
        self.hub = Hub(
            identity.app_id, self.changes, ack=self.courier.ack, opened=self.courier.resume
        )
        self.http = HttpDelivery(events_url, identity.signing_secret, self.courier)
        self.triggers = Triggers(trigger_lasts)
        self.workspace = Workspace(
            identity, self.changes, self._emit, scopes=set(SCOPES), triggers=self.triggers
        )
        self.responses = Responses(self.workspace)
        self.server = Server(
            self.workspace, self.responses, Limiter(limits), self.changes, ticket=self.hub.ticket
        )
        self.files = FileHost(self.workspace, self.server.faults, self.server.note)

    def app(self) -> Starlette:
        """The web application: the Web API, response URLs, the file host and the WebSocket."""
        return Starlette(
            routes=[
                Route("/api/{method}", self.server.api, methods=["GET", "POST"]),
                Route("/response/{key}", self.server.respond, methods=["POST"]),
                Route("/files-pri/{file}/{name}", self.files.download),
                Route("/files-pri/{file}/download/{name}", self.files.download),
                Route("/upload/v1/{key}", self.files.upload, methods=["POST"]),
                WebSocketRoute("/link/", self.hub.link),
            ]
        )

    def response_url(self, channel: Channel, user: str, source: str | None = None) -> str:
        """A new URL at which the app may answer `user`."""
        return f"{self.identity.site.url}response/{self.responses.open(channel, user, source)}"

    def _emit(self, event: Json, channel: Channel) -> None:
        self.courier.send("events_api", payloads.event_callback(event, channel, self.identity))

    def _carry(self, envelope: Envelope) -> bool:
        return (self.http if self.http.url else self.hub).carry(envelope)

    def _acknowledged(self, envelope: Envelope, payload: Json | None) -> None:
        if envelope.kind == "slash_commands" and payload:
            key = envelope.payload["response_url"].rpartition("/")[2]
            with contextlib.suppress(SlackError):  # an answer that is refused is not shown
                self.responses.acknowledged(key, payload)
        if envelope.payload.get("type") == "view_submission":
            self.workspace.modals.acknowledged(envelope.payload["view"]["id"], payload)

    def _give_up(self, envelope: Envelope) -> None:
        self.lost.append(envelope)
        if envelope.payload.get("type") == "view_submission":
            self.workspace.modals.unanswered(envelope.payload["view"]["id"])
        if envelope.kind == "slash_commands":
            slow = envelope.reason in {"timeout", "http_timeout"} and not envelope.missed
            error = "operation_timeout" if slow else "dispatch_failed"
            command, user = envelope.payload["command"], envelope.payload["user_id"]
            self.workspace.post(
                self.workspace.channels[envelope.payload["channel_id"]],
                SLACKBOT,
                Content(text=f'{command} failed with the error "{error}"'),
                visible_to=user,
            )
