"""A simulated Slack: a workspace that is as strict as the real one, over real sockets."""

from bridge.sandbox.slack.delivery import Ack, Delivery, Envelope, schedule
from bridge.sandbox.slack.files import SharedFile, Upload
from bridge.sandbox.slack.limits import SlackLimits
from bridge.sandbox.slack.modals import View
from bridge.sandbox.slack.model import Shown
from bridge.sandbox.slack.oauth import SlackApp
from bridge.sandbox.slack.pane import Prompt
from bridge.sandbox.slack.people import Thread
from bridge.sandbox.slack.pressables import Button
from bridge.sandbox.slack.server import Call
from bridge.sandbox.slack.simulator import SlackSimulator

__all__ = [
    "Ack",
    "Button",
    "Call",
    "Delivery",
    "Envelope",
    "Prompt",
    "SharedFile",
    "Shown",
    "SlackApp",
    "SlackLimits",
    "SlackSimulator",
    "Thread",
    "Upload",
    "View",
    "schedule",
]
