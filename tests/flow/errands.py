"""An office with a workflow behind /sum, and what is said of it."""

from typing import Any

from bridge.core.model import Asked
from bridge.core.ports import Parameter
from bridge.core.routing import turn_id
from bridge.core.texts import say
from tests.flow.fake_workflow import FakeWorkflow
from tests.flow.office import Office

TEXT = Parameter("text", required=True, description="What to sum up")
COUNT = Parameter("count", "integer", required=True)
SCAN = Parameter("scan", "file", required=True)
CITY = Asked("Which city?", ("Rome", "Paris"), "event-1")
MONTH = Asked("Which month?", ("May", "June"), "event-2")
OUTPUT = "In short: a tale"


def office_with(*declared: Parameter, **more: Any) -> tuple[Office, FakeWorkflow]:
    """An office whose command /sum runs a workflow with these inputs."""
    flow = FakeWorkflow(*declared, **more)
    return Office(flows={"sum": flow}), flow


def question(key: str, name: str, *, about: str = "", found: str = "") -> str:
    """What the bridge says where it needs an input."""
    return "❓ " + say(key, "en", name=name, about=about or name, found=found)


def trouble(office: Office, key: str) -> str:
    """What the bridge says where the last turn failed."""
    ref = say("turn", "en", turn=turn_id(office.lease.message.id))
    return f"⚠️ {say(key, 'en')} {ref}"
