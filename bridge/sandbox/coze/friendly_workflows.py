"""The workflows of the sandbox: one that sums up a text, and one that asks back."""

from collections.abc import Iterator

from bridge.sandbox.coze.script import deltas
from bridge.sandbox.coze.workflow_script import (
    Ask,
    End,
    Node,
    Parameter,
    Step,
    Steps,
    Workflow,
    WorkflowCall,
)

SUMMARY = "7400000000000000001"
TRIP = "7400000000000000002"


def _summary(call: WorkflowCall) -> Iterator[Step]:
    text = str(call.parameters.get("input") or call.text)
    words = text.split()
    few = " ".join(words[:6]) + (" …" if len(words) > 6 else "")
    yield Node("Reader", deltas(f"Words: {len(words)}.\n"))
    summary = f"In short: *{few}*"
    yield Node("Writer", deltas(summary))
    yield End({"output": summary})


def _trip(call: WorkflowCall) -> Steps:
    days = call.parameters.get("days") or 3
    yield Node("Planner", deltas("Let us plan a trip. "))
    city = yield Ask("Which city would you like to see?", ("Beijing", "Paris", "Nairobi"))
    plan = f"{days} days in **{city}**:\n\n- arrive\n- look around\n- 好好吃饭\n"
    yield Node("Guide", deltas(plan))
    yield End({"output": plan, "city": city})


def friendly_workflows() -> dict[str, Workflow]:
    """They suit a run as well as a chat, where the user's message is the `input`."""
    return {
        SUMMARY: Workflow(
            _summary,
            {"input": Parameter(description="The text to sum up.")},
            name="summary",
            description="Sums up a text.",
        ),
        TRIP: Workflow(
            _trip,
            {"days": Parameter("integer", description="How long.", default_value="3")},
            {"output": Parameter(), "city": Parameter()},
            name="trip",
            description="Plans a trip, and asks where to.",
        ),
    }
