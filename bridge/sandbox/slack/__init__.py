"""A simulated Slack: a workspace that is as strict as the real one, over real sockets."""

from bridge.sandbox.slack.delivery import Ack, Delivery, Envelope
from bridge.sandbox.slack.limits import SlackLimits
from bridge.sandbox.slack.model import Button, Shown
from bridge.sandbox.slack.server import Call
from bridge.sandbox.slack.simulator import SlackSimulator

__all__ = [
    "Ack",
    "Button",
    "Call",
    "Delivery",
    "Envelope",
    "Shown",
    "SlackLimits",
    "SlackSimulator",
]
